"""The programs on the guide's pages do at an engine what the steps' checks ask for."""

from __future__ import annotations

import subprocess

import pytest

from runbook.model import Dialogue
from tests.support.engine_policies import MANDATORY, none
from tests.support.engine_program import run_program, written
from tests.support.engine_world import World

from .test_engine_checks import ADD, DOMAINS, POLICY

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")


def program(world: World, step: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program that a step of the guide writes, against the stand-in."""
    return run_program(world, written(world.step(step)), *arguments)


def shown(world: World, step: str) -> str:
    """What the guide shows that a step's program prints."""
    (dialogue,) = (one for one in world.step(step).actions if isinstance(one, Dialogue))
    return dialogue.output.partition("\n")[2].strip()


def test_the_program_that_adds_hosts_makes_its_steps_check_green(world: World) -> None:
    """Red before, green after, and nothing is done twice."""
    world.engine.hosts = {}
    world.start()
    write = "hosts/adding/write-the-program-that-adds-hosts"
    assert not world.ask(ADD).held
    ran = program(world, write, "gs2", "gs3")
    assert (ran.returncode, ran.stdout.strip()) == (0, shown(world, ADD)), ran.stderr
    assert world.ask(ADD).held
    assert sum("deploy_hosted_engine=false" in path for path in world.engine.asked) == 2
    assert program(world, write, "--hosted-engine", "gs2", "gs5").returncode == 0
    assert sum("deploy_hosted_engine=true" in path for path in world.engine.asked) == 1


def test_the_program_that_adds_hosts_stops_at_one_that_fails(world: World) -> None:
    """It names the host and what the engine says of it."""
    world.engine.hosts["gs3"] = "install_failed"
    world.start()
    ran = program(world, "hosts/adding/write-the-program-that-adds-hosts", "gs3")
    assert ran.returncode == 1
    assert "gs3 is install_failed" in ran.stderr


def test_the_program_that_removes_hosts_makes_its_steps_check_green(world: World) -> None:
    """Each goes to maintenance first; the engine removes no other."""
    world.start()
    remove = "hosts/adding/remove-the-hosts"
    assert not world.ask(remove).held
    ran = program(world, "hosts/adding/write-the-program-that-removes-hosts", "gs3", "gs2")
    assert (ran.returncode, ran.stdout.strip()) == (0, shown(world, remove)), ran.stderr
    assert world.ask(remove).held


def test_the_programs_for_storage_domains_make_their_steps_checks_green(world: World) -> None:
    """They are added, attached and active; and two of them leave again."""
    world.engine.domains = {}
    world.start()
    write = "storage/domains/write-the-program-that-adds-storage-domains"
    assert not world.ask(DOMAINS).held
    for _ in range(2):
        ran = program(world, write)
        assert (ran.returncode, ran.stdout.strip()) == (0, shown(world, DOMAINS)), ran.stderr
    assert world.ask(DOMAINS).held
    remove = "storage/domains/remove-the-iso-and-the-export-domain"
    assert not world.ask(remove).held
    write = "storage/domains/write-the-program-that-removes-the-iso-and-the-export-domain"
    ran = program(world, write)
    assert (ran.returncode, ran.stdout.strip()) == (0, shown(world, remove)), ran.stderr
    assert world.ask(remove).held
    assert world.engine.domains == {"data": "active"}


def test_the_programs_for_a_policy_make_their_steps_checks_green(world: World) -> None:
    """The policy is made and used; and then it is gone, and the cluster uses none."""
    world.engine.policies = {"none": none()}
    world.engine.policy = "none"
    world.start()
    write = "hosts/scheduling/write-the-program-that-makes-a-policy-and-uses-it"
    assert not world.ask(POLICY, 0).held
    assert not world.ask(POLICY, 1).held
    for _ in range(2):
        ran = program(world, write)
        assert (ran.returncode, ran.stdout.strip()) == (0, shown(world, POLICY)), ran.stderr
    assert world.ask(POLICY, 0).held
    assert world.ask(POLICY, 1).held
    back = "hosts/scheduling/go-back-to-the-policy-none"
    assert not world.ask(back).held
    ran = program(world, "hosts/scheduling/write-the-program-that-goes-back-to-the-policy-none")
    assert (ran.returncode, ran.stdout.strip()) == (0, shown(world, back)), ran.stderr
    assert world.ask(back).held


def test_a_policy_unit_of_another_name_is_told_with_those_that_there_are(world: World) -> None:
    """Names of units have changed between versions of the engine."""
    world.engine.policies = {"none": none()}
    weights = world.engine.policies["none"].weights
    del weights["OptimalForMemoryEvenDistribution"]
    world.start()
    ran = program(world, "hosts/scheduling/write-the-program-that-makes-a-policy-and-uses-it")
    assert ran.returncode == 1
    assert "there is no weight OptimalForMemoryEvenDistribution" in ran.stderr
    assert f"there are: {', '.join(sorted(weights))}" in ran.stderr
    assert not set(MANDATORY) & set(weights), "the engine lists none of them"
    assert list(world.engine.policies) == ["none"], "nothing was made"
