"""Build the Debian box that virtual machines start from, once per recipe.

A box is a disk image with a single file system, and the kernel and initramfs of that installation,
which QEMU boots directly, without a boot loader.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import subprocess
import time
from collections.abc import Container
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError, Progress, debian
from runbook.labs.apt import apt_settings
from runbook.labs.debian import SUITES
from runbook.labs.installation import Installation
from runbook.labs.state import CACHE, locked
from runbook.model import Cluster

BOXES: Final = CACHE / "boxes"
BASE_PACKAGES: Final = (
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
"""The packages of every machine, besides the essential ones."""

BUILT_PLATFORMS: Final = frozenset({"debian12"})
"""The platforms whose boxes are built; the Vagrantfile has public boxes for the others."""

_SETUP_SCRIPT: Final = Path(__file__).with_name("box.sh")
_SCRIPT: Final = "finish.sh"
_GIB: Final = 8
"""The size of the first disk, which is sparse."""
# An initramfs with only these modules is small, and does not have to wait for udev.
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
    """A box, defined by its platform and its packages besides `BASE_PACKAGES`."""

    platform: str
    packages: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return a digest of everything that goes into the box."""
        parts = [self.platform, BASE_PACKAGES, self.packages, _INITRAMFS, _VAGRANTFILE, _GIB,
                 debian.setup_script(_SETUP_SCRIPT)]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    @property
    def directory(self) -> Path:
        """Return the directory of the box, which need not exist yet."""
        return BOXES / f"{self.platform}-{self.digest}"

    @property
    def name(self) -> str:
        """Return the box's name in Vagrant; its version is `command.VERSION`."""
        return f"runbook/{self.platform}-{self.digest}"

    @property
    def disk(self) -> Path:
        """Return the disk image, the backing file of every machine's first disk."""
        return self.directory / "box.img"


def boxes(cluster: Cluster, packages: tuple[str, ...]) -> dict[str, Box]:
    """Return the boxes with `packages` to build for the hosts of `cluster`, by platform."""
    platforms = sorted({host.platform for host in cluster.hosts} & BUILT_PLATFORMS)
    return {name: Box(name, packages) for name in platforms}


def prune(used: Container[str]) -> None:
    """Remove all built boxes except those whose directory names are `used`."""
    BOXES.mkdir(parents=True, exist_ok=True)
    with locked(BOXES):
        for path in BOXES.iterdir():
            if path.is_dir() and path.name not in used:
                shutil.rmtree(path)


def ensure(box: Box, progress: Progress) -> Path:
    """Return the directory of `box`, which is built if it does not exist.

    Raises:
        LabError: it cannot be built.

    """
    BOXES.mkdir(parents=True, exist_ok=True)
    # Two labs that start at the same time build one box.
    with locked(BOXES):
        if box.directory.exists():
            return box.directory
        for tool, package in (("mmdebstrap", "mmdebstrap"), ("mkfs.ext4", "e2fsprogs"),
                              ("qemu-img", "qemu-utils")):  # fmt: skip
            if shutil.which(tool) is None:
                raise LabError(f"this machine lacks {tool} (package {package})")
        progress(f"box: building {box.platform} from packages; this is done once and takes minutes")
        began = time.monotonic()
        with debian.build_directory(BOXES) as directory:
            _build(box, directory, progress).rename(box.directory)
        progress(f"box: {box.name} built in {time.monotonic() - began:.0f} s")
    return box.directory


def bootstrap_argv(box: Box, acquire: tuple[str, ...], directory: Path) -> list[str]:
    """Return the command that installs the system of `box` in `directory`/tree.

    `directory` holds the setup script and the public key of the user `vagrant`. `acquire` are apt
    settings for reaching the package archive.
    """
    return debian.mmdebstrap_argv(
        SUITES[box.platform],
        (*BASE_PACKAGES, *box.packages),
        directory / "tree",
        directory / _SCRIPT,
        archive=False,
        acquire=acquire,
        hooks=(
            f"--essential-hook={_INITRAMFS}",
            f'--customize-hook=cp {shlex.quote(str(directory / "vagrant.pub"))} "$1"/vagrant.pub',
        ),
    )


def _build(box: Box, directory: Path, progress: Progress) -> Path:
    tree, built = directory / "tree", directory / "box"
    built.mkdir()
    (directory / _SCRIPT).write_text(debian.setup_script(_SETUP_SCRIPT), encoding="utf-8")
    shutil.copy(_public_key(), directory / "vagrant.pub")
    installation = Installation(progress, "box")
    debian.run(bootstrap_argv(box, apt_settings(), directory), directory, installation.read)
    installation.enter("writing the disk")
    for name, pattern in (("vmlinuz", "vmlinuz-*"), ("initrd", "initrd.img-*")):
        shutil.copy(max((tree / "boot").glob(pattern)), built / name)
        (built / name).chmod(0o644)
    # libvirt's dnsmasq on Vagrant's network.
    (tree / "etc/resolv.conf").write_text("nameserver 192.168.121.1\n")
    raw = directory / "disk.raw"
    with raw.open("wb") as file:
        file.truncate(_GIB << 30)
    debian.run(["mkfs.ext4", "-q", "-F", "-m", "0", "-d", str(tree), str(raw)], directory)
    debian.run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(built / "box.img")], directory)
    (built / "Vagrantfile").write_text(_VAGRANTFILE)
    metadata = {"provider": "libvirt", "format": "qcow2", "virtual_size": _GIB}
    (built / "metadata.json").write_text(json.dumps(metadata))
    built.chmod(0o755)
    return built


def _public_key() -> Path:
    """Return the well-known public key that Vagrant uses for its first login to a machine."""
    found = subprocess.run(
        ["find", "/usr/share", "/opt/vagrant", "-path", "*vagrant*/keys/vagrant.pub"],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in found.stdout.splitlines():
        return Path(line)
    raise LabError("this machine lacks Vagrant's well-known key (keys/vagrant.pub)")
