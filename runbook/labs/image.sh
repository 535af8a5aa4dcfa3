# Turn an installed system into a host that boots in a container; runs after debian.sh.

# An engine that builds the image holds some of these files; it leaves them out itself.
for file in /etc/hostname /etc/hosts /etc/resolv.conf; do
    rm -f "$file" 2>/dev/null || :
done
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin

# What would reach through to the machine's own kernel and disks, or needs a console.
mask dev-hugepages.mount sys-kernel-config.mount sys-kernel-debug.mount \
    sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount \
    systemd-binfmt.service systemd-modules-load.service systemd-sysctl.service \
    systemd-udevd.service systemd-udev-trigger.service \
    systemd-journald-audit.socket systemd-networkd.service systemd-resolved.service \
    console-getty.service getty.target

# The machine's kernel messages are not the host's.
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nReadKMsg=no\n' >/etc/systemd/journald.conf.d/lab.conf
