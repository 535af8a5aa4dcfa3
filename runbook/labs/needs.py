"""What this machine must have for virtual machines."""

from __future__ import annotations

import os
import shutil
from typing import Final

from runbook.labs import LabError, acceleration

PROGRAMS: Final = {
    "vagrant": "vagrant",
    acceleration.QEMU: "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "libvirtd": "libvirt-daemon",
    "dnsmasq": "dnsmasq-base",
    "iptables": "iptables",
    "ssh-keyscan": "openssh-client",
}
"""The programs that virtual machines need, and the Debian packages that hold them."""


def missing() -> list[str]:
    """Return what this machine lacks for virtual machines, as `program (package)`."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return [
        f"{tool} ({package})"
        for tool, package in PROGRAMS.items()
        if shutil.which(tool, path=path) is None
    ]


def demand() -> None:
    """Refuse to go on where virtual machines cannot be made.

    Raises:
        LabError: this is not root, or a program is missing; the message says which.

    """
    if os.geteuid() != 0:
        raise LabError("the lab of virtual machines needs root: run it with sudo")
    lacking = missing()
    if lacking:
        raise LabError(
            f"this machine lacks {', '.join(lacking)}; make lab LAB=vagrant installs them"
        )
