"""Snapshots behave the same for containers and for virtual machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pytest

from runbook.labs import Lab, LabError, SupportsSnapshots
from runbook.labs.container.lab import ContainerLab
from runbook.labs.vagrant.lab import VagrantLab
from runbook.model import cluster
from tests.support.container_lab import container_lab
from tests.support.lab_shell import on
from tests.support.machines import GUIDE, MARKS
from tests.support.needs import lacking_for_labs

CLUSTER = """
name: snapshots
network: 10.76.0.0/24
platform: debian12
hosts:
  one: {address: 10.76.0.11}
  two: {address: 10.76.0.12}
container:
  data: /bricks
"""


class SnapshotLab(Lab, SupportsSnapshots, Protocol):
    """A lab with snapshots."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            "container",
            marks=[
                pytest.mark.lab,
                pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
            ],
        ),
        pytest.param("vagrant", marks=MARKS),
    ],
)
def lab(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SnapshotLab]:
    """A lab of two hosts that is up."""
    if request.param == "vagrant":
        machines: VagrantLab = request.getfixturevalue("machines")
        yield machines
        return
    with container_lab(CLUSTER, tmp_path_factory.mktemp("kept")) as containers:
        yield containers


def data(lab: SnapshotLab) -> str:
    """Return a directory for data: the volume, if the host has one."""
    return "/bricks" if isinstance(lab, ContainerLab) else "/root"


def test_hosts_are_reverted_with_their_data(lab: SnapshotLab) -> None:
    """Changed files are as before, deleted ones are back, and new ones are gone."""
    place = data(lab)
    for host in ("one", "two"):
        on(lab, host, f"echo {host} >/root/before; echo {host} >{place}/data; rm -f /root/after")
    on(lab, "one", f"setfattr -n trusted.kept -v yes {place}/data 2>/dev/null; sync")
    lab.snapshot("first", print)
    assert lab.snapshots() == ("first",)
    instance = lab.instance()
    for host in ("one", "two"):
        on(lab, host, f"rm /root/before; echo other >{place}/data; touch /root/after")
    lab.revert("first", print)
    for host in ("one", "two"):
        assert on(lab, host, f"cat /root/before {place}/data; ls /root/after 2>&1 || true") == (
            f"{host}\n{host}\nls: cannot access '/root/after': No such file or directory"
        )
    # What the journal has since then no longer counts.
    assert lab.instance() != instance
    assert {one.state for one in lab.status()} == {"running"}
    on(lab, "one", "getent hosts localhost")


def test_a_revert_can_be_repeated_and_up_changes_nothing(lab: SnapshotLab) -> None:
    """A snapshot stays until it is deleted, and the reverted hosts are complete."""
    on(lab, "one", "touch /root/since")
    lab.revert("first", print)
    assert on(lab, "one", "ls /root/since 2>/dev/null || echo gone") == "gone"
    instance = lab.instance()
    lines: list[str] = []
    lab.up(lines.append)
    assert lab.instance() == instance
    assert not any("recreated" in line for line in lines)


def test_snapshots_are_listed_in_order_and_deleted_by_name(lab: SnapshotLab) -> None:
    """Deleting one affects neither the hosts nor the other."""
    lab.snapshot("second", print)
    assert lab.snapshots() == ("first", "second")
    on(lab, "two", "touch /root/here")
    lab.delete_snapshot("first", print)
    assert lab.snapshots() == ("second",)
    on(lab, "two", "ls /root/here")
    lab.delete_snapshot("second", print)
    assert lab.snapshots() == ()


def test_an_invalid_name_is_rejected(lab: SnapshotLab) -> None:
    """The error lists the existing snapshots, and nothing is changed."""
    lab.snapshot("kept", print)
    with pytest.raises(LabError, match="there is already a snapshot 'kept'"):
        lab.snapshot("kept", print)
    for name in ("", "-x", "a b", "a/b"):
        with pytest.raises(LabError, match="is not a snapshot name"):
            lab.snapshot(name, print)
    instance = lab.instance()
    with pytest.raises(LabError, match="no snapshot 'other'; there are kept"):
        lab.revert("other", print)
    assert lab.instance() == instance
    with pytest.raises(LabError, match="no snapshot 'other'"):
        lab.delete_snapshot("other", print)
    lab.delete_snapshot("kept", print)


def test_the_vagrant_lab_has_the_same_hosts() -> None:
    """Both labs of these tests have hosts of the same names."""
    known = cluster.load(GUIDE / "lab/cluster.yaml")
    assert [host.name for host in known.hosts] == ["one", "two"]
