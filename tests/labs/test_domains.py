"""Domains and networks, on libvirt's test driver, which has one domain and needs no hypervisor."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("libvirt", reason="needs the Python module libvirt (the extra `vagrant`)")

from runbook.labs import LabError
from runbook.labs.vagrant.domains import Domains
from runbook.labs.vagrant.networks import Networks


@pytest.fixture
def machines() -> Domains:
    """The domain `test` that the driver creates for every connection."""
    return Domains("test:///default", "")


def test_machines_are_found_by_their_prefix(machines: Domains) -> None:
    """Other domains of the same libvirt are ignored."""
    assert machines.states() == {"test": "running"}
    assert Domains("test:///default", "te").states() == {"st": "running"}
    assert Domains("test:///default", "lab_").states() == {}


def test_a_machine_is_stopped_and_started(machines: Domains) -> None:
    """`start` returns whether there was anything to start."""
    assert not machines.start("test")
    machines.stop("test")
    assert machines.states() == {"test": "stopped"}
    assert machines.start("test")
    assert machines.states() == {"test": "running"}


def test_snapshots_are_made_listed_reverted_to_and_removed(machines: Domains) -> None:
    """They are listed in the order of their creation."""
    machines.snapshot("one")
    machines.snapshot("two")
    assert machines.snapshots() == ("one", "two")
    machines.revert("one")
    assert machines.states() == {"test": "running"}
    machines.delete_snapshot("one")
    assert machines.snapshots() == ("two",)


def test_invalid_names_are_rejected(machines: Domains) -> None:
    """They are rejected before anything is done."""
    machines.snapshot("one")
    with pytest.raises(LabError, match="there is already a snapshot 'one'"):
        machines.snapshot("one")
    with pytest.raises(LabError, match="is not a snapshot name"):
        machines.snapshot("a/b")
    with pytest.raises(LabError, match="no snapshot 'two'; there are one"):
        machines.revert("two")
    with pytest.raises(LabError, match="no such machine; there are test"):
        machines.start("other")


def test_a_stopped_machine_cannot_be_saved(machines: Domains) -> None:
    """A snapshot includes the memory."""
    machines.stop("test")
    with pytest.raises(LabError, match="not all machines are running: test"):
        machines.snapshot("one")


def test_machines_are_removed(machines: Domains) -> None:
    """Their snapshots go with them; errors of libvirt become `LabError`."""
    machines.snapshot("one")
    assert machines.remove() == 1
    assert machines.by_host() == {}
    assert machines.snapshots() == ()
    with pytest.raises(LabError, match="libvirt: "):
        Domains("test:///nowhere/file.xml", "")


def test_the_console_log_is_found_in_the_definition(machines: Domains, tmp_path: Path) -> None:
    """A domain may have none."""
    assert machines.console("test") is None
    text = (
        "<domain type='test'><name>other</name><memory>1024</memory><os><type>hvm</type></os>"
        f"<devices><serial type='file'><source path='{tmp_path}/log'/></serial></devices></domain>"
    )
    machines.connection.defineXML(text)
    assert machines.console("other") == tmp_path / "log"


def test_a_saved_network_is_defined_once_and_without_stp(machines: Domains, tmp_path: Path) -> None:
    """With STP, as Vagrant sets it, the bridge would drop the packets of the first four seconds."""
    networks = Networks(machines.connection, ("lab",), tmp_path, private=True)
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
