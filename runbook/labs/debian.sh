# What every lab's Debian has in common, box or image; runs as root inside of it, before the script
# of its kind. Both are one text for the shell.
set -eu

# One like the other on every machine: nothing of the building machine stays, and each makes its
# own identity when it starts for the first time.
: >/etc/machine-id
rm -f /var/lib/apt/lists/*_* /etc/apt/apt.conf.d/99mmdebstrap

# A lab's disk may lose its last seconds; waiting for it at every package may not cost minutes.
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
# The timers of apt would take its lock while a step installs something.
mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    getty@tty1.service systemd-pstore.service
