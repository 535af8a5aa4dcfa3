"""Whether virtual machines run at full speed here: decided by starting one, and nothing less.

A device /dev/kvm that opens, and even a machine that can be made with it, do not mean that a
kernel runs in it. So the distribution's own kernel is started with a deadline, and must get as
far as its first program. What was found is kept until this machine boots again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from attrs import asdict, frozen

from runbook.labs.engine import CACHE

QEMU: Final = "qemu-system-x86_64"
DEVICE: Final = Path("/dev/kvm")
REACHED: Final = "runbook: reached"
"""What the probed machine's first program prints."""

DEADLINE: Final = 10.0
"""Seconds in which a machine that is accelerated has long started; an emulated one takes them."""

_CACHE: Final = CACHE / "acceleration.json"


@frozen
class Finding:
    """One thing that was looked at. `good` is `None` where it decides nothing."""

    subject: str
    said: str
    good: bool | None = None


@frozen
class Acceleration:
    """What was found: whether machines can run at all, and whether KVM runs them."""

    possible: bool
    kvm: bool
    findings: tuple[Finding, ...]
    advice: tuple[str, ...] = ()

    @property
    def driver(self) -> str:
        """Return libvirt's word for how machines run: `kvm` or `qemu`."""
        return "kvm" if self.kvm else "qemu"


@frozen
class Kernel:
    """What the probe starts: a kernel with an initial file system that has a shell."""

    image: Path
    initrd: Path


def kernel(*boxes: Path) -> Kernel | None:
    """Return the kernel of one of the `boxes`, else of this machine; `None` if neither has one."""
    release = os.uname().release
    pairs = [(box / "vmlinuz", box / "initrd") for box in boxes]
    pairs.append((Path(f"/boot/vmlinuz-{release}"), Path(f"/boot/initrd.img-{release}")))
    for image, initrd in pairs:
        if os.access(image, os.R_OK) and os.access(initrd, os.R_OK):
            return Kernel(image, initrd)
    return None


def examine(using: Kernel | None, *, again: bool = False) -> Acceleration:
    """Return what virtual machines find here; `using` is started if there is reason to.

    It is kept until the machine boots, or has another QEMU; `again` looks anew.
    """
    key = _key(using)
    if not again and (known := _recall(key)) is not None:
        return known
    found = _examine(using)
    # Without a kernel nothing was decided for good.
    if using is not None:
        _remember(key, found)
    return found


def _examine(using: Kernel | None) -> Acceleration:
    program = shutil.which(QEMU)
    if program is None:
        return Acceleration(
            possible=False,
            kvm=False,
            findings=(Finding("qemu", f"{QEMU} is not installed", good=False),),
            advice=("install the packages of the group `vagrant` in scripts/needs.txt",),
        )
    findings = [Finding("qemu", program, good=True), _flags(), _validated()]
    opened = _opens()
    findings.append(opened)
    if not opened.good:
        findings.append(Finding("boot", "not tried: there is no usable /dev/kvm", good=False))
    elif using is None:
        findings.append(
            Finding("boot", "not tried: no kernel here to start; `lab up` makes one", good=False)
        )
    else:
        findings.append(boots(using, DEADLINE))
    kvm = bool(findings[-1].good)
    return Acceleration(True, kvm, tuple(findings), () if kvm else _advice(findings))


def boots(using: Kernel, deadline: float, accelerator: str = "kvm") -> Finding:
    """Start a machine with `accelerator`, and say whether its first program ran in time."""
    argv = [
        QEMU,
        *("-accel", accelerator, "-machine", "pc", "-m", "256", "-nodefaults", "-no-reboot"),
        *("-cpu", "host" if accelerator == "kvm" else "max"),
        *("-display", "none", "-serial", "stdio"),
        *("-kernel", str(using.image), "-initrd", str(using.initrd)),
        *("-append", f'console=ttyS0 panic=-1 rdinit=/bin/sh -- -c "echo {REACHED}"'),
    ]
    began = time.monotonic()
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=deadline,
            check=False,
        )
        printed, ended = done.stdout, done.stderr.decode(errors="replace").strip()
    except subprocess.TimeoutExpired as error:
        printed, ended = error.stdout or b"", f"silent after {deadline:g} s"
    seconds = time.monotonic() - began
    # The kernel repeats its command line, where the words stand in quotes.
    lines = [line.strip() for line in printed.decode(errors="replace").splitlines()]
    if REACHED in lines:
        return Finding("boot", f"a kernel ran its first program after {seconds:.1f} s", good=True)
    last = next((line for line in reversed(lines) if line), "not a word from the kernel")
    why = ended.splitlines()[-1] if ended else "it ended"
    return Finding("boot", f"a kernel did not run its first program: {why}; {last}", good=False)


def _flags() -> Finding:
    """Say what the processor claims; a machine inside another may lack it and still be able."""
    words = set(Path("/proc/cpuinfo").read_text(errors="replace").split())
    found = words & {"vmx", "svm"}
    inside = " This is a virtual machine itself." if "hypervisor" in words else ""
    if found:
        return Finding("processor", f"offers {found.pop()}.{inside}", good=True)
    return Finding("processor", f"offers neither vmx nor svm.{inside}", good=False)


def _validated() -> Finding:
    if shutil.which("virt-host-validate") is None:
        return Finding("virt-host-validate", "is not installed")
    done = subprocess.run(
        ["virt-host-validate", "qemu"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    lines = [line for line in done.stdout.splitlines() if "virtuali" in line or "/dev/kvm" in line]
    said = [line.strip().removeprefix("QEMU: Checking ") for line in lines]
    return Finding("virt-host-validate", "; ".join(" ".join(one.split()) for one in said))


def _opens() -> Finding:
    if not DEVICE.exists():
        return Finding("/dev/kvm", "is not there", good=False)
    try:
        os.close(os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return Finding("/dev/kvm", f"cannot be opened: {error.strerror}", good=False)
    return Finding("/dev/kvm", "can be opened, which alone means nothing", good=True)


def _advice(findings: list[Finding]) -> tuple[str, ...]:
    """Return what the operator can do, for what was found in that order."""
    by = {one.subject: one for one in findings}
    advice = ["machines are emulated: they work, and processors are about ten times slower"]
    if "hypervisor" in Path("/proc/cpuinfo").read_text(errors="replace"):
        advice.append("ask whoever runs this virtual machine for nested virtualization")
    elif not by["processor"].good:
        advice.append("switch virtualization (VT-x, AMD-V) on in the firmware's setup")
    if "is not there" in by["/dev/kvm"].said and by["processor"].good:
        advice.append("load the module: modprobe kvm_intel, or kvm_amd")
    if "Permission" in by["/dev/kvm"].said:
        advice.append("join the group kvm, and log in again; or run this as root")
    advice.append("or use --lab container, for guides that need no kernel of their own")
    return tuple(advice)


def _key(using: Kernel | None) -> str:
    program = shutil.which(QEMU)
    parts = [
        Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        os.geteuid(),
        str(using),
        Path(program).stat().st_mtime_ns if program else 0,
    ]
    source = Path(__file__).read_bytes()
    return hashlib.sha256(json.dumps(parts).encode() + source).hexdigest()


def _recall(key: str) -> Acceleration | None:
    try:
        stored = json.loads(_CACHE.read_text(encoding="utf-8"))
        if stored.pop("key") != key:
            return None
        findings = tuple(Finding(**one) for one in stored.pop("findings"))
        return Acceleration(findings=findings, advice=tuple(stored.pop("advice")), **stored)
    except (OSError, ValueError, KeyError, TypeError):
        # Nothing is lost with a cache that cannot be read.
        return None


def _remember(key: str, found: Acceleration) -> None:
    try:
        _CACHE.parent.mkdir(parents=True, exist_ok=True)
        partial = _CACHE.with_name(f"acceleration.{os.getpid()}.json")
        partial.write_text(json.dumps({"key": key, **asdict(found)}) + "\n", encoding="utf-8")
        partial.replace(_CACHE)
    except OSError:
        # Who is not root may look, and has nowhere to keep it.
        return
