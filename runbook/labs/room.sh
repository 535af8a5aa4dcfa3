# The first process of a lab's own room: see room.py. Runs in fresh mount, network and process
# namespaces; $1 is the directory of what libvirt keeps there.
set -eu
room=$1
mount --make-rprivate /
# What the machine's own libvirt has, or would have, at these places is not seen in here.
for pair in etc:/etc/libvirt var:/var/lib/libvirt run:/run/libvirt log:/var/log/libvirt \
    cache:/var/cache/libvirt; do
    mkdir -p "$room/${pair%%:*}" "${pair#*:}"
    mount --bind "$room/${pair%%:*}" "${pair#*:}"
done
mount -t sysfs sysfs /sys
# libvirt looks this user up even where it is told to use another.
for file in passwd group; do
    cp "/etc/$file" "$room/$file"
    grep -q '^libvirt-qemu:' "$room/$file" || case $file in
    passwd) echo 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin' ;;
    group) echo 'libvirt-qemu:x:64055:' ;;
    esac >>"$room/$file"
    mount --bind "$room/$file" "/etc/$file"
done
echo "nameserver $2" >"$room/resolv.conf"
mount --bind "$room/resolv.conf" /etc/resolv.conf
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
# Not exec: this shell is the room's init, and takes in what libvirt's machines leave behind.
libvirtd --config /etc/libvirt/libvirtd.conf --pid-file /run/libvirt/libvirtd.pid &
trap 'exit 0' TERM
wait
