"""What this machine must have for virtual machines."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import Final

from runbook.labs import LabError, acceleration
from runbook.labs.home import system
from runbook.labs.room import WAY_OUT

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
"""The programs that virtual machines need, and the Debian packages that hold them."""

MODULES: Final = ("libvirt", "vagrant")
"""The Python modules that they need."""


def missing() -> list[str]:
    """Return what this machine lacks for virtual machines, as `program (package)`."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    # Only a libvirt of the lab's own needs a way out that is made for it.
    wanted = PROGRAMS if system() else {**PROGRAMS, WAY_OUT: WAY_OUT}
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


def demand_root() -> None:
    """Refuse to go on as anybody but root.

    Raises:
        LabError: this is not root.

    """
    if os.geteuid() != 0:
        raise LabError("the lab of virtual machines needs root: run it with sudo")


def demand() -> None:
    """Refuse to go on where virtual machines cannot be made.

    Raises:
        LabError: this is not root, or a program is missing; the message says which.

    """
    demand_root()
    lacking = missing()
    if lacking:
        raise LabError(
            f"this machine lacks {', '.join(lacking)}; make lab LAB=vagrant installs them"
        )
