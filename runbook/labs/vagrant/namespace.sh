# The init of the namespaces of a private libvirt: see namespace.py. Runs in new mount, network and
# PID namespaces. $1 is the directory for libvirt's data, $2 the address of the resolver.
set -eu
data=$1
mount --make-rprivate /
# Hide the directories of the system's libvirt.
for pair in etc:/etc/libvirt var:/var/lib/libvirt run:/run/libvirt log:/var/log/libvirt \
    cache:/var/cache/libvirt; do
    mkdir -p "$data/${pair%%:*}" "${pair#*:}"
    mount --bind "$data/${pair%%:*}" "${pair#*:}"
done
mount -t sysfs sysfs /sys
# libvirt looks up this user even if it is configured to use another.
for file in passwd group; do
    cp "/etc/$file" "$data/$file"
    grep -q '^libvirt-qemu:' "$data/$file" || case $file in
    passwd) echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin' ;;
    group) echo 'libvirt-qemu:x:64055:' ;;
    esac >>"$data/$file"
    mount --bind "$data/$file" "/etc/$file"
done
echo "nameserver $2" >"$data/resolv.conf"
mount --bind "$data/resolv.conf" /etc/resolv.conf
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
cat >/etc/libvirt/qemu.conf <<'END'
user = "root"
group = "root"
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
END
cat >/etc/libvirt/libvirtd.conf <<'END'
unix_sock_group = "root"
auth_unix_rw = "none"
auth_unix_ro = "none"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
END
# Not exec: this shell is the init of the PID namespace, and reaps orphaned processes.
libvirtd --config /etc/libvirt/libvirtd.conf --pid-file /run/libvirt/libvirtd.pid &
trap 'exit 0' TERM
wait
