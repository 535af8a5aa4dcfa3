"""The guide's checks of an engine tell a working one from a broken one.

They are evaluated as a run does it, on a machine that a test has spoiled (`engine_world.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.errors import RunbookError
from tests.support.engine_api import PASSWORD
from tests.support.engine_server import encoded, make_authority
from tests.support.engine_world import SERVICES, SET_UP, World

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

SETUP = "engine/standalone/set-up-the-engine"
FETCH = "hosts/adding/fetch-the-certificate-of-the-engine-s-ca"
ADD = "hosts/adding/add-the-hosts"
DOMAINS = "storage/domains/add-a-data-domain-an-iso-domain-and-an-export-domain"
POLICY = "hosts/scheduling/make-the-policy-and-let-the-cluster-use-it"
ENGINES_OWN = [
    (SETUP, 0),
    (SETUP, 1),
    (SETUP, 2),
    (FETCH, 0),
    ("hosts/adding/let-the-engine-log-in", 0),
    ("engine/hosted/fetch-the-certificate-of-the-hosted-engine-s-ca", 0),
    ("engine/hosted/fetch-the-certificate-of-the-hosted-engine-s-ca", 1),
    (ADD, 0),
    ("hosts/adding/see-that-the-engine-has-both-hosts", 0),
    (DOMAINS, 0),
    (POLICY, 0),
    (POLICY, 1),
]
ASKS_THE_API = [(ADD, 0), (DOMAINS, 0), (POLICY, 0), (POLICY, 1)]


@pytest.mark.parametrize(("step", "number"), ENGINES_OWN)
def test_a_good_engine_is_green(world: World, step: str, number: int) -> None:
    """Every check of the guide that asks an engine holds with good answers."""
    world.start()
    result = world.ask(step, number)
    assert result.held, result.detail


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
        world.functions()["engine_is_healthy"]()


@pytest.mark.parametrize(("step", "number"), [(SETUP, 0), *ASKS_THE_API])
def test_an_engine_of_another_authority_is_red_and_is_told_no_password(
    world: World, step: str, number: int
) -> None:
    """Its certificate is checked before anything is said to it."""
    world.start(world.other_authority)
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
    world.serve(*(one for one in SERVICES if one != name))
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
    mine = world.engine.policies["memory_first"]
    mine.filters.remove("VmAffinityGroups")
    assert not world.ask(POLICY, 0).held
    mine.filters.append("VmAffinityGroups")
    assert world.ask(POLICY, 0).held
    mine.weights["OptimalForCpuEvenDistribution"] = 2
    assert not world.ask(POLICY, 0).held
    del mine.weights["OptimalForCpuEvenDistribution"]
    assert not world.ask(POLICY, 0).held
    world.engine.policies["another"] = world.engine.policies.pop("memory_first")
    world.engine.policy = "another"
    assert "no scheduling policy memory_first" in world.ask(POLICY, 0).detail
    assert not world.ask(POLICY, 1).held


def test_a_key_or_an_authority_that_is_not_the_engines_is_red(world: World) -> None:
    """A file that somebody else has slipped in over plain HTTP is found."""
    world.write("root/engine-ca.pem", encoded((world.other_authority / "ca.pem").read_text()))
    world.write("root/.ssh/authorized_keys", "ssh-rsa AAAAsomebodyelse ovirt-engine\n")
    world.start()
    assert not world.ask(FETCH).held
    assert not world.ask("hosts/adding/let-the-engine-log-in").held


@pytest.mark.parametrize("text", ["", "<html>404</html>", "-----BEGIN CERTIFICATE-----\n"])
def test_a_page_in_place_of_the_ca_is_red(world: World, text: str) -> None:
    """Something answered at the address, and it was no engine."""
    world.write("root/engine-ca.pem", text)
    world.start()
    assert "this is no certificate" in world.ask(FETCH).detail


def test_a_ca_with_a_description_before_it_is_green(world: World) -> None:
    """The file of version 3.4 begins with the certificate in words."""
    own = (world.authority / "ca.pem").read_text()
    world.write("etc/pki/ovirt-engine/ca.pem", f"Certificate:\n    Data:\n{own}")
    world.start()
    assert world.ask(FETCH).held


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
    shares = world.functions()
    assert shares["engine_version"]() == "4.5.7-1.el9"
    with shares["engine"]() as api:
        (vm,) = api.vms_service().list(search="name=demo")
        assert vm.status.value == "up"
        consoles = api.vms_service().vm_service(vm.id).graphics_consoles_service()
        (console,) = consoles.list()
        assert console.protocol.value == "vnc"
