"""The guide's checks of a hosted engine tell a working one from a broken one."""

from __future__ import annotations

import json

import pytest

from tests.support.engine_world import World

from . import test_block_domains
from .test_engine_checks import ENGINES_OWN

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

DEPLOY = "engine/hosted/deploy-the-engine-on-the-first-host"
FURTHER = "engine/hosted/add-a-second-host-that-may-run-the-engine-vm"
DRILL = "engine/hosted/restart-the-engine-vm-on-purpose"
HOSTED_SERVICES = ("ovirt-ha-agent", "ovirt-ha-broker", "vdsmd", "sanlock")
_HOSTED_ENGINE = """#!/bin/sh
case $1 in
--check-deployed) exec test -s "$(dirname "$0")/../deployed" ;;
--vm-status) cat "$(dirname "$0")/../status"; exit "$(cat "$(dirname "$0")/../rc")" ;;
esac
"""


def hosted(world: World, *, health: str = "good", score: int = 3400, paused: bool = False) -> None:
    """Make the machine a host of a hosted engine, as it says of itself."""
    one = {
        "hostname": "gs2.example.com",
        "host-id": 1,
        "score": score,
        "live-data": True,
        "engine-status": {"vm": "up", "health": health, "detail": "Up"},
        "extra": "state=EngineUp\n",
    }
    other = {**one, "hostname": "gs3.example.com", "host-id": 2}
    other["engine-status"] = {"vm": "down", "health": "bad", "detail": "unknown"}
    status = {"1": one, "2": other, "global_maintenance": paused}
    world.write("status", json.dumps(status))
    world.write("rc", "0")
    world.write("deployed", "yes")
    world.serve(*HOSTED_SERVICES)
    world.write("root/engine-restart-drill", "today")
    world.install("hosted-engine", _HOSTED_ENGINE)
    world.start()


HOSTED = [(DEPLOY, 0), (DEPLOY, 1), (FURTHER, 0), (FURTHER, 1), (DRILL, 0), (DRILL, 1)]


@pytest.mark.parametrize(("step", "number"), HOSTED)
def test_a_good_hosted_engine_is_green(world: World, step: str, number: int) -> None:
    """Of its program, its services and its API."""
    hosted(world)
    result = world.ask(step, number)
    assert result.held, result.detail


@pytest.mark.parametrize(("step", "number"), HOSTED)
def test_a_host_without_a_hosted_engine_is_red(world: World, step: str, number: int) -> None:
    """So is every host before the deployment."""
    world.engine.hosts = {}
    world.start()
    assert not world.ask(step, number).held


def test_a_hosted_engine_that_is_ill_is_red(world: World) -> None:
    """Its machine is up, and the engine in it does not work."""
    hosted(world, health="bad")
    world.engine.health = (503, "Service Unavailable")
    assert not world.ask(DEPLOY, 0).held
    assert not world.ask(DRILL, 1).held


def test_a_host_that_would_not_start_the_engine_is_red(world: World) -> None:
    """Its score says so, or one of its services is missing."""
    hosted(world, score=0)
    assert not world.ask(FURTHER, 1).held
    for name in HOSTED_SERVICES:
        world.serve(*(other for other in HOSTED_SERVICES if other != name))
        assert name in world.ask(DEPLOY, 1).detail


def test_a_hosted_engine_that_nobody_watches_is_red(world: World) -> None:
    """Global maintenance was left on."""
    hosted(world, paused=True)
    assert not world.ask(DRILL, 1).held


def test_a_broker_that_does_not_answer_is_red(world: World) -> None:
    """The program then prints something like JSON, and its exit status is 1."""
    hosted(world)
    world.write("status", "{'1': {'engine-status': {'health': 'good'}}}")
    world.write("rc", "1")
    assert not world.ask(DEPLOY, 0).held
    assert not world.ask(DRILL, 1).held


def test_every_check_that_asks_the_engine_is_among_those_that_are_tried(world: World) -> None:
    """A check that is added to the guide is added here."""
    functions = [name for name in world.shared.names({}) if name.islower()]
    asking = {
        (step.id, number)
        for step in world.guide.steps()
        if not step.undo and "el9" in step.platforms
        for number, check in enumerate(step.checks)
        if any(f"{name}(" in check.source for name in functions)
    }
    mine = {one for one in asking if one[0].split("/")[0] in ("engine", "hosts", "storage")}
    assert mine - set(HOSTED) - set(ENGINES_OWN) - set(test_block_domains.TRIED) == set()
