"""The guide's checks of an engine tell a working one from a broken one.

They are evaluated as a run does it, against a stand-in for the engine (`engine_api.py`), with
real TLS. Their host is this machine with other files, another name and other services.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import define, frozen

from runbook import shared
from runbook.bash import PIPE
from runbook.check import evaluate
from runbook.errors import RunbookError
from runbook.live import HostMap, LiveHost, closing_all
from runbook.model import Check, Dialogue, FileContent, Runbook
from runbook.result import CheckResult
from runbook.sphinx import plan

from .engine_api import PASSWORD, UNITS, Engine, answering, make_authority

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

ROOT = Path(__file__).parents[1]
ADDRESS = "127.0.0.1"
NAMES = ("gs1.example.com", "engine.example.com")
SERVICES = ("ovirt-engine", "ovirt-engine-dwhd", "ovirt-websocket-proxy", "httpd", "postgresql")
SET_UP = "OVESETUP_CORE/x=str:y\nOVESETUP_ENGINE_CORE/enable=bool:True\n"

# Other files over those of this machine, for this shell and what it starts only.
_OTHER_MACHINE = """
set -e
mount -t overlay -o "lowerdir=$0/etc:/etc" overlay /etc
mount --bind "$0/run" /run
mount --bind "$0/root" /root
hostname gs1.example.com
export HOME=/root PATH="$0/bin:$PATH"
cd /
exec "$@"
"""
_SYSTEMCTL = """#!/bin/sh
for name; do :; done
grep -qx "${name%.service}" "$(dirname "$0")/../services"
"""


@frozen
class OtherMachine:
    """The present machine in a namespace of its own, with the files in `directory`."""

    host: str
    directory: Path

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a shell there."""
        assert user == "root"
        inside = ["bash", "-c", _OTHER_MACHINE, str(self.directory), *PIPE]
        return ["unshare", "--map-root-user", "--mount", "--uts", *inside]

    def shell(self, user: str) -> list[str]:
        """Return nothing: checks need no terminal."""
        raise NotImplementedError(user)

    login = shell


@define
class World:
    """A host with an engine on it; a test spoils it, and asks a check of the guide."""

    guide: Runbook
    in_common: shared.SharedChecks
    directory: Path
    live: dict[str, LiveHost]
    engine: Engine
    authority: Path
    stack: ExitStack
    patch: pytest.MonkeyPatch

    def start(self, authority: Path | None = None) -> None:
        """Let the engine answer, with the certificate of another authority if one is given."""
        url = self.stack.enter_context(
            answering(self.engine, authority or self.authority, ADDRESS, 0)
        )
        self.patch.setenv("RUNBOOK_ENGINE_URL", url)
        port = url.rpartition(":")[2].partition("/")[0]
        lines = [f'connect-to = "{name}:443:{ADDRESS}:{port}"\n' for name in NAMES]
        (self.directory / "root/.curlrc").write_text("".join(lines))

    def write(self, path: str, text: str) -> None:
        """Write a file of the other machine, as it is before a check connects to it."""
        place = self.directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def checks(self, step: str) -> tuple[Check, ...]:
        """Return the checks of a step of the guide."""
        (found,) = (one for one in self.guide.steps() if one.id == step)
        assert "el9" in found.platforms
        return found.checks

    def ask(self, step: str, number: int = 0) -> CheckResult:
        """Evaluate a check of a step, as a run does it."""
        return evaluate(self.checks(step)[number], HostMap(self.live), "gs1", self.in_common)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Runbook:
    """The guide's steps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Sphinx's and its theme's own, not ours
        return plan.build(ROOT, output=tmp_path_factory.mktemp("plan"), strict=False)


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The engine's own authority, and another one."""
    place = tmp_path_factory.mktemp("pki")
    return (
        make_authority(place / "own", ADDRESS, *NAMES),
        make_authority(place / "other", ADDRESS, *NAMES),
    )


@pytest.fixture(autouse=True)
def _able(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where this machine cannot have other files for one shell."""
    if not shutil.which("unshare"):
        pytest.skip("needs unshare (util-linux)")
    empty = tmp_path_factory.mktemp("empty")
    for name in ("etc", "run", "root", "bin"):
        (empty / name).mkdir()
    argv = OtherMachine("gs1", empty).pipe("root")
    tried = subprocess.run([*argv[: -len(PIPE)], "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"needs namespaces with overlays: {tried.stderr.decode().strip()}")


@pytest.fixture
def world(
    guide: Runbook,
    authorities: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """A good engine that does not answer yet, on a host where everything is as it should be."""
    monkeypatch.setenv("RUNBOOK_SECRET_ENGINE_ADMIN", PASSWORD)
    live = {"gs1": LiveHost(OtherMachine("gs1", tmp_path), {})}
    with ExitStack() as stack:
        world = World(
            guide,
            shared.load(ROOT),
            tmp_path,
            live,
            Engine(),
            authorities[0],
            stack,
            monkeypatch,
        )
        authority = (authorities[0] / "ca.pem").read_text()
        world.write("etc/pki/ovirt-engine/ca.pem", authority)
        world.write("root/engine-ca.pem", authority)
        world.write("root/.ssh/authorized_keys", world.engine.ssh_key)
        world.write("etc/hosts", f"{ADDRESS} {' '.join(NAMES)} localhost\n")
        world.write("etc/ovirt-engine-setup.conf.d/20-setup-ovirt-post.conf", SET_UP)
        world.write("run/systemd/system/here", "")
        world.write("services", "".join(f"{name}\n" for name in SERVICES))
        world.write("bin/systemctl", _SYSTEMCTL)
        (tmp_path / "bin/systemctl").chmod(0o755)
        with closing_all(live):
            yield world


SETUP = "engine/standalone/set-up-the-engine"
ADD = "hosts/adding/add-the-hosts"
DOMAINS = "storage/domains/add-a-data-domain-an-iso-domain-and-an-export-domain"
POLICY = "hosts/scheduling/make-the-policy-and-let-the-cluster-use-it"
ENGINES_OWN = [
    (SETUP, 0),
    (SETUP, 1),
    (SETUP, 2),
    ("hosts/adding/fetch-the-certificate-of-the-engine-s-authority", 0),
    ("hosts/adding/let-the-engine-log-in", 0),
    ("engine/hosted/fetch-the-certificate-of-the-hosted-engine-s-authority", 0),
    ("engine/hosted/fetch-the-certificate-of-the-hosted-engine-s-authority", 1),
    (ADD, 0),
    ("hosts/adding/add-the-other-hosts-to-the-engine-s-cluster", 0),
    (DOMAINS, 0),
    (POLICY, 0),
    (POLICY, 1),
]
DEPLOY = "engine/hosted/deploy-the-engine-on-the-first-host"
FURTHER = "engine/hosted/let-the-engine-make-further-hosts-for-itself"
DRILL = "engine/hosted/restart-the-engine-s-machine-on-purpose"
ASKS_THE_API = [(ADD, 0), (DOMAINS, 0), (POLICY, 0), (POLICY, 1)]


@pytest.mark.parametrize(("step", "number"), ENGINES_OWN)
def test_a_good_engine_is_green(world: World, step: str, number: int) -> None:
    """Every check of the guide that asks an engine holds with good answers."""
    world.start()
    result = world.ask(step, number)
    assert result.held, result.detail


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
        "hostname": "gs1.example.com",
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
    world.write("services", "".join(f"{name}\n" for name in HOSTED_SERVICES))
    world.write("root/engine-restart-drill", "today")
    world.write("bin/hosted-engine", _HOSTED_ENGINE)
    (world.directory / "bin/hosted-engine").chmod(0o755)
    world.engine.hosts["gs1"] = "up"
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
        others = [other for other in HOSTED_SERVICES if other != name]
        world.write("services", "".join(f"{other}\n" for other in others))
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
    functions = [name for name in world.in_common.names({}) if name.islower()]
    asking = {
        (step.id, number)
        for step in world.guide.steps()
        if not step.undo and "el9" in step.platforms
        for number, check in enumerate(step.checks)
        if any(f"{name}(" in check.source for name in functions)
    }
    mine = {one for one in asking if one[0].split("/")[0] in ("engine", "hosts", "storage")}
    assert mine - set(HOSTED) - set(ENGINES_OWN) == set()


@pytest.mark.parametrize(("step", "number"), [(SETUP, 0), *ASKS_THE_API])
def test_an_engine_that_is_not_there_is_red(world: World, step: str, number: int) -> None:
    """Before the engine is set up its port is closed."""
    world.start()
    world.stack.close()
    result = world.ask(step, number)
    assert not result.held
    assert PASSWORD not in result.detail


@pytest.mark.parametrize(
    "health", [(503, "Service Unavailable"), (200, "DB Down"), (200, "<html>It works!</html>")]
)
def test_an_engine_that_is_ill_is_red(world: World, health: tuple[int, str]) -> None:
    """The web server alone, or an engine without its database, is not enough."""
    world.engine.health = health
    world.start()
    assert not world.ask(SETUP).held
    with pytest.raises(AssertionError, match=f"{health[0]} |{health[1]}"):
        functions(world)["engine_is_healthy"]()


def functions(world: World) -> dict[str, Any]:
    """Return what the guide's checks share, for the host gs1."""
    hosts = HostMap(world.live)
    return world.in_common.names({"host": hosts["gs1"], "hosts": hosts, "pytest": pytest})


@pytest.mark.parametrize(("step", "number"), [(SETUP, 0), *ASKS_THE_API])
def test_an_engine_of_another_authority_is_red_and_is_told_no_password(
    world: World, authorities: tuple[Path, Path], step: str, number: int
) -> None:
    """Its certificate is checked before anything is said to it."""
    world.start(authorities[1])
    result = world.ask(step, number)
    assert not result.held
    assert world.engine.asked == []
    if step != SETUP:
        assert "certificate" in result.detail


def test_an_engine_by_another_name_is_red(world: World, tmp_path: Path) -> None:
    """A certificate of the right authority for another machine is no better."""
    world.start(make_authority(tmp_path / "pki", "192.0.2.1", "elsewhere.example.com"))
    assert not world.ask(SETUP).held
    assert not world.ask(ADD).held


@pytest.mark.parametrize("post", ["", SET_UP.replace("True", "False"), None])
def test_a_setup_without_an_engine_is_red(world: World, post: str | None) -> None:
    """Enter at every question of 4.5.7 configures the helpers, and no engine."""
    path = world.directory / "etc/ovirt-engine-setup.conf.d/20-setup-ovirt-post.conf"
    path.unlink() if post is None else path.write_text(post)
    world.start()
    assert not world.ask(SETUP, 1).held


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_does_not_run_is_red(world: World, name: str) -> None:
    """Each of them counts."""
    world.write("services", "".join(f"{one}\n" for one in SERVICES if one != name))
    world.start()
    result = world.ask(SETUP, 2)
    assert not result.held
    assert name in result.detail


@pytest.mark.parametrize(("step", "number"), ASKS_THE_API)
@pytest.mark.parametrize("how", ["another password", "another user", "no token"])
def test_who_is_not_let_in_is_red_and_the_password_stays_hidden(
    world: World, step: str, number: int, how: str
) -> None:
    """Not even an engine that repeats the password brings it into a message."""
    match how:
        case "another password":
            world.engine.password = "another"
        case "another user":
            world.engine.user = "admin@internal"
        case "no token":
            world.engine.takes_token = False
    world.start()
    result = world.ask(step, number)
    assert not result.held
    assert PASSWORD not in result.detail
    assert "battery" not in result.detail
    # A token that is refused is answered with a page, and not in the API's language.
    words = "response content type" if how == "no token" else "access_denied"
    assert words in result.detail


@pytest.mark.parametrize(
    "status", ["non_operational", "installing", "install_failed", "maintenance", "down"]
)
def test_a_host_that_is_not_up_is_red(world: World, status: str) -> None:
    """One of three is enough, and the message names it with what the engine said."""
    world.engine.hosts["gs3"] = status
    world.start()
    result = world.ask(ADD)
    assert not result.held
    assert f"the engine says that the host gs3 is {status}" in result.detail
    assert "hosts/adding.rst:" in result.detail
    assert "lab/checks.py:" in result.detail


def test_a_host_that_the_engine_does_not_know_is_red(world: World) -> None:
    """Also when there is one whose name only begins like it."""
    del world.engine.hosts["gs3"]
    world.engine.hosts["gs30"] = "up"
    world.start()
    result = world.ask(ADD)
    assert not result.held
    assert "the engine knows no host gs3" in result.detail


@pytest.mark.parametrize("status", ["maintenance", "inactive", "unknown", "locked"])
def test_a_storage_domain_that_is_not_active_is_red(world: World, status: str) -> None:
    """It is the data center's view that counts."""
    world.engine.domains["export"] = status
    world.start()
    result = world.ask(DOMAINS)
    assert not result.held
    assert f"the storage domain export is {status}" in result.detail


def test_a_storage_domain_that_is_not_attached_is_red(world: World) -> None:
    """The data center does not list it."""
    del world.engine.domains["iso"]
    world.start()
    assert "no storage domain in Default iso" in world.ask(DOMAINS).detail


def test_another_policy_is_red(world: World) -> None:
    """A missing filter, another factor, and a cluster that does not use it."""
    world.start()
    world.engine.filters.remove("Network")
    assert not world.ask(POLICY, 0).held
    world.engine.filters.append("Network")
    world.engine.weights["OptimalForCpuEvenDistribution"] = 2
    assert not world.ask(POLICY, 0).held
    world.engine.policies[-1] = world.engine.policy = "another"
    assert "no scheduling policy memory_first" in world.ask(POLICY, 0).detail
    assert not world.ask(POLICY, 1).held


def test_a_key_or_an_authority_that_is_not_the_engines_is_red(
    world: World, authorities: tuple[Path, Path]
) -> None:
    """A file that somebody else has slipped in over plain HTTP is found."""
    world.write("root/engine-ca.pem", (authorities[1] / "ca.pem").read_text())
    world.write("root/.ssh/authorized_keys", "ssh-rsa AAAAsomebodyelse ovirt-engine\n")
    world.start()
    assert not world.ask("hosts/adding/fetch-the-certificate-of-the-engine-s-authority").held
    assert not world.ask("hosts/adding/let-the-engine-log-in").held


def test_without_the_password_nothing_is_known(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system is not called broken because a secret was not given."""
    world.start()
    monkeypatch.delenv("RUNBOOK_SECRET_ENGINE_ADMIN")
    monkeypatch.delenv("RUNBOOK_SECRETS", raising=False)
    with pytest.raises(RunbookError, match="RUNBOOK_SECRET_ENGINE_ADMIN"):
        world.ask(ADD)


def test_without_an_authority_on_any_host_the_check_is_red(world: World) -> None:
    """Nothing is believed over the network alone."""
    (world.directory / "etc/pki/ovirt-engine/ca.pem").unlink()
    world.start()
    result = world.ask(ADD)
    assert "no host has the certificate" in result.detail
    assert world.engine.asked == []


def test_an_engine_that_this_machine_cannot_find_leaves_the_check_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is this machine's list of names that is at fault, and no step of the guide."""
    monkeypatch.delenv("RUNBOOK_ENGINE_URL", raising=False)
    monkeypatch.setattr("socket.getaddrinfo", _nobody)
    with pytest.raises(RunbookError, match=r"cannot find the engine engine\.example\.com"):
        world.ask(ADD)


def _nobody(*_: object, **__: object) -> None:
    raise OSError(-2, "Name or service not known")


def test_the_stand_in_knows_machines_consoles_and_the_version(world: World) -> None:
    """Other chapters ask for them through the same API."""
    world.start()
    shares = functions(world)
    assert shares["engine_version"]() == "4.5.7-1.el9"
    with shares["engine"]() as api:
        (vm,) = api.vms_service().list(search="name=demo")
        assert vm.status.value == "up"
        consoles = api.vms_service().vm_service(vm.id).graphics_consoles_service()
        (console,) = consoles.list()
        assert console.protocol.value == "vnc"


def program(world: World, step: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program that a step of the guide writes, against the stand-in."""
    (found,) = (one for one in world.guide.steps() if one.id == step)
    (content,) = (one for one in found.actions if isinstance(one, FileContent))
    text = content.text.replace("/root/engine-ca.pem", str(world.authority / "ca.pem"))
    text = text.replace("https://engine.example.com/ovirt-engine", os.environ["RUNBOOK_ENGINE_URL"])
    # The stand-in works at once.
    text = re.sub(r"time\.sleep\(\d+\)", "time.sleep(0.01)", text)
    return subprocess.run(
        [sys.executable, "-c", text, *arguments],
        input=f"{PASSWORD}\n",
        start_new_session=True,  # without a terminal it reads the password from its input
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def shown(world: World, step: str) -> str:
    """What the guide shows that a step's program prints."""
    (found,) = (one for one in world.guide.steps() if one.id == step)
    (dialogue,) = (one for one in found.actions if isinstance(one, Dialogue))
    return dialogue.output.partition("\n")[2].strip()


def test_the_program_that_adds_hosts_makes_its_steps_check_green(world: World) -> None:
    """Red before, green after, and nothing is done twice."""
    world.engine.hosts = {}
    world.start()
    write = "hosts/adding/write-the-program-that-adds-hosts"
    assert not world.ask(ADD).held
    ran = program(world, write, "gs2", "gs3", "gs4")
    assert (ran.returncode, ran.stdout.strip()) == (0, shown(world, ADD)), ran.stderr
    assert world.ask(ADD).held
    assert sum("deploy_hosted_engine=false" in path for path in world.engine.asked) == 3
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
    ran = program(world, "hosts/adding/write-the-program-that-removes-hosts", "gs4", "gs3", "gs2")
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
    world.engine.policies = ["none"]
    world.engine.policy, world.engine.filters, world.engine.weights = "none", [], {}
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
    world.patch.setitem(UNITS, "weight", ("OptimalForEvenDistribution",))
    world.start()
    ran = program(world, "hosts/scheduling/write-the-program-that-makes-a-policy-and-uses-it")
    assert ran.returncode == 1
    assert "there is no weight OptimalForMemoryEvenDistribution" in ran.stderr
    assert "there are: OptimalForEvenDistribution" in ran.stderr
