"""Whether virtual machines are accelerated is decided by booting one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.labs.vagrant import acceleration
from runbook.labs.vagrant.acceleration import Acceleration, Finding, Kernel


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Kernel:
    """Install `script` as QEMU, and return a kernel for it."""
    program = tmp_path / acceleration.QEMU
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(acceleration, "_CACHE", tmp_path / "acceleration.json")
    device = tmp_path / "kvm"
    device.touch()
    monkeypatch.setattr(acceleration, "DEVICE", device)
    for name in ("vmlinuz", "initrd"):
        (tmp_path / name).touch()
    return Kernel(tmp_path / "vmlinuz", tmp_path / "initrd")


def test_a_machine_whose_kernel_runs_is_accelerated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof is what the first program prints on the serial console."""
    kernel = fake(tmp_path, monkeypatch, f"echo '[ 0.1] hello'; echo {acceleration.MARKER}")
    found = acceleration.detect(kernel)
    assert found.kvm
    assert found.driver == "kvm"
    assert found.advice == ()


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("exec sleep 60", "silent after 0.3 s; no output from the kernel"),
        ("echo booting; exec sleep 60", "silent after 0.3 s; booting"),
        ("echo 'KVM: no' >&2; exit 1", "KVM: no; no output from the kernel"),
        # The kernel prints its command line, which is no proof.
        (f"echo 'Command line: -c \"echo {acceleration.MARKER}\"'", "QEMU exited; Command line"),
    ],
)
def test_a_device_that_can_be_opened_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, detail: str
) -> None:
    """If the machine hangs or exits, machines are emulated, and its last output is reported."""
    monkeypatch.setattr(acceleration, "DEADLINE", 0.3)
    found = acceleration.detect(fake(tmp_path, monkeypatch, script))
    assert not found.kvm
    assert found.driver == "qemu"
    assert found.possible
    by = {one.subject: one for one in found.findings}
    assert by["/dev/kvm"].ok
    assert detail in by["boot"].detail
    assert any("emulated" in line for line in found.advice)


def test_the_result_is_cached_until_a_reboot_or_a_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test boot may take until its deadline, so it is not repeated at every start."""
    kernel = fake(tmp_path, monkeypatch, f"echo x >>{tmp_path}/calls; echo {acceleration.MARKER}")
    first = acceleration.detect(kernel)
    assert acceleration.detect(kernel) == first
    assert (tmp_path / "calls").read_text() == "x\n"
    acceleration.detect(kernel, refresh=True)
    assert (tmp_path / "calls").read_text() == "x\nx\n"


def test_without_a_device_or_a_kernel_nothing_is_booted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a kernel the result is not cached, because a kernel may change it."""
    kernel = fake(tmp_path, monkeypatch, "exit 9")
    found = acceleration.detect(None)
    assert "there is no kernel to boot" in found.findings[-1].detail
    assert not (tmp_path / "acceleration.json").exists()
    monkeypatch.setattr(acceleration, "DEVICE", tmp_path / "nowhere")
    found = acceleration.detect(kernel)
    assert not found.kvm
    assert "there is no usable /dev/kvm" in found.findings[-1].detail


def test_without_qemu_nothing_is_possible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice says what to install."""
    kernel = fake(tmp_path, monkeypatch, "")
    monkeypatch.setenv("PATH", "/nowhere")
    found = acceleration.detect(kernel)
    assert found == Acceleration(
        possible=False,
        kvm=False,
        findings=(Finding("qemu", "qemu-system-x86_64 is not installed", ok=False),),
        advice=("install the packages of the group `vagrant` in scripts/needs.txt",),
    )
