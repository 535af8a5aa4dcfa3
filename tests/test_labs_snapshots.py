"""Snapshots of a lab: the same promises, of containers and of virtual machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pytest

from runbook import cluster
from runbook.connect import Connection
from runbook.labs import Lab, LabError, Snapshots
from runbook.labs.container import ContainerLab
from runbook.labs.vagrant import VagrantLab
from runbook.pipe import Pipe
from tests.machines import GUIDE, MARKS
from tests.needs import lacking_for_labs

CLUSTER = """
name: kept
network: 10.76.0.0/24
platform: debian12
hosts:
  one: {address: 10.76.0.11}
  two: {address: 10.76.0.12}
container:
  data: /bricks
"""


class Kept(Lab, Snapshots, Protocol):
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
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A lab of two hosts that is up."""
    if request.param == "vagrant":
        machines: VagrantLab = request.getfixturevalue("machines")
        yield machines
        return
    directory = tmp_path_factory.mktemp("kept")
    path = directory / "cluster.yaml"
    path.write_text(CLUSTER)
    containers = ContainerLab(cluster.load(path), directory)
    try:
        containers.up(print)
        yield containers
    finally:
        containers.down(print)


def on(lab: Kept, host: str, command: str) -> str:
    """Return what a shell command prints on a host; it must succeed."""
    way: Connection = lab.connections()[host]
    with Pipe.open(way.pipe("root"), host=host) as pipe:
        done = pipe.run(command, timeout=60)
    assert done.status == 0, done
    return done.stdout.decode().strip()


def data(lab: Kept) -> str:
    """Return a directory of a host that is not on its first disk, or in its volume."""
    return "/bricks" if isinstance(lab, ContainerLab) else "/root"


def test_hosts_come_back_to_what_they_were(lab: Kept) -> None:
    """Files of all hosts, in their data as well; what came later is gone, what went is there."""
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
    # What a journal holds of the time since then is not counted on.
    assert lab.instance() != instance
    assert {one.state for one in lab.status()} == {"running"}
    on(lab, "one", "getent hosts localhost")


def test_going_back_can_be_repeated_and_up_finds_the_hosts_whole(lab: Kept) -> None:
    """A snapshot stays until it is removed, and the hosts are the lab's as before."""
    on(lab, "one", "touch /root/since")
    lab.revert("first", print)
    assert on(lab, "one", "ls /root/since 2>/dev/null || echo gone") == "gone"
    instance = lab.instance()
    said: list[str] = []
    lab.up(said.append)
    assert lab.instance() == instance
    assert not any("made anew" in line for line in said)


def test_snapshots_are_listed_in_their_order_and_removed_by_name(lab: Kept) -> None:
    """Removing one touches neither the hosts nor the other."""
    lab.snapshot("second", print)
    assert lab.snapshots() == ("first", "second")
    on(lab, "two", "touch /root/here")
    lab.forget("first", print)
    assert lab.snapshots() == ("second",)
    on(lab, "two", "ls /root/here")
    lab.forget("second", print)
    assert lab.snapshots() == ()


def test_a_wrong_name_is_refused_with_the_right_ones(lab: Kept) -> None:
    """Nothing is changed by it."""
    lab.snapshot("kept", print)
    with pytest.raises(LabError, match="there is a snapshot 'kept'"):
        lab.snapshot("kept", print)
    for name in ("", "-x", "a b", "a/b"):
        with pytest.raises(LabError, match="is no name of a snapshot"):
            lab.snapshot(name, print)
    instance = lab.instance()
    with pytest.raises(LabError, match="no snapshot 'other'; there are kept"):
        lab.revert("other", print)
    assert lab.instance() == instance
    with pytest.raises(LabError, match="no snapshot 'other'"):
        lab.forget("other", print)
    lab.forget("kept", print)


def test_the_sample_has_the_same_hosts() -> None:
    """So the promises are tried on the same names."""
    known = cluster.load(GUIDE / "lab/cluster.yaml")
    assert [host.name for host in known.hosts] == ["one", "two"]
