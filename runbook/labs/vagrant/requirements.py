"""What virtual machines require of this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import Final

from runbook.labs import LabError
from runbook.labs.privilege import command_as_root
from runbook.labs.vagrant import acceleration
from runbook.labs.vagrant.libvirtd import system
from runbook.labs.vagrant.namespace import SLIRP

PROGRAMS: Final = {
    "vagrant": "vagrant",
    acceleration.QEMU: "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "libvirtd": "libvirt-daemon",
    "dnsmasq": "dnsmasq-base",
    "iptables": "iptables",
    "ssh-keyscan": "openssh-client",
    "mmdebstrap": "mmdebstrap",
    "mkfs.ext4": "e2fsprogs",
}
"""The programs that virtual machines need, and the Debian packages that provide them."""

MODULES: Final = ("libvirt", "vagrant")
"""The Python modules that they need."""


def missing() -> list[str]:
    """Return the programs and modules that this machine lacks, as `program (package)`."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    # A private libvirt needs user-mode networking as its uplink.
    wanted = PROGRAMS if system() else {**PROGRAMS, SLIRP: SLIRP}
    return [
        *(
            f"{tool} ({package})"
            for tool, package in wanted.items()
            if shutil.which(tool, path=path) is None
        ),
        *(
            f"Python module {name} (sphinx-runbook[vagrant])"
            for name in MODULES
            if importlib.util.find_spec(name) is None
        ),
    ]


def require_root() -> None:
    """Check that this program runs as root.

    Raises:
        LabError: it does not.

    """
    if os.geteuid() != 0:
        raise LabError(f"the lab of virtual machines needs root: {command_as_root()}")


def check_requirements() -> None:
    """Check that this machine can run virtual machines.

    Raises:
        LabError: this is not root, or a program or module is missing; the message says which.

    """
    require_root()
    lacking = missing()
    if lacking:
        raise LabError(
            f"this machine lacks {', '.join(lacking)}; make lab LAB=vagrant installs them"
        )
