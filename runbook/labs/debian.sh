# Common setup of the Debian hosts of a lab. Runs as root in the new system; image.sh or box.sh is
# appended to it.
set -eu

# Leave nothing of the build machine behind; each host gets its identity at its first boot.
: >/etc/machine-id
rm -f /var/lib/apt/lists/*_* /etc/apt/apt.conf.d/99mmdebstrap

# Losing the last writes of a lab's disk is acceptable; a sync for every package takes minutes.
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/lab
cat >>/etc/dpkg/dpkg.cfg.d/lab <<'END'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
END
echo 'Acquire::Languages "none";' >/etc/apt/apt.conf.d/90lab

mask() {
    for unit; do ln -sf /dev/null "/etc/systemd/system/$unit"; done
}
# The apt timers would hold its lock while a step installs packages.
mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    getty@tty1.service systemd-pstore.service
