"""What is asked of libvirt, tried on its own driver for tests, which has a machine without any."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("libvirt", reason="needs the Python module libvirt (the extra `vagrant`)")

from runbook.labs import LabError
from runbook.labs.machines import Machines
from runbook.labs.networks import Networks


@pytest.fixture
def machines() -> Machines:
    """The one machine `test` that the driver comes with, anew for every connection."""
    return Machines("test:///default", "")


def test_machines_are_found_by_their_prefix(machines: Machines) -> None:
    """Others at the same libvirt are nobody's business."""
    assert machines.states() == {"test": "running"}
    assert Machines("test:///default", "te").states() == {"st": "running"}
    assert Machines("test:///default", "lab_").states() == {}


def test_a_machine_is_stopped_and_started(machines: Machines) -> None:
    """Starting says whether there was anything to start."""
    assert not machines.start("test")
    machines.stop("test")
    assert machines.states() == {"test": "stopped"}
    assert machines.start("test")
    assert machines.states() == {"test": "running"}


def test_snapshots_are_made_listed_reverted_to_and_removed(machines: Machines) -> None:
    """In their order, by their names."""
    machines.snapshot("one")
    machines.snapshot("two")
    assert machines.snapshots() == ("one", "two")
    machines.revert("one")
    assert machines.states() == {"test": "running"}
    machines.forget("one")
    assert machines.snapshots() == ("two",)


def test_wrong_names_are_refused(machines: Machines) -> None:
    """Before anything is done."""
    machines.snapshot("one")
    with pytest.raises(LabError, match="there is a snapshot 'one'"):
        machines.snapshot("one")
    with pytest.raises(LabError, match="is no name of a snapshot"):
        machines.snapshot("a/b")
    with pytest.raises(LabError, match="no snapshot 'two'; there are one"):
        machines.revert("two")
    with pytest.raises(LabError, match="no such machine; there are test"):
        machines.start("other")


def test_a_stopped_machine_is_not_kept(machines: Machines) -> None:
    """Its memory is part of a snapshot."""
    machines.stop("test")
    with pytest.raises(LabError, match="not all machines are running: test"):
        machines.snapshot("one")


def test_machines_are_removed(machines: Machines) -> None:
    """With their snapshots; libvirt's own errors never pass through."""
    machines.snapshot("one")
    assert machines.remove() == 1
    assert machines.found() == {}
    assert machines.snapshots() == ()
    with pytest.raises(LabError, match="libvirt: "):
        Machines("test:///nowhere/file.xml", "")


def test_a_console_is_where_libvirt_says(machines: Machines, tmp_path: Path) -> None:
    """Or nowhere."""
    assert machines.console("test") is None
    text = (
        "<domain type='test'><name>other</name><memory>1024</memory><os><type>hvm</type></os>"
        f"<devices><serial type='file'><source path='{tmp_path}/log'/></serial></devices></domain>"
    )
    machines.connection.defineXML(text)
    assert machines.console("other") == tmp_path / "log"


def test_a_kept_network_is_defined_once_and_hears_new_machines_at_once(
    machines: Machines, tmp_path: Path
) -> None:
    """Its bridge does not listen for loops first, as Vagrant's own would for four seconds."""
    networks = Networks(machines.connection, ("lab",), tmp_path, own=True)
    text = (
        "<network><name>lab</name><bridge name='virbr7' stp='on' delay='0'/>"
        "<ip address='10.9.7.1' netmask='255.255.255.0'/></network>"
    )
    networks.define(text)
    networks.define(text)
    made = machines.connection.networkLookupByName("lab")
    assert "stp='off'" in made.XMLDesc()
    networks.start()
    assert made.isActive()
    networks.remove()
    assert "lab" not in machines.connection.listDefinedNetworks()
