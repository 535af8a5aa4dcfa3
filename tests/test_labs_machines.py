"""The parts of a lab of virtual machines: what decides, what is read, what libvirt is asked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from runbook.labs import LabError, acceleration, box
from runbook.labs.acceleration import Acceleration, Finding, Kernel
from runbook.labs.box import Box
from runbook.labs.hardware import hardware
from runbook.labs.provider import complaint, ways
from runbook.labs.reach import Reach
from runbook.labs.room import Room
from runbook.model import Cluster, Host
from runbook.operate.machines import open_lab

SAMPLES = Path(__file__).parent / "samples" / "vagrant"
HOSTS = (Host("one", "10.0.0.1", platform="debian12"), Host("el", "10.0.0.2", platform="el9"))


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Kernel:
    """Put a program in the place of QEMU, and return a kernel that it would start."""
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
    """The first program's word on the serial line is the evidence."""
    kernel = fake(tmp_path, monkeypatch, f"echo '[ 0.1] hello'; echo {acceleration.REACHED}")
    found = acceleration.examine(kernel)
    assert found.kvm
    assert found.driver == "kvm"
    assert found.advice == ()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exec sleep 60", "silent after 0.3 s; not a word from the kernel"),
        ("echo booting; exec sleep 60", "silent after 0.3 s; booting"),
        ("echo 'KVM: no' >&2; exit 1", "KVM: no; not a word from the kernel"),
        # The kernel repeats its command line; that it could read it is no evidence.
        (f"echo 'Command line: -c \"echo {acceleration.REACHED}\"'", "it ended; Command line"),
    ],
)
def test_a_device_that_opens_is_no_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """A machine that hangs or ends is emulated, and what was seen of it is told."""
    monkeypatch.setattr(acceleration, "DEADLINE", 0.3)
    found = acceleration.examine(fake(tmp_path, monkeypatch, script))
    assert not found.kvm
    assert found.driver == "qemu"
    assert found.possible
    by = {one.subject: one for one in found.findings}
    assert by["/dev/kvm"].good
    assert said in by["boot"].said
    assert any("emulated" in line for line in found.advice)


def test_what_was_found_is_kept_until_the_machine_boots_or_somebody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe may take its whole time, so it is not made at every start."""
    kernel = fake(tmp_path, monkeypatch, f"echo x >>{tmp_path}/calls; echo {acceleration.REACHED}")
    first = acceleration.examine(kernel)
    assert acceleration.examine(kernel) == first
    assert (tmp_path / "calls").read_text() == "x\n"
    acceleration.examine(kernel, again=True)
    assert (tmp_path / "calls").read_text() == "x\nx\n"


def test_without_a_device_or_a_kernel_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is kept that a kernel could still decide."""
    kernel = fake(tmp_path, monkeypatch, "exit 9")
    found = acceleration.examine(None)
    assert "no kernel here to start" in found.findings[-1].said
    assert not (tmp_path / "acceleration.json").exists()
    monkeypatch.setattr(acceleration, "DEVICE", tmp_path / "nowhere")
    found = acceleration.examine(kernel)
    assert not found.kvm
    assert "there is no usable /dev/kvm" in found.findings[-1].said


def test_without_qemu_nothing_is_possible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the user is told what to install."""
    kernel = fake(tmp_path, monkeypatch, "")
    monkeypatch.setenv("PATH", "/nowhere")
    found = acceleration.examine(kernel)
    assert found == Acceleration(
        possible=False,
        kvm=False,
        findings=(Finding("qemu", "qemu-system-x86_64 is not installed", good=False),),
        advice=("install the packages of the group `vagrant` in scripts/needs.txt",),
    )


def test_how_machines_are_reached_is_read_from_vagrant() -> None:
    """All machines of one call, with the keys that Vagrant has made."""
    found = ways((SAMPLES / "ssh-config.txt").read_text())
    assert list(found) == ["one", "two"]
    assert found["one"].address.startswith("192.168.121.")
    assert (found["one"].user, found["one"].port) == ("vagrant", 22)
    assert found["one"].key.endswith("machines/one/libvirt/private_key")


def test_vagrants_error_is_told_in_its_own_words() -> None:
    """Out of what it prints for programs; where all went well there is none."""
    said = complaint((SAMPLES / "up-of-a-taken-name.txt").read_text())
    assert said.startswith("Name `machines-")
    assert said.endswith("is already taken. Please try to run `vagrant up` command again.")
    assert complaint((SAMPLES / "up-again.txt").read_text()) == ""


def test_a_box_is_known_by_all_that_it_is_made_of() -> None:
    """Another package makes another box, and the machines of the old one do not stand on it."""
    one, other = Box("debian12"), Box("debian12", ("lvm2",))
    assert one.digest != other.digest
    assert one.directory != other.directory
    argv = box.bootstrap_argv(other, ('Acquire::x "y";',), Path("/t"))
    assert any("linux-image-cloud-amd64" in word and ",lvm2" in word for word in argv)
    assert '--aptopt=Acquire::x "y";' in argv
    assert argv[-2:] == ["bookworm", "/t/tree"]


def test_boxes_are_made_for_debian_hosts_only() -> None:
    """Others have boxes that somebody else makes."""
    cluster = Cluster("c", "10.0.0.0/24", HOSTS)
    assert box.boxes(cluster, ("lvm2",)) == {"debian12": Box("debian12", ("lvm2",))}


@pytest.mark.parametrize(
    ("machine", "line", "message"),
    [
        ("machine: [4G]", 7, "machine: a mapping of memory, cpus and disks"),
        ("machine:\n  memroy: 768", 8, "machine: unknown key 'memroy'; known are memory,"),
        ("machine: {memory: 64}", 7, "machine: memory: a number from 128 on, not 64"),
        ("machine:\n  disks: 4G", 8, "machine: disks: a list of sizes of disks, as 10G, not '4G'"),
        (
            "machine:\n  disks: [4]",
            8,
            "machine: disks: a list of sizes of disks, as 10G; 4 is none",
        ),
        ("machine:\n  packages: [-x]", 8, "machine: packages: a list of names of packages; '-x'"),
        ("machine:\n  data: /d", 8, "machine: data: takes a disk; name one in disks"),
        ("machine:\n  el9: {disk: 1}", 8, "machine: el9: unknown key 'disk'"),
    ],
)
def test_what_is_wrong_with_machines_is_told_with_its_line(
    tmp_path: Path, machine: str, line: int, message: str
) -> None:
    """Before anything is made."""
    path = tmp_path / "lab/cluster.yaml"
    path.parent.mkdir()
    hosts = "hosts:\n  one: {address: 10.0.0.1}\n  two: {address: 10.0.0.2, platform: el9}\n"
    path.write_text(f"name: c\nnetwork: 10.0.0.0/24\nplatform: debian12\n{hosts}{machine}\n")
    with pytest.raises(LabError) as caught:
        open_lab(tmp_path, "vagrant")
    assert str(caught.value).startswith(f"{path}:{line}: {message}")


def test_a_host_may_have_the_name_of_a_key() -> None:
    """The key means what it always does."""
    machine = {"disks": ["1G"], "data": "/d", "one": {"memory": 256}}
    hosts = (Host("data", "10.0.0.1"), Host("one", "10.0.0.2"))
    found = hardware(Cluster("c", "10.0.0.0/24", hosts, recipe={"machine": machine}))
    assert found.data == "/d"


def test_notes_of_how_machines_are_reached_can_be_given_and_taken(tmp_path: Path) -> None:
    """The last file that is written says that all are there."""
    one, other = Reach(tmp_path / "one"), Reach(tmp_path / "other")
    one.directory.mkdir()
    other.directory.mkdir()
    assert not one.known
    with pytest.raises(LabError, match="the machines are not there"):
        one.connections(())
    way = {"address": "10.0.0.9", "port": 22, "user": "vagrant", "key": "/k"}
    (one.directory / "known_hosts").write_text("key\n")
    (one.directory / "ways.json").write_text(json.dumps({"gs1": way}))
    other.take_from(one.directory)
    assert other.known
    argv = other.connections(("nsenter", "--net", "--"))["gs1"].shell("root")
    assert argv[:4] == ["nsenter", "--net", "--", "ssh"]
    assert "StrictHostKeyChecking=yes" in argv
    assert f"UserKnownHostsFile={tmp_path}/other/known_hosts" in argv
    other.forget()
    assert not other.known


def test_a_note_of_a_room_that_is_gone_ends_nobody(tmp_path: Path) -> None:
    """A process that has its number now is another one."""
    with subprocess.Popen(["sleep", "60"]) as other:
        note = tmp_path / "room.json"
        note.write_text(json.dumps({"pid": other.pid, "since": "1"}))
        room = Room(tmp_path, tmp_path / "kept")
        assert room.libvirt() is None
        room.down()
        assert other.poll() is None
        assert not note.exists()
        other.kill()
