# Prepare an installed system to boot in a container. Appended to debian.sh.

# While an engine builds the image, it mounts over some of these and leaves them out itself.
for file in /etc/hostname /etc/hosts /etc/resolv.conf; do
    rm -f "$file" 2>/dev/null || :
done
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin

# Units that would act on this machine's kernel and disks, or need a console.
mask dev-hugepages.mount sys-kernel-config.mount sys-kernel-debug.mount \
    sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount \
    systemd-binfmt.service systemd-modules-load.service systemd-sysctl.service \
    systemd-udevd.service systemd-udev-trigger.service \
    systemd-journald-audit.socket systemd-networkd.service systemd-resolved.service \
    console-getty.service getty.target

# Kernel messages belong to this machine, not to the host.
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nReadKMsg=no\n' >/etc/systemd/journald.conf.d/lab.conf

# Podman mounts a tmpfs over the directory of a journal that is kept. It would be lost with the
# container's processes, and would be there although nobody has made it.
mkdir -p /etc/systemd/system/systemd-journald.service.d
printf '[Service]\nExecStartPre=-+/bin/sh -c "%s"\n' \
    'umount /var/log/journal && rmdir /var/log/journal' \
    >/etc/systemd/system/systemd-journald.service.d/lab.conf

# The ordinary user, whose prompt is `$`. As the first user of a cloud image, it may use sudo.
useradd --create-home --shell /bin/bash admin
mkdir -p /etc/sudoers.d
printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/admin
chmod 0440 /etc/sudoers.d/admin
