"""Make the Debian box that virtual machines start from, once for each recipe: nothing is loaded.

A box is a disk with one file system, and beside it the kernel and initial file system of that same
installation, which the hypervisor starts without a boot loader.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Container
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError, debian
from runbook.labs.debian import SUITES
from runbook.labs.engine import CACHE
from runbook.labs.registry import settings
from runbook.labs.state import locked
from runbook.model import Cluster

PLACE: Final = CACHE / "boxes"
BASE: Final = (
    "systemd-sysv",
    "dbus",
    "udev",
    "openssh-server",
    "sudo",
    "linux-image-cloud-amd64",
    "ca-certificates",
    "iproute2",
    "iputils-ping",
    "less",
    "netbase",
    "procps",
)
"""What every machine has, beside the essential packages."""

MADE_HERE: Final = frozenset({"debian12"})
"""The platforms whose boxes are made here; of the others the Vagrantfile knows public ones."""

_FINISH: Final = Path(__file__).with_name("box.sh")
_SCRIPT: Final = "finish.sh"
_GIB: Final = 8
"""The size of the first disk, of which only what is used takes any space."""
# An initial file system for exactly one kind of machine is small, and asks no udev what is there.
_INITRAMFS: Final = """
mkdir -p "$1"/etc/initramfs-tools/conf.d
printf 'MODULES=list\\nCOMPRESS=lz4\\n' >"$1"/etc/initramfs-tools/conf.d/lab
printf 'virtio_pci\\nvirtio_blk\\next4\\n' >>"$1"/etc/initramfs-tools/modules
"""
_VAGRANTFILE: Final = """Vagrant.configure("2") do |config|
  config.vm.provider :libvirt do |libvirt|
    libvirt.kernel = File.join(__dir__, "vmlinuz")
    libvirt.initrd = File.join(__dir__, "initrd")
  end
end
"""


@frozen
class Box:
    """A recipe of a box: its platform and the packages beside `BASE`."""

    platform: str
    packages: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return what changes with everything that the box is made of."""
        parts = [self.platform, BASE, self.packages, _INITRAMFS, _VAGRANTFILE, _GIB,
                 debian.finish(_FINISH)]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    @property
    def directory(self) -> Path:
        """Return where the box is kept, made or not."""
        return PLACE / f"{self.platform}-{self.digest}"

    @property
    def name(self) -> str:
        """Return the box's name for Vagrant; its version is `provider.VERSION`."""
        return f"runbook/{self.platform}-{self.digest}"

    @property
    def disk(self) -> Path:
        """Return the first disk, from which that of every machine starts."""
        return self.directory / "box.img"


def boxes(cluster: Cluster, packages: tuple[str, ...]) -> dict[str, Box]:
    """Return the boxes with `packages` that hosts of `cluster` need and that are made here."""
    platforms = sorted({host.platform for host in cluster.hosts} & MADE_HERE)
    return {name: Box(name, packages) for name in platforms}


def discard(used: Container[str]) -> None:
    """Remove the boxes that were made here, but for those whose directories' names are `used`."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with locked(PLACE):
        for path in PLACE.iterdir():
            if path.is_dir() and path.name not in used:
                shutil.rmtree(path)


def ensure(box: Box, tell: Callable[[str], None]) -> Path:
    """Return the directory of `box`, made now if it is not there.

    Raises:
        LabError: it cannot be made.

    """
    PLACE.mkdir(parents=True, exist_ok=True)
    # Two labs that start at the same time make one box.
    with locked(PLACE):
        if box.directory.exists():
            return box.directory
        for tool, package in (("mmdebstrap", "mmdebstrap"), ("mkfs.ext4", "e2fsprogs"),
                              ("qemu-img", "qemu-utils")):  # fmt: skip
            if shutil.which(tool) is None:
                raise LabError(f"this machine lacks {tool} (package {package})")
        tell(f"box: making {box.platform} from its packages, once; this takes a minute or two")
        began = time.monotonic()
        with debian.workplace(PLACE) as place:
            _make(box, place).rename(box.directory)
        tell(f"box: {box.name} made in {time.monotonic() - began:.0f} s")
    return box.directory


def bootstrap_argv(box: Box, acquire: tuple[str, ...], place: Path) -> list[str]:
    """Return the command that installs the system of `box` in `place`/tree.

    `place` has the script that ends it, and the public key of its user.
    """
    return debian.argv(
        SUITES[box.platform],
        (*BASE, *box.packages),
        place / "tree",
        place / _SCRIPT,
        archive=False,
        acquire=acquire,
        hooks=(
            f"--essential-hook={_INITRAMFS}",
            f'--customize-hook=cp {shlex.quote(str(place / "vagrant.pub"))} "$1"/vagrant.pub',
        ),
    )


def _make(box: Box, place: Path) -> Path:
    tree, made = place / "tree", place / "box"
    made.mkdir()
    (place / _SCRIPT).write_text(debian.finish(_FINISH), encoding="utf-8")
    shutil.copy(_public_key(), place / "vagrant.pub")
    debian.run(bootstrap_argv(box, settings(), place), place)
    for name, pattern in (("vmlinuz", "vmlinuz-*"), ("initrd", "initrd.img-*")):
        shutil.copy(max((tree / "boot").glob(pattern)), made / name)
        (made / name).chmod(0o644)
    # Names come from the lab's network, whose first address answers for them.
    (tree / "etc/resolv.conf").write_text("nameserver 192.168.121.1\n")
    raw = place / "disk.raw"
    with raw.open("wb") as file:
        file.truncate(_GIB << 30)
    debian.run(["mkfs.ext4", "-q", "-F", "-m", "0", "-d", str(tree), str(raw)], place)
    debian.run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(made / "box.img")], place)
    (made / "Vagrantfile").write_text(_VAGRANTFILE)
    about = {"provider": "libvirt", "format": "qcow2", "virtual_size": _GIB}
    (made / "metadata.json").write_text(json.dumps(about))
    made.chmod(0o755)
    return made


def _public_key() -> Path:
    """Return the key that Vagrant tries on a machine it has not seen."""
    listed = subprocess.run(
        ["find", "/usr/share", "/opt/vagrant", "-path", "*vagrant*/keys/vagrant.pub"],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in listed.stdout.splitlines():
        return Path(line)
    raise LabError("Vagrant's well-known key (keys/vagrant.pub) is not on this machine")
