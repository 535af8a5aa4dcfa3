"""Whose libvirt a lab's machines are in is chosen once, and boxes are kept that others need."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from runbook.labs import LabError, box, home, provider, warm
from runbook.labs.home import Home
from runbook.labs.room import Libvirt, Room
from runbook.labs.warm import Warm

OWN = Libvirt("qemu+unix:///own", ("nsenter",))
SYSTEM = Libvirt("qemu:///system")


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The address of a system's libvirt that does not run; rooms start at once."""
    monkeypatch.delenv("RUNBOOK_LIBVIRT", raising=False)
    monkeypatch.setattr(home, "_SOCKETS", (str(tmp_path / "sock"),))
    monkeypatch.setattr(Room, "up", lambda *_: OWN)
    (tmp_path / "kept").mkdir()
    return tmp_path / "sock"


def lab(tmp_path: Path) -> Home:
    """Return the home of a lab, as every command makes it anew."""
    return Home(tmp_path / "state", tmp_path / "kept")


def test_machines_stay_in_a_room_when_the_systems_libvirt_starts(tmp_path: Path, at: Path) -> None:
    """They are not made a second time beside their own disks."""
    assert lab(tmp_path).up(print) == OWN
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(at))
        server.listen()
        assert home.system() == SYSTEM
        assert lab(tmp_path).up(print) == OWN
        assert lab(tmp_path).libvirt() is None  # this one has no process behind it


def test_machines_of_the_systems_libvirt_wait_for_it(
    tmp_path: Path, at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked for; and nobody says that they are removed when they are not."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(at))
        server.listen()
        assert lab(tmp_path).up(print) == SYSTEM
        monkeypatch.setenv("RUNBOOK_LIBVIRT", "own")
        assert lab(tmp_path).up(print) == SYSTEM
        assert lab(tmp_path).inhabited() == SYSTEM
    ended = "the machines are in the system's libvirt, which is not running"
    with pytest.raises(LabError, match=ended):
        lab(tmp_path).up(print)
    with pytest.raises(LabError, match=ended):
        lab(tmp_path).inhabited()
    assert lab(tmp_path).libvirt() is None


def test_boxes_that_other_labs_stand_on_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vagrant's copy as well: kept machines start on the kernel in it."""
    for module, name in ((warm, "machines"), (box, "boxes"), (provider, "vagrant")):
        place = "BOXES" if module is provider else "PLACE"
        monkeypatch.setattr(module, place, tmp_path / name)
    added = tmp_path / "vagrant/boxes"
    for one in ("debian12-1", "debian12-2"):
        (tmp_path / "boxes" / one).mkdir(parents=True)
        (added / f"runbook-VAGRANTSLASH-{one}").mkdir(parents=True)
    (added / "almalinux-VAGRANTSLASH-9").mkdir()
    kernel = added / "runbook-VAGRANTSLASH-debian12-1/1.0.0/libvirt/vmlinuz"
    description = tmp_path / "machines/lab-ab/recipe/gs1.xml"
    description.parent.mkdir(parents=True)
    description.write_text(f"<domain><os><kernel>{kernel}</kernel></os></domain>")
    used = Warm.boxes()
    box.discard(used)
    provider.discard(used)
    assert [path.name for path in (tmp_path / "boxes").iterdir()] == ["debian12-1"]
    assert sorted(path.name for path in added.iterdir()) == [
        "almalinux-VAGRANTSLASH-9",
        "runbook-VAGRANTSLASH-debian12-1",
    ]
