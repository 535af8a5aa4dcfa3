"""What a program may not be pointed at: block devices, directories of the whole system."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from runbook.shelltext.dangers.lists import names, rules
from runbook.shelltext.program import Program

VITAL: Final = re.compile(
    r"/etc/(?:fstab|passwd|shadow|group|gshadow|sudoers|crypttab|ssh/sshd_config|inittab"
    r"|ld\.so\.preload|pam\.d/.*|default/grub|machine-id)|/boot/(?!.*\.(?:bak|orig|old|save)\Z).*"
    r"|/usr/lib/systemd/.*"
)
DEVICE: Final = re.compile(
    r"/dev/(?!(?:null|zero|full|random|urandom|tty\w*|std(?:in|out|err)|console|kmsg|log|ptmx|kvm"
    r"|fuse|rtc\d?|hwrng|watchdog\d?|tpm\w*|cdrom|dvd|sr\d+|vhost-\w+|loop-control|nst?\d+)\Z"
    r"|(?:fd|pts|shm|tcp|udp|net|snd|dri|input|bus|usb|cpu|char|vfio|hugepages|mqueue|infiniband"
    r"|cpu_dma_latency)(?:/|\Z)|mapper/control\Z).+"
)
_VALUE: Final = re.compile(r"(?:--?[\w-]+=|[\w.-]+=)?(?P<path>/.*)", re.DOTALL)
_SYSTEM: Final = frozenset(
    {"/", "/bin", "/boot", "/boot/efi", "/dev", "/etc", "/home", "/lib", "/lib64", "/lib/modules"}
    | {"/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/usr", "/usr/bin", "/usr/lib"}
    | {"/usr/local", "/usr/sbin", "/usr/share", "/var", "/var/lib", "/var/log"}
)

_LONGEST: Final = 24
"""A longer path names no directory of the whole system, even with a pattern behind it."""

_DEVICES: Final = "devices and directories"
"""The section of the programs that may be given a device."""


def is_system(path: str) -> bool:
    """Return whether `path` is a directory of the whole system, or all that is in one."""
    if path[:1] != "/" or len(path) > _LONGEST:
        return False
    path = re.sub(r"/(?:\*|\.\*|\.|\{.*\}|\.\[!\.\]\*)\Z", "/", path)
    return posixpath.normpath(re.sub(r"/+", "/", path)) in _SYSTEM


def target(program: Program) -> str:
    """Return why what `program` is pointed at may be lost, or an empty string."""
    if program.name in names():
        return ""
    for word in program.arguments:
        if "/" not in word or not (found := _VALUE.fullmatch(word)):
            continue
        path = found["path"]
        if path.startswith("/dev/") and DEVICE.fullmatch(path):
            if not any(rule.reason == _DEVICES for rule in rules("readers").matches(program)):
                return f"may overwrite the device {path}"
        elif path == word and is_system(path) and not any(rules("readers").matches(program)):
            return f"may change all of {path}"
    return ""
