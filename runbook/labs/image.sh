# Turn an installed system into a host that boots in a container; runs as root inside of it.
set -eu

# One host like the other on every machine: nothing of the building machine stays.
: >/etc/machine-id
# An engine that builds the image holds some of these files; it leaves them out itself.
for file in /etc/hostname /etc/hosts /etc/resolv.conf /etc/apt/apt.conf.d/99mmdebstrap; do
    rm -f "$file" 2>/dev/null || :
done
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin

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

# What would reach through to the machine's own kernel and disks, or needs a console.
# The timers of apt would take its lock while a step installs something.
mask() {
    for unit; do ln -sf /dev/null "/etc/systemd/system/$unit"; done
}
mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    dev-hugepages.mount sys-kernel-config.mount sys-kernel-debug.mount \
    sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount \
    systemd-binfmt.service systemd-modules-load.service systemd-sysctl.service \
    systemd-udevd.service systemd-udev-trigger.service systemd-pstore.service \
    systemd-journald-audit.socket systemd-networkd.service systemd-resolved.service \
    console-getty.service getty.target getty@tty1.service

# The machine's kernel messages are not the host's.
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nReadKMsg=no\n' >/etc/systemd/journald.conf.d/lab.conf
