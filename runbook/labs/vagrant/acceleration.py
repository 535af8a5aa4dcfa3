"""Detect whether virtual machines are accelerated on this machine, by booting one.

A kernel may fail to run even where /dev/kvm can be opened and a virtual machine created. So the
distribution's kernel is booted, and has to reach its first program before a deadline. The result
is cached until this machine reboots.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import asdict, frozen

from runbook.labs import Progress
from runbook.labs.state import CACHE

QEMU: Final = "qemu-system-x86_64"
DEVICE: Final = Path("/dev/kvm")
MARKER: Final = "runbook: reached"
"""What the first program of the test machine prints."""

DEADLINE: Final = 10.0
"""Seconds for the test boot: plenty with acceleration, too few for emulation."""

_CACHE: Final = CACHE / "acceleration.json"

TIMEOUT_FACTOR: Final = {"kvm": 1.0, "qemu": 10.0}
"""By driver, how many times longer than on a real processor an operation may take."""
READY_TIMEOUT: Final = {"kvm": 180.0, "qemu": 600.0}
"""By driver, the seconds until a machine that was started can be logged in to."""


@frozen
class Finding:
    """The result of one check; `ok` is `None` if it is only informative."""

    subject: str
    detail: str
    ok: bool | None = None


@frozen
class Acceleration:
    """Whether virtual machines can run at all, and whether KVM accelerates them."""

    possible: bool
    kvm: bool
    findings: tuple[Finding, ...]
    advice: tuple[str, ...] = ()

    @property
    def driver(self) -> str:
        """Return the libvirt driver: `kvm` or `qemu`."""
        return "kvm" if self.kvm else "qemu"


@frozen
class Kernel:
    """A kernel to boot, and an initramfs that has a shell."""

    image: Path
    initrd: Path


def find_kernel(*boxes: Path) -> Kernel | None:
    """Return the kernel of one of the `boxes`, else of this machine; `None` if none is readable."""
    release = os.uname().release
    pairs = [(box / "vmlinuz", box / "initrd") for box in boxes]
    pairs.append((Path(f"/boot/vmlinuz-{release}"), Path(f"/boot/initrd.img-{release}")))
    for image, initrd in pairs:
        if os.access(image, os.R_OK) and os.access(initrd, os.R_OK):
            return Kernel(image, initrd)
    return None


def detect(kernel: Kernel | None, *, refresh: bool = False) -> Acceleration:
    """Return the acceleration of this machine; `kernel` is booted if /dev/kvm can be used.

    The result is cached until this machine reboots or QEMU changes; `refresh` ignores the cache.
    """
    key = _key(kernel)
    if not refresh and (cached := _load(key)) is not None:
        return cached
    found = _detect(kernel)
    # Without a kernel the result is only preliminary.
    if kernel is not None:
        _store(key, found)
    return found


def _detect(kernel: Kernel | None) -> Acceleration:
    program = shutil.which(QEMU)
    if program is None:
        return Acceleration(
            possible=False,
            kvm=False,
            findings=(Finding("qemu", f"{QEMU} is not installed", ok=False),),
            advice=("install the packages of the group `vagrant` in scripts/needs.txt",),
        )
    findings = [Finding("qemu", program, ok=True), _flags(), _validated()]
    opened = _opens()
    findings.append(opened)
    if not opened.ok:
        findings.append(Finding("boot", "not tried: there is no usable /dev/kvm", ok=False))
    elif kernel is None:
        findings.append(
            Finding(
                "boot", "not tried: there is no kernel to boot; `lab up` provides one", ok=False
            )
        )
    else:
        findings.append(try_boot(kernel, DEADLINE))
    kvm = bool(findings[-1].ok)
    return Acceleration(True, kvm, tuple(findings), () if kvm else _advice(findings))


def try_boot(kernel: Kernel, deadline: float, accelerator: str = "kvm") -> Finding:
    """Boot a machine with `accelerator`; `ok` is true if its first program ran in time."""
    argv = [
        QEMU,
        *("-accel", accelerator, "-machine", "pc", "-m", "256", "-nodefaults", "-no-reboot"),
        *("-cpu", "host" if accelerator == "kvm" else "max"),
        *("-display", "none", "-serial", "stdio"),
        *("-kernel", str(kernel.image), "-initrd", str(kernel.initrd)),
        *("-append", f'console=ttyS0 panic=-1 rdinit=/bin/sh -- -c "echo {MARKER}"'),
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
    # The kernel prints its command line too, but there the marker is not alone on its line.
    lines = [line.strip() for line in printed.decode(errors="replace").splitlines()]
    if MARKER in lines:
        return Finding("boot", f"a kernel ran its first program after {seconds:.1f} s", ok=True)
    last = next((line for line in reversed(lines) if line), "no output from the kernel")
    why = ended.splitlines()[-1] if ended else "QEMU exited"
    return Finding("boot", f"a kernel did not run its first program: {why}; {last}", ok=False)


def _flags() -> Finding:
    """Check the processor's flags; even without them, KVM may work in a nested machine."""
    words = set(Path("/proc/cpuinfo").read_text(errors="replace").split())
    found = words & {"vmx", "svm"}
    inside = " This is a virtual machine itself." if "hypervisor" in words else ""
    if found:
        return Finding("processor", f"offers {found.pop()}.{inside}", ok=True)
    return Finding("processor", f"offers neither vmx nor svm.{inside}", ok=False)


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
    checks = [line.strip().removeprefix("QEMU: Checking ") for line in lines]
    return Finding("virt-host-validate", "; ".join(" ".join(one.split()) for one in checks))


def _opens() -> Finding:
    if not DEVICE.exists():
        return Finding("/dev/kvm", "is not there", ok=False)
    try:
        os.close(os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return Finding("/dev/kvm", f"cannot be opened: {error.strerror}", ok=False)
    return Finding("/dev/kvm", "can be opened, which proves nothing by itself", ok=True)


def _advice(findings: list[Finding]) -> tuple[str, ...]:
    """Return what the operator can do, given the findings."""
    by = {one.subject: one for one in findings}
    advice = ["machines are emulated: they work, but processors are about ten times slower"]
    if "hypervisor" in Path("/proc/cpuinfo").read_text(errors="replace"):
        advice.append("enable nested virtualization on the host of this virtual machine")
    elif not by["processor"].ok:
        advice.append("enable virtualization (VT-x, AMD-V) in the firmware setup")
    if "is not there" in by["/dev/kvm"].detail and by["processor"].ok:
        advice.append("load the module: modprobe kvm_intel, or kvm_amd")
    if "Permission" in by["/dev/kvm"].detail:
        advice.append("join the group kvm and log in again, or run this as root")
    advice.append("or use --lab container, for guides that do not need their own kernel")
    return tuple(advice)


def _key(kernel: Kernel | None) -> str:
    program = shutil.which(QEMU)
    parts = [
        Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        os.geteuid(),
        str(kernel),
        Path(program).stat().st_mtime_ns if program else 0,
    ]
    source = Path(__file__).read_bytes()
    return hashlib.sha256(json.dumps(parts).encode() + source).hexdigest()


def _load(key: str) -> Acceleration | None:
    try:
        stored = json.loads(_CACHE.read_text(encoding="utf-8"))
        if stored.pop("key") != key:
            return None
        findings = tuple(Finding(**one) for one in stored.pop("findings"))
        return Acceleration(findings=findings, advice=tuple(stored.pop("advice")), **stored)
    except (OSError, ValueError, KeyError, TypeError):
        # A cache that cannot be read is the same as none.
        return None


def _store(key: str, found: Acceleration) -> None:
    try:
        _CACHE.parent.mkdir(parents=True, exist_ok=True)
        partial = _CACHE.with_name(f"acceleration.{os.getpid()}.json")
        partial.write_text(json.dumps({"key": key, **asdict(found)}) + "\n", encoding="utf-8")
        partial.replace(_CACHE)
    except OSError:
        # Only root can write the cache; for other users the result is not cached.
        return


def choose_driver(boxes: Iterable[Path], progress: Progress) -> str:
    """Return the driver for machines made of `boxes`; tell if it is a slow one."""
    found = detect(find_kernel(*boxes))
    if not found.kvm:
        progress(
            "machines: emulated, about ten times slower than with KVM, which does not work"
            " here; timeouts of steps and checks are multiplied by ten; `runbook lab doctor`"
            " shows why"
        )
    return found.driver


def timeout_factor(record: Path) -> float:
    """Return how many times longer operations take with the driver in the file `record`."""
    try:
        return TIMEOUT_FACTOR[record.read_text(encoding="utf-8")]
    except (OSError, KeyError):
        return 1.0
