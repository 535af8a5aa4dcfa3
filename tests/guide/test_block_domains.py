"""The guide's programs for a domain on LUNs take the free one, and none if there is a doubt."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.engine_api import PASSWORD
from tests.support.engine_luns import CHAP, LunsEngine
from tests.support.engine_program import run_program, written
from tests.support.engine_world import World

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

CHAPTER = "storage/iscsi-fc/"
ADD, REMOVE = CHAPTER + "add-the-iscsi-domain", CHAPTER + "remove-the-block-domain"

TRIED = [(ADD, 0), (ADD, 1)]


@pytest.fixture
def engine(world: World) -> LunsEngine:
    """Give the world an engine without domains whose hosts see one LUN, and start it."""
    made = LunsEngine(domains={"data": "active"})
    world.engine = made
    world.start()
    return made


def run(world: World, step: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program that a step of the chapter writes, against the stand-in."""
    text = written(world.step(CHAPTER + step))
    return run_program(world, text, *arguments, typed=f"{PASSWORD}\n{CHAP}\n")


def test_a_domain_is_made_of_the_free_lun_and_removed_again(
    world: World, engine: LunsEngine
) -> None:
    """Red before, green after; a second time it makes nothing."""
    engine.luns["3600140500000002"] = "used"
    assert not world.ask(ADD, 0).held
    for _ in range(2):
        ran = run(world, "write-the-program-that-adds-an-iscsi-domain", "iscsi")
        assert (ran.returncode, ran.stdout.strip()) == (0, "block is active"), ran.stderr
    assert world.ask(ADD, 0).held
    assert engine.luns["3600140500000001"] == "used"
    assert not world.ask(REMOVE).held
    ran = run(world, "write-the-program-that-removes-the-block-domain")
    assert ran.returncode == 0, ran.stderr
    assert world.ask(REMOVE).held
    assert engine.domains == {"data": "active"}


def test_fibre_channel_needs_neither_discovery_nor_a_password(
    world: World, engine: LunsEngine
) -> None:
    """The LUNs are there by themselves."""
    engine.kind = "fcp"
    ran = run(world, "write-the-program-that-adds-an-iscsi-domain", "fcp")
    assert ran.returncode == 0, ran.stderr
    assert not any("iscsi" in path for path in engine.asked)


@pytest.mark.parametrize(
    "luns", [{}, {"3600140500000001": "used"}, dict.fromkeys(("3600a", "3600b"), "free")]
)
def test_no_lun_is_taken_if_there_is_a_doubt(
    world: World, engine: LunsEngine, luns: dict[str, str]
) -> None:
    """None, one that is used, and two that are free: the wrong one has somebody's data."""
    engine.luns = dict(luns)
    ran = run(world, "write-the-program-that-adds-an-iscsi-domain", "iscsi")
    assert ran.returncode == 1
    assert "must see exactly one free LUN" in ran.stderr
    assert engine.domains == {"data": "active"}
    assert engine.luns == luns


@pytest.mark.parametrize("status", ["inactive", "maintenance", "locked", "unknown"])
def test_a_block_domain_that_is_not_active_is_red(
    world: World, engine: LunsEngine, status: str
) -> None:
    """It is the data center's view that counts."""
    engine.domains["block"] = status
    assert not world.ask(ADD, 0).held


@pytest.mark.parametrize(
    ("session", "status", "held"),
    [
        ("tcp: [1] 192.168.10.110:3260,1 iqn.2003-01.org.example:one (non-flash)", 0, True),
        ("tcp: [1] 192.168.10.110:3260,1 iqn.2003-01.org.example:one (non-flash)", 1, False),
        ("tcp: [1] 192.168.10.101:3260,1 iqn.2003-01.org.example:one (non-flash)", 0, False),
        ("iscsiadm: No active sessions.", 0, False),
    ],
)
def test_a_host_without_a_session_or_without_the_volume_group_is_red(
    world: World, engine: LunsEngine, session: str, status: int, held: bool
) -> None:
    """A session with another portal is no better."""
    engine.domains["block"] = "active"
    world.install("iscsiadm", f"#!/bin/sh\necho '{session}'\n")
    world.install("vdsm-client", f"#!/bin/sh\nexit {status}\n")
    assert world.ask(ADD, 1).held is held
