"""Ask a host what it is: its platform and its capabilities.

A platform is the distribution's name and major version, `debian12` or `el9`. A capability
is a name whose shell test, run on the host as root, succeeds.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.errors import RunbookError
from runbook.results import Probed
from runbook.terminal.pipe import Pipe

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

# Releases before 7 of the Red Hat family have no os-release file.
_PLATFORM: Final = """
if [ -r /etc/os-release ]; then
    . /etc/os-release
    version=${VERSION_ID%%.*}
    case " $ID $ID_LIKE " in
        *" rhel "*|*" centos "*) echo "el$version" ;;
        *) echo "$ID$version" ;;
    esac
elif [ -r /etc/redhat-release ]; then
    sed 's/^[^0-9]*\\([0-9]*\\).*/el\\1/' /etc/redhat-release
else
    uname -s | tr A-Z a-z
fi
"""

_TIMEOUT: Final = 30.0

_UNFIT: Final = re.compile(r"[^A-Za-z0-9._+-]|^\.+")
_LONGEST: Final = 60
"""Characters of a platform's name."""


class ProbeError(RunbookError):
    """A host was reached but could not say what it is."""


def probe(pipe: Pipe, host: str) -> Probed:
    """Return the platform and capabilities of the host behind `pipe`.

    Raises:
        ProbeError: the host's answer is not one.
        HostLost: the host is gone.

    """
    tests = "".join(
        f"if ( {test} ) >/dev/null 2>&1; then echo {name}; fi\n"
        for name, test in CAPABILITIES.items()
    )
    result = pipe.run(_PLATFORM + tests, timeout=_TIMEOUT)
    answer = result.stdout.decode("utf-8", errors="replace").split()
    if result.status != 0 or not answer:
        complaint = result.stderr.decode("utf-8", errors="replace").strip()
        raise ProbeError(f"{host}: the host does not say what platform it is: {complaint}")
    # It becomes a part of names, also of those of files.
    platform = _UNFIT.sub("-", answer[0])[:_LONGEST]
    return Probed(platform=platform, capabilities=frozenset(answer[1:]))
