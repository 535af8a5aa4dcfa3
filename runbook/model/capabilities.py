"""The capabilities of hosts that steps can require."""

from __future__ import annotations

from typing import Final

CAPABILITIES: Final[dict[str, str]] = {
    # A device that opens is no evidence that a guest boots: the CPU must offer it as well.
    "kvm": "[ -w /dev/kvm ] && grep -Eqw 'vmx|svm' /proc/cpuinfo",
    "selinux": "[ -e /sys/fs/selinux/enforce ]",
    "nfsd": "grep -qw nfsd /proc/filesystems || modprobe -q nfsd",
    "nfs": "grep -qw nfs4 /proc/filesystems || modprobe -q nfsv4",
    "device-mapper": "grep -qw device-mapper /proc/devices /proc/misc || modprobe -q dm_mod",
    "fuse": "[ -c /dev/fuse ] && grep -qw fuse /proc/filesystems",
    # `bonding` makes a bond of its own when it is loaded without this option.
    "bonding": "[ -e /sys/class/net/bonding_masters ] || modprobe -q bonding max_bonds=0",
    "vlan": "[ -d /proc/net/vlan ] || modprobe -q 8021q",
    "iscsi": "modprobe -q -a iscsi_tcp iscsi_target_mod && mountpoint -q /sys/kernel/config",
    "systemd": "[ -d /run/systemd/system ]",
    "set-time": "! systemd-detect-virt -cq 2>/dev/null && [ -w /dev/rtc ]",
}
"""Every capability that a step can require, with the test that decides it."""
