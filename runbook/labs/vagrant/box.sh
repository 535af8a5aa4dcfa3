# Prepare an installed system as a Vagrant box. Appended to debian.sh.

# Vagrant's convention: this user, its well-known key, and sudo without a password. Vagrant replaces
# the key when a machine first starts.
useradd --create-home --shell /bin/bash vagrant
mkdir -m 700 /home/vagrant/.ssh
mv /vagrant.pub /home/vagrant/.ssh/authorized_keys
chmod 600 /home/vagrant/.ssh/authorized_keys
chown -R vagrant:vagrant /home/vagrant/.ssh
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/vagrant
# Reverse DNS lookups are of no use here, and a post-quantum key exchange takes an emulated processor
# seconds.
cat >/etc/ssh/sshd_config.d/lab.conf <<'END'
UseDNS no
GSSAPIAuthentication no
KexAlgorithms curve25519-sha256,ecdh-sha2-nistp256
END

# Each machine generates its host key at its first boot.
rm -f /etc/hostname /etc/ssh/ssh_host_*
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n' >/etc/hosts
cat >/etc/systemd/system/ssh-keys.service <<'END'
[Unit]
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
[Install]
WantedBy=ssh.service
END

# The first disk holds only the file system; the kernel and its initrd are booted from outside. Making
# an initrd that nobody boots takes an emulated processor five minutes for many a package.
echo update_initramfs=no >/etc/initramfs-tools/update-initramfs.conf
echo '/dev/vda / ext4 noatime,errors=remount-ro 0 1' >/etc/fstab
# eth0 is Vagrant's network. eth1 is the guide's: its address is on the kernel command line, from
# which systemd generates a file that a step's file in /etc overrides.
cat >/etc/systemd/network/80-vagrant.network <<'END'
[Match]
Name=eth0
[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
[DHCPv4]
UseHostname=no
END
systemctl --quiet enable systemd-networkd.service systemd-network-generator.service ssh-keys.service

# Units that cost an emulated machine seconds and are of no use.
mask dpkg-db-backup.timer systemd-networkd-wait-online.service systemd-update-utmp.service \
    systemd-update-utmp-runlevel.service
# Drivers of devices that the machines have but do not use.
for module in ata_piix ata_generic pata_acpi floppy i2c_piix4 input_leds psmouse pcspkr serio_raw \
    aesni_intel ghash_clmulni_intel sha512_ssse3 crc32_pclmul crct10dif_pclmul cirrus bochs; do
    echo "blacklist $module"
done >/etc/modprobe.d/lab.conf
