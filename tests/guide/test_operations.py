"""The programs and checks of the chapters on operations, at a good engine and at an ill one."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.engine_api import PASSWORD
from tests.support.engine_operations import SIZE, FencingPolicy, OperatedEngine
from tests.support.engine_program import run_program, written
from tests.support.engine_world import World

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

RENEW = "operations/certificates/renew-the-certificates-of-the-hosts"
LEVEL = "operations/updates/raise-the-level-of-all-clusters-and-data-centers"
STATE = "operations/storage-trouble/show-the-state-of-storage"
AGENTS = "operations/fencing/give-each-host-its-agent"
NO_AGENTS = "operations/fencing/take-the-agents-away-from-the-hosts"
SWITCH = "operations/fencing/switch-fencing-off-and-on"


@pytest.fixture
def engine(world: World) -> OperatedEngine:
    """An engine in operation, in the place of the other one."""
    world.engine = OperatedEngine(certificates=world.directory)
    for name in world.engine.hosts:
        world.write(f"{name}.example.com.cer", "before")
    return world.engine


def program(world: World, step: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program that a step of the guide writes, against the stand-in."""
    text = written(world.step(step)).replace("/etc/pki/ovirt-engine/certs", str(world.directory))
    text = re.sub(r"time\.monotonic\(\) \+ \d+", "time.monotonic() + 5", text)
    return run_program(world, text, *arguments, typed=f"{PASSWORD}\n" * 2)


@pytest.mark.parametrize("status", ["up", "non_responsive"])
def test_certificates_of_hosts_are_renewed(
    world: World, engine: OperatedEngine, status: str
) -> None:
    """In maintenance, or where the host does not respond because its certificate has ended."""
    engine.hosts["gs3"] = status
    world.start()
    write = "operations/certificates/write-the-program-that-renews-the-certificates-of-hosts"
    ran = program(world, write, "gs2", "gs3")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "gs2 has new certificates\ngs3 has new certificates\n"
    assert (world.directory / "gs3.example.com.cer").read_text() == "after before"
    assert ("/hosts/id-of-gs3/deactivate" in " ".join(engine.asked)) == (status == "up")
    assert world.ask(RENEW, 1).held


def test_a_host_without_new_certificates_stops_the_program(
    world: World, engine: OperatedEngine
) -> None:
    """The installation failed; the program says where to look, and does not activate the host."""
    engine.enrolls = False
    world.start()
    write = "operations/certificates/write-the-program-that-renews-the-certificates-of-hosts"
    ran = program(world, write, "gs2", "gs3")
    assert ran.returncode == 1
    assert "gs2 is install_failed: look into /var/log/ovirt-engine/host-deploy" in ran.stderr
    assert engine.hosts == {"gs2": "install_failed", "gs3": "up"}
    assert not world.ask(RENEW, 1).held


def watch(directory: Path, world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program of the guide that looks at certificates."""
    step = world.step("operations/certificates/install-the-program-that-looks-at-certificates")
    argv = ["sh", "-c", written(step), "certificates-left", *arguments]
    return subprocess.run(argv, cwd=directory, capture_output=True, text=True, check=False)


def test_a_certificate_that_ends_soon_is_named(world: World) -> None:
    """So are one that is missing, a file that is none, and a watch that looks at nothing."""
    good = str(world.authority / "ca.pem")  # it has two days
    (world.directory / "none.cer").write_text("no certificate")
    assert watch(world.directory, world, "1", good).returncode == 0
    for bad in (["3", good], ["1", good, "missing.cer"], ["1", "none.cer", good], ["1"]):
        ran = watch(world.directory, world, *bad)
        assert ran.returncode != 0, bad
    assert f"days: {good}" in watch(world.directory, world, "3", good).stdout


def test_hosts_are_updated_one_after_another(world: World, engine: OperatedEngine) -> None:
    """The engine looks for updates first; a host without any is left alone."""
    engine.updates = ["gs3"]
    world.start()
    write = "operations/updates/write-the-program-that-updates-hosts"
    ran = program(world, write, "gs2", "gs3")
    assert (ran.returncode, ran.stdout) == (0, "gs2 is up to date\ngs3 is up to date\n"), ran.stderr
    assert engine.updates == []
    assert not any("gs2/upgrade?" in path or path.endswith("gs2/upgrade") for path in engine.asked)


def test_a_look_for_updates_that_fails_stops_the_program(
    world: World, engine: OperatedEngine
) -> None:
    """No host is updated by what was known before."""
    engine.updates, engine.looks = ["gs2"], False
    world.start()
    ran = program(world, "operations/updates/write-the-program-that-updates-hosts", "gs2")
    assert ran.returncode == 1
    assert "gs2: looked for updates" in ran.stderr
    assert engine.updates == ["gs2"]


def test_the_level_is_raised_and_a_refusal_is_told(world: World, engine: OperatedEngine) -> None:
    """Its check is red before, and green after; 4.9 fits no host."""
    world.write("root/level-raised", "today")
    world.start()
    assert not world.ask(LEVEL).held
    write = "operations/updates/write-the-program-that-raises-the-level"
    ran = program(world, write, "4.9")
    assert (ran.returncode, engine.level) == (1, (4, 7))
    assert "Cannot change Cluster Compatibility Version" in ran.stderr
    ran = program(world, write, "4.8")
    assert (ran.returncode, ran.stdout) == (0, "Default has level 4.8\n" * 2), ran.stderr
    assert world.ask(LEVEL).held


def test_storage_that_is_well_is_told_from_storage_that_is_not(
    world: World, engine: OperatedEngine
) -> None:
    """By the program and by the check; the program also knows the SPM and disks."""
    world.start()
    write = "operations/storage-trouble/write-the-program-that-shows-the-state-of-storage"
    assert program(world, write).returncode == 0
    assert world.ask(STATE, 1).held
    engine.disks["bbb-disk"] = "illegal"
    ran = program(world, write)
    assert ran.returncode == 1
    assert "disk bbb-disk (id-of-bbb-disk) is illegal" in ran.stdout
    engine.disks = {"aaa-disk": "ok"}
    engine.spm = ""
    assert "SPM: no host" in program(world, write).stdout
    assert not world.ask(STATE, 1).held
    engine.spm, engine.domains = "gs2", {"data": "inactive"}
    assert program(world, write).returncode == 1
    assert not world.ask(STATE, 1).held
    engine.domains, engine.master = {"data": "active"}, ""
    assert not world.ask(STATE, 1).held


def test_power_management_is_given_tried_and_switched(world: World, engine: OperatedEngine) -> None:
    """An agent without lanplus is red; so is a policy that is off, and an agent that is left."""
    world.write("root/fencing-switched", "today")
    world.start()
    write = "operations/fencing/write-the-program-for-fencing"
    assert not world.ask(AGENTS).held
    for _ in range(2):
        ran = program(world, write, "set", "gs2", "gs3")
        assert ran.stdout == "gs2 has an agent\ngs3 has an agent\n", ran.stderr
    assert program(world, write, "status", "gs2").stdout == "gs2 is on\n"
    assert world.ask(AGENTS).held
    for options in ({}, {"lanplus": "1"}, {"privlvl": "operator"}):
        engine.agents["gs3"] = options
        assert program(world, write, "status", "gs3").stdout == "gs3 is unknown\n"
        assert not world.ask(AGENTS).held
    assert not world.ask(SWITCH, 1).held
    assert program(world, write, "on").stdout == "fencing in Default is on\n"
    assert world.ask(SWITCH, 1).held
    assert program(world, write, "off").stdout == "fencing in Default is off\n"
    assert not world.ask(SWITCH, 1).held
    assert program(world, write, "restart", "gs3").stdout == "gs3 is up again\n"
    assert program(world, write, "burn", "gs3").returncode == 1
    assert program(world, write, "unset", "gs2").stdout == "gs2 has no agent\n"
    assert not world.ask(NO_AGENTS).held
    assert program(world, write, "unset", "gs3").stdout == "gs3 has no agent\n"
    assert world.ask(NO_AGENTS).held


def test_switching_fencing_keeps_what_else_a_cluster_says_of_it(
    world: World, engine: OperatedEngine
) -> None:
    """The engine resets what is not sent, such as the care for GlusterFS's quorum."""
    engine.fencing = FencingPolicy(
        enabled=True,
        threshold=30,
        skip_if_gluster_bricks_up=True,
        skip_if_gluster_quorum_not_met=True,
    )
    world.start()
    for order in ("off", "on"):
        ran = program(world, "operations/fencing/write-the-program-for-fencing", order)
        assert ran.returncode == 0, ran.stderr
        assert engine.fencing == FencingPolicy(
            enabled=order == "on",
            skip_if_sd_active=True,
            skip_if_connectivity_broken=True,
            threshold=30,
            skip_if_gluster_bricks_up=True,
            skip_if_gluster_quorum_not_met=True,
        )


def hosted_engine(world: World, *, paused: bool, code: int = 0, live: bool = True) -> None:
    """Let both hosts of a hosted engine say that it is well, in global maintenance or not."""
    one = {"live-data": live, "engine-status": {"vm": "up", "health": "good", "detail": "Up"}}
    status = {"1": one, "2": {**one, "engine-status": {"vm": "down"}}, "global_maintenance": paused}
    world.install("hosted-engine", f"#!/bin/sh\necho '{json.dumps(status)}'\nexit {code}\n")
    world.write("root/global-maintenance-drill", "today")


@pytest.mark.parametrize("paused", [True, False])
def test_global_maintenance_is_told_from_none(world: World, paused: bool) -> None:
    """Each of the two checks holds in the state that it names, and in no other."""
    hosted_engine(world, paused=paused)
    world.start()
    assert world.ask("operations/hosted-engine/set-global-maintenance").held is paused
    assert world.ask("operations/hosted-engine/end-global-maintenance", 1).held is not paused


def test_a_hosted_engine_that_nobody_hears_is_red(world: World) -> None:
    """Its broker does not answer, or what the hosts said is old."""
    world.start()
    end = "operations/hosted-engine/end-global-maintenance"
    hosted_engine(world, paused=False, live=False)
    assert not world.ask(end, 1).held
    hosted_engine(world, paused=False, code=1)
    assert not world.ask(end, 1).held


def test_what_is_bad_on_the_platform_is_named(world: World, engine: OperatedEngine) -> None:
    """A host, a domain that is nearly full, a paused VM, and maintenance that nobody has ended."""
    world.start()
    write = "operations/monitoring/write-the-program-that-looks-over-the-platform"
    ran = program(world, write)
    assert (ran.returncode, ran.stdout) == (0, "2 hosts and 1 domains are well\n"), ran.stderr
    engine.hosts["gs3"] = "non_operational"
    engine.free = SIZE // 10 + 1
    engine.vms = {"aaa": "paused"}
    engine.paused = True
    ran = program(world, write)
    assert ran.returncode == 1
    assert ran.stdout.splitlines() == [
        "host gs3 is non_operational",
        "global maintenance is set",
        "domain data has 10 % left",
        "virtual machine aaa is paused",
    ]
