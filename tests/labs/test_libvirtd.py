"""The choice between the system's libvirt and a private one."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.vagrant import libvirtd
from runbook.labs.vagrant.libvirtd import LabLibvirt
from runbook.labs.vagrant.namespace import Libvirt, PrivateLibvirt

PRIVATE = Libvirt("qemu+unix:///own", ("nsenter",))
SYSTEM = Libvirt("qemu:///system")


@pytest.fixture
def system_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The socket of a system's libvirt that is not running; a private one starts at once."""
    monkeypatch.delenv("RUNBOOK_LIBVIRT", raising=False)
    monkeypatch.setattr(libvirtd, "_SOCKETS", (str(tmp_path / "sock"),))
    monkeypatch.setattr(PrivateLibvirt, "up", lambda *_: PRIVATE)
    (tmp_path / "data").mkdir()
    return tmp_path / "sock"


def lab_libvirt(tmp_path: Path) -> LabLibvirt:
    """Return the libvirt of a lab, as every command creates it."""
    return LabLibvirt(tmp_path / "state", tmp_path / "data")


def test_a_lab_keeps_its_private_libvirt_when_the_systems_starts(
    tmp_path: Path, system_socket: Path
) -> None:
    """If the system's libvirt starts, the machines are not created a second time in it."""
    assert lab_libvirt(tmp_path).up(print) == PRIVATE
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(system_socket))
        server.listen()
        assert libvirtd.system() == SYSTEM
        assert lab_libvirt(tmp_path).up(print) == PRIVATE
        assert lab_libvirt(tmp_path).libvirt() is None  # this one has no process behind it


def test_a_lab_in_the_systems_libvirt_needs_it(
    tmp_path: Path, system_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if RUNBOOK_LIBVIRT has changed; removal fails instead of leaving machines behind."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(system_socket))
        server.listen()
        assert lab_libvirt(tmp_path).up(print) == SYSTEM
        monkeypatch.setenv("RUNBOOK_LIBVIRT", "own")
        assert lab_libvirt(tmp_path).up(print) == SYSTEM
        assert lab_libvirt(tmp_path).for_removal() == SYSTEM
    message = "the machines are in the system's libvirt, which is not running"
    with pytest.raises(LabError, match=message):
        lab_libvirt(tmp_path).up(print)
    with pytest.raises(LabError, match=message):
        lab_libvirt(tmp_path).for_removal()
    assert lab_libvirt(tmp_path).libvirt() is None


def test_a_stale_pid_file_kills_nothing(tmp_path: Path) -> None:
    """The PID may belong to another process by now."""
    with subprocess.Popen(["sleep", "60"]) as other:
        pid_file = tmp_path / "room.json"
        pid_file.write_text(json.dumps({"pid": other.pid, "since": "1"}))
        private = PrivateLibvirt(tmp_path, tmp_path / "data")
        assert private.libvirt() is None
        private.down()
        assert other.poll() is None
        assert not pid_file.exists()
        other.kill()
