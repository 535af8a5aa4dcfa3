# Turn an installed system into a Vagrant box; runs after debian.sh.

# Vagrant's own convention: this user, its well-known key, and sudo that does not ask. Vagrant puts
# a new key in the place of that one when a machine starts for the first time.
useradd --create-home --shell /bin/bash vagrant
mkdir -m 700 /home/vagrant/.ssh
mv /vagrant.pub /home/vagrant/.ssh/authorized_keys
chmod 600 /home/vagrant/.ssh/authorized_keys
chown -R vagrant:vagrant /home/vagrant/.ssh
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/vagrant
# Nobody reads a caller's name here, and an emulated processor needs seconds for a key exchange
# that holds against tomorrow's machines.
cat >/etc/ssh/sshd_config.d/lab.conf <<'END'
UseDNS no
GSSAPIAuthentication no
KexAlgorithms curve25519-sha256,ecdh-sha2-nistp256
END

# Each machine makes its own keys when it starts for the first time.
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

# The first disk holds nothing but the file system; the kernel comes with the machine.
echo '/dev/vda / ext4 noatime,errors=remount-ro 0 1' >/etc/fstab
# eth0 is Vagrant's own network. eth1 is the guide's: its address is on the kernel's command line,
# and systemd makes a file of that which a step's file in /etc overrules.
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

# What takes an emulated machine seconds, and helps nobody.
mask dpkg-db-backup.timer systemd-networkd-wait-online.service systemd-update-utmp.service \
    systemd-update-utmp-runlevel.service
# Devices that no such machine has a use for, but that are there.
for module in ata_piix ata_generic pata_acpi floppy i2c_piix4 input_leds psmouse pcspkr serio_raw \
    aesni_intel ghash_clmulni_intel sha512_ssse3 crc32_pclmul crct10dif_pclmul cirrus bochs; do
    echo "blacklist $module"
done >/etc/modprobe.d/lab.conf
