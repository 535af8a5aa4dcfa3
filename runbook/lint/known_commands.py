"""Names of commands in operators' guides, to find names that are nearly one of them.

A real name that differs in one letter from another real one must be listed as well.
"""

from __future__ import annotations

from typing import Final

KNOWN_COMMANDS: Final = frozenset(
    """
    accept addgroup addpart adduser agetty alias alternatives ansible ansible-playbook
    ansible-galaxy ansible-vault apachectl apropos apt apt-add-repository apt-cache apt-config
    apt-file apt-get apt-key apt-mark aptitude arch arping ascii augtool authconfig authselect
    autoconf autoheader automake autoreconf autossh awk aws
    badblocks base32 base64 basename bash bconsole blkdiscard blkid blockdev bootctl brctl bridge
    btrfs bunzip2 busctl bzcat bzip2
    calicoctl cargo catalina ceph ceph-authtool ceph-deploy ceph-disk ceph-mgr ceph-mon ceph-osd
    ceph-volume cephadm cephfs-shell certbot certtool certutil cfdisk chage chattr chcat chcon
    chcpu chfn chgrp chkconfig chmem chmod chown chpasswd chronyc chronyd chroot chrt chsh chvt
    cinder cinder-manage clear cloud-init cmake cobbler collectd column command composer conntrack
    consul containerd convert coredumpctl corosync coverage crictl crond crontab cryptsetup
    createrepo createuser createdb crudini crm_mon csplit ctdb curl cut
    daemonize dateadd dbus-daemon dbus-launch dbus-monitor dbus-send debconf debootstrap
    debuild declare delgroup delpart deluser depmod designate df dhclient dhcpcd dhcpd diff diff3
    dig dircolors dirname dirs disown dmesg dmidecode dmsetup dnf dnsmasq dnssec-keygen docker
    docker-compose dockerd dos2unix dpkg dpkg-query dpkg-reconfigure dracut drbdadm drbdsetup
    dropdb dropuser du dump dumpe2fs
    e2fsck e2image e2label echo efibootmgr egrep eject elinks enable env erlang etcd etcdctl ethtool
    exec exit expand expect export exportfs expr
    facter factor faillock fail2ban-client fallocate false fcstat fdisk fgrep file filefrag
    findfs findmnt finger firewall-cmd firewalld flatpak flock fold free fsck fsfreeze fstrim
    fuser fusermount
    ganesha gcc gcloud gdb gdisk gem genisoimage getcap getcert getconf getenforce getent getfacl
    getfattr getopt getopts getsebool getty git gitk glance glance-manage gluster glusterd glusterfs
    glusterfsd gnocchi gparted gpasswd gpg gpgconf gpgv grep groupadd groupdel groupmod groups
    growpart grpconv grub-install grub-mkconfig grub2-install grub2-mkconfig grubby gunzip gzip
    halt haproxy hardlink hash hdparm head heat heat-manage helm hexdump history horizon host
    hostname hostnamectl htop htpasswd httpd hwclock
    id ifconfig ifdown ifenslave ifstat ifup influx insmod install invoke-rc ionice iostat iotop ip
    ip6tables ipa ipa-client-install ipa-getcert ipa-server-install ipcalc ipcrm ipcs iperf ipmitool
    ipset iptables iptables-restore iptables-save ipvsadm ironic iscsiadm iscsid isoinfo iw
    java javac jobs join journalctl jq
    kadmin kdump kdumpctl keepalived kexec keystone keystone-manage keytool kill killall killall5
    kinit klist kolla kolla-ansible kpartx kpasswd kubeadm kubectl kubelet kvm
    last lastb lastlog ldapadd ldapmodify ldapsearch ldapdelete ldapwhoami ldconfig ldd less
    lftp libvirtd lldpctl lldpcli ln locale locale-gen localectl localedef locate lockfile logger
    login loginctl logname logout logrotate losetup lsattr lsb_release lsblk lscpu lshw lsinitrd
    lsinitramfs lsmem lsmod lsns lsof lspci lsscsi lsusb lvchange lvconvert lvcreate lvdisplay
    lvextend lvmdiskscan lvreduce lvremove lvrename lvresize lvs lvscan lxc lxc-create lxc-start
    magnum make makepkg man manila mariadb mariadb-dump mcelog md5sum mdadm memcached memtester
    meson microk8s minikube mkdir mke2fs mkfifo mkfs mkhomedir mkinitcpio mkinitrd mkisofs mknod
    mkpasswd mkswap mktemp modinfo modprobe mongo mongod mongodump monit mount mountpoint mpathconf
    mpstat msgfmt multipath multipathd murano mutt mysql mysqladmin mysqlcheck mysqld mysqldump
    mysqld_safe mysqlimport mysqlshow mysql_install_db mysql_secure_installation mysqlsh
    namei nano nc ncat neofetch net netplan netstat networkctl neutron neutron-server newaliases
    newgrp newuidmap nfsstat nft nginx nice nm-connection-editor nmap nmcli nmtui node nohup nologin
    nomad nova nova-manage npm nproc nsenter nslookup nsupdate ntpd ntpdate ntpq numactl numastat
    odoo oc od openssl openstack openvpn oslo ovs-appctl ovs-dpctl ovs-ofctl ovs-vsctl ovs-vswitchd
    ovsdb-client ovsdb-server ovsdb-tool ovn-nbctl ovn-sbctl
    packer packstack pacman parted partprobe partx passwd paste patch pcs pdsh perl pg_basebackup
    pg_ctl pg_dump pg_dumpall pg_isready pg_restore pgbench pgrep php ping ping6 pip pip3 pidof
    pinfo pipx pkaction pkcheck pkexec pkill pmap podman podman-compose poetry popd postconf
    postfix postgres postmap postqueue postsuper poweroff pr printenv printf prometheus prlimit
    protoc ps psql pstree puppet pushd pvchange pvcreate pvdisplay pvmove pvremove pvresize pvs
    pvscan pwck pwconv pwd pwgen pydoc pytest python python2 python3
    qemu-img qemu-io qemu-kvm qemu-nbd qemu-system-x86_64 quota quotacheck quotaoff quotaon
    rabbitmqctl rabbitmq-plugins rabbitmq-server rabbitmqadmin rados radosgw radosgw-admin rbd
    rbdmap rclone readlink readonly realm realpath reboot redis-cli redis-server remote-viewer
    renice repoquery reposync reset resize2fs resizepart resolvectl resolvconf restic restorecon
    return rfkill rkhunter rmdir rmmod rngd route rpc rpcbind rpcinfo rpm rpmbuild rpmkeys rsync
    rsyslogd ruby runc runuser rustup
    sadf salt salt-call salt-key salt-master salt-minion sanlock sar saslpasswd2 sbsign scp screen
    sealert seinfo sed semanage semodule semodule_package senlin service sesearch sestatus setcap
    setenforce setenv setfacl setfattr setfiles setpci setpriv setquota setsebool setserial setsid
    setterm setup sfdisk sftp sg_scan sgdisk sha1sum sha224sum sha256sum sha384sum sha512sum
    shellcheck showmount shred shuf shutdown skopeo slapadd slapcat slapd slapindex slappasswd
    slaptest sleep smartctl smbclient smbd smbpasswd smbstatus snap snapper snmpd snmpget snmpwalk
    socat sort source split sqlite3 ss ssh ssh-add ssh-agent ssh-copy-id ssh-keygen ssh-keyscan sshd
    sshfs sshpass sssctl sssd stat stop strace stress stress-ng strings stty stunnel su sudo
    sudoedit sulogin supervisorctl supervisord swapoff swapon swift swift-init swift-ring-builder
    sync sysctl systemctl systemd-analyze systemd-cgls systemd-cgtop systemd-resolve systemd-run
    systemd-tmpfiles sysbench
    tail talosctl tar targetcli tasksel taskset tcpdump tee telinit telnet terraform test testparm
    time timedatectl timeout tmux top touch tox tput traceroute traceroute6 tracepath trap tripwire
    trove true truncate tune2fs tuned tuned-adm type
    udevadm udevd ufw ulimit umask umount unalias uname unexpand uniq units unlink unset unshare
    unsquashfs unxz unzip update-alternatives update-ca-certificates update-ca-trust
    update-crypto-policies update-grub update-initramfs update-rc uptime useradd userdel usermod
    users uuidgen uwsgi
    vagrant vault vboxmanage vgcfgbackup vgcfgrestore vgchange vgcreate vgdisplay vgextend vgmerge
    vgreduce vgremove vgrename vgs vgscan vgsplit vi vim virsh virt-builder virt-cat virt-clone
    virt-copy-in virt-copy-out virt-customize virt-df virt-edit virt-filesystems virt-host-validate
    virt-image virt-inspector virt-install virt-log virt-ls virt-make-fs virt-manager virt-rescue
    virt-resize virt-sparsify virt-sysprep virt-tail virt-top virt-v2v virt-viewer virt-what
    virt-xml virtualenv visudo vmstat
    wait wall watch watchdog wc wget whatis whereis which who whoami wipefs wireshark wodim write
    xargs xauth xfs_admin xfs_freeze xfs_growfs xfs_info xfs_repair xfsdump xfsrestore xz xzcat
    yamllint yarn yes ypbind yum yum-config-manager yumdownloader
    zabbix_agentd zabbix_get zabbix_sender zabbix_server zcat zed zfs zgrep zip zless zookeeper
    chgpasswd dpkg-preconfigure jconsole shasum slogin
    zpool zramctl zstd zun zypper
    """.split()  # noqa: SIM905  # more readable than 900 string literals
)
