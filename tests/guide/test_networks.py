"""The guide's program for networks does what its checks ask for, and they see what is missing."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.engine_networks import NetworksEngine
from tests.support.engine_program import run_program, written
from tests.support.engine_world import World

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

WRITE = "networks/logical/write-the-program-that-makes-and-attaches-the-networks"
ATTACH = "networks/logical/make-the-networks-and-attach-them-to-the-hosts"
DETACH = "networks/logical/detach-and-remove-the-networks"


@pytest.fixture
def engine(world: World) -> NetworksEngine:
    """Give the world an engine with nothing but its management network, and start it."""
    made = NetworksEngine(attached={name: {"ovirtmgmt": True} for name in ("gs2", "gs3")})
    world.engine = made
    world.start()
    return made


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program that the chapter writes, against the stand-in."""
    return run_program(world, written(world.step(WRITE)), *arguments)


def test_the_networks_are_made_attached_and_removed_again(
    world: World, engine: NetworksEngine
) -> None:
    """Red before, green after, twice; and in the end only the management network is left."""
    assert not world.ask(ATTACH, 0).held
    assert not world.ask(ATTACH, 1).held
    for _ in range(2):
        ran = run(world, "add")
        assert ran.returncode == 0, ran.stderr
    assert world.ask(ATTACH, 0).held
    assert world.ask(ATTACH, 1).held
    assert engine.bonds == {"gs2": ["eth1", "eth2"], "gs3": ["eth1", "eth2"]}
    assert not world.ask(DETACH).held
    ran = run(world, "remove")
    assert ran.returncode == 0, ran.stderr
    assert world.ask(DETACH).held
    assert list(engine.networks) == ["ovirtmgmt"]
    assert engine.attached == {name: {"ovirtmgmt": True} for name in ("gs2", "gs3")}
    assert engine.bonds == {}


@pytest.mark.parametrize("host", ["gs2", "gs3"])
@pytest.mark.parametrize("network", ["migration", "storage", "guests"])
def test_a_host_that_lacks_a_network_or_has_another_is_red(
    world: World, engine: NetworksEngine, host: str, network: str
) -> None:
    """Missing, and out of sync."""
    assert run(world, "add").returncode == 0
    engine.attached[host][network] = False
    assert not world.ask(ATTACH, 0).held
    del engine.attached[host][network]
    assert not world.ask(ATTACH, 0).held


def test_a_cluster_that_uses_its_networks_otherwise_is_red(
    world: World, engine: NetworksEngine
) -> None:
    """Migrations over the management network; a required one for migration; storage that is not."""
    assert run(world, "add").returncode == 0
    engine.networks["migration"].usages = ()
    assert not world.ask(ATTACH, 1).held
    engine.networks["migration"].usages = ("migration",)
    assert world.ask(ATTACH, 1).held
    engine.networks["migration"].required = True
    assert not world.ask(ATTACH, 1).held
    engine.networks["migration"].required = False
    engine.networks["storage"].required = False
    assert not world.ask(ATTACH, 1).held
