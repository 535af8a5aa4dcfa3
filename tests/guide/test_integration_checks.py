"""Checks of the chapters on integration, passwords and consoles tell good systems from bad ones.

They are evaluated as a run does it, on a machine that a test has made good or has spoiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostMap
from runbook.results import CheckResult
from tests.support.engine_server import make_authority
from tests.support.engine_world import ADDRESS, NAMES, World
from tests.support.rest_server import Answers, serving
from tests.support.tls_server import speaking_tls

COMPUTE = "integration/foreman/foreman-compute-resource"
PROVIDER = "integration/foreman/add-foreman-to-the-engine"
OPENSTACK = "integration/openstack/check-that-openstack-answers"
OVN = "integration/openstack/check-that-the-engine-s-own-network-provider-works"
RESET = "administration/passwords/reset-admin-internal"
WEBSOCKET = "consoles/websocket/set-the-3-4-proxy-up-if-it-was-refused-before"

API = "/ovirt-engine/api"
RESOURCES = "/api/v2/compute_resources"
CLUSTERS = {"results": [{"id": "1", "name": "Default"}]}
PUPPET_CA = "etc/puppetlabs/puppet/ssl/certs/ca.pem"
KATELLO_CA = "etc/pki/katello/certs/katello-server-ca.crt"
OVIRT = {"id": 7, "name": "ovirt", "url": "https://engine.example.com/ovirt-engine/api"}
COMPLETE = (200, {"status": "complete"})
FAULT = (400, {"fault": {"detail": "[Cannot connect to the provider]"}})
VERSIONS = {"versions": [{"status": "CURRENT", "id": "v2.0", "links": []}]}


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CA of Foreman and OpenStack, with a certificate for both and for the hosts of the lab."""
    place = tmp_path_factory.mktemp("foreign") / "pki"
    return make_authority(place, ADDRESS, "foreman.example.com", "openstack.example.com", *NAMES)


def reach(world: World, places: Mapping[str, int]) -> None:
    """Let curl find each of the places, NAME:PORT, at a port of this machine."""
    lines = [f'connect-to = "{place}:{ADDRESS}:{port}"\n' for place, port in places.items()]
    world.write("root/.curlrc", "".join(lines))


def ask(world: World, step: str, number: int = 0, host: str = "engine") -> CheckResult:
    """Evaluate a check of a step on any platform."""
    (found,) = (one for one in world.guide.steps() if one.id == step)
    return evaluate(found.checks[number], HostMap(world.live), host, world.shared)


def foreman(
    world: World,
    authority: Path,
    answers: Answers,
    login: str = "admin:secret",
    place: str = PUPPET_CA,
) -> bool:
    """Return whether Foreman, on gs4, is said to have oVirt as a compute resource."""
    world.write("root/foreman-admin.netrc", "machine gs4.example.com login admin password secret\n")
    world.write(place, (authority / "ca.pem").read_text())
    port = world.stack.enter_context(serving(answers, authority, ADDRESS, login))
    reach(world, {"gs4.example.com:443": port})
    return ask(world, COMPUTE, host="gs4").held


@pytest.mark.parametrize("place", [PUPPET_CA, KATELLO_CA], ids=["Puppet", "Katello"])
def test_a_compute_resource_whose_clusters_foreman_sees_is_green(
    world: World, foreign: Path, place: str
) -> None:
    """Foreman has asked the engine itself; with Katello its CA is in another file."""
    good = {
        RESOURCES: (200, {"results": [{"id": 3, "url": None}, OVIRT]}),
        f"{RESOURCES}/7/available_clusters": (200, CLUSTERS),
    }
    assert foreman(world, foreign, good, place=place)


def test_a_foreman_with_katello_is_not_trusted_with_puppet_s_ca(
    world: World, foreign: Path
) -> None:
    """Puppet's file may be there too."""
    good = {
        RESOURCES: (200, {"results": [OVIRT]}),
        f"{RESOURCES}/7/available_clusters": (200, CLUSTERS),
    }
    world.write(KATELLO_CA, (world.other_authority / "ca.pem").read_text())
    assert not foreman(world, foreign, good)


@pytest.mark.parametrize(
    ("resources", "clusters"),
    [
        ([], (200, CLUSTERS)),
        ([{**OVIRT, "url": "https://old.example.com/ovirt-engine/api"}], (200, CLUSTERS)),
        ([OVIRT], (500, {"error": {"message": "Failed to open TCP connection"}})),
        ([OVIRT], (200, {"results": []})),
    ],
    ids=["none", "of another engine", "engine out of reach", "no cluster"],
)
def test_a_compute_resource_that_does_not_work_is_red(
    world: World, foreign: Path, resources: list[dict[str, Any]], clusters: tuple[int, Any]
) -> None:
    """That the package is installed is not enough."""
    answers = {
        RESOURCES: (200, {"results": resources}),
        f"{RESOURCES}/7/available_clusters": clusters,
    }
    assert not foreman(world, foreign, answers)


def test_a_foreman_that_does_not_let_its_administrator_in_is_red(
    world: World, foreign: Path
) -> None:
    """A wrong password is not taken for an empty list."""
    answers = {RESOURCES: (200, {"results": [OVIRT]})}
    assert not foreman(world, foreign, answers, "admin:another")


def engine_api(world: World, answers: Answers) -> None:
    """Let the engine answer in JSON, to whoever has the password."""
    world.write("root/engine.netrc", "machine engine.example.com login a password b\n")
    port = world.stack.enter_context(serving(answers, world.authority, ADDRESS, "a:b"))
    reach(world, {"engine.example.com:443": port})


@pytest.mark.parametrize(
    ("url", "tested", "held"),
    [
        ("https://foreman.example.com", COMPLETE, True),
        ("https://foreman.example.com", FAULT, False),
        ("https://old.example.com", COMPLETE, False),
    ],
    ids=["good", "out of reach", "another one"],
)
def test_a_provider_is_green_only_if_the_engine_reaches_it(
    world: World, url: str, tested: tuple[int, Any], *, held: bool
) -> None:
    """An entry that nobody has tested does not count."""
    path = f"{API}/externalhostproviders"
    provider = {"id": "p1", "name": "foreman", "url": url}
    engine_api(
        world,
        {
            path: (200, {"external_host_provider": [provider]}),
            f"{path}/p1/testconnectivity": tested,
        },
    )
    assert ask(world, PROVIDER).held is held


@pytest.mark.parametrize(
    ("identity", "images", "held"),
    [
        ({"version": {"id": "v3.14"}}, {"versions": [{"id": "v2.9"}]}, True),
        ("<html>It works!</html>", {"versions": [{"id": "v2.9"}]}, False),
        ({"version": {"id": "v2.0"}}, {"versions": [{"id": "v2.9"}]}, False),
        ({"version": {"id": "v3.14"}}, {"versions": []}, False),
    ],
    ids=["good", "some web server", "old identity", "no images"],
)
def test_openstack_is_green_only_with_the_versions_that_are_needed(
    world: World, foreign: Path, identity: object, images: object, *, held: bool
) -> None:
    """That something answers with status 200 is not enough."""
    world.write("root/openstack-ca.pem", (foreign / "ca.pem").read_text())
    answers = {"/v3": (200, identity), "/versions": (200, images)}
    port = world.stack.enter_context(serving(answers, foreign, ADDRESS))
    reach(world, {f"openstack.example.com:{one}": port for one in (5000, 9292)})
    assert ask(world, OPENSTACK).held is held


def ovn(world: World, authority: Path, answers: Answers) -> bool:
    """Return whether the engine's own network provider is said to work."""
    world.serve("ovirt-provider-ovn")
    port = world.stack.enter_context(serving(answers, authority, ADDRESS))
    reach(world, {f"engine.example.com:{one}": port for one in (35357, 9696)})
    return ask(world, OVN).held


def test_the_network_provider_is_green(world: World) -> None:
    """It tells its version to everybody, and its networks to nobody without a token."""
    answers = {"/v2.0/": (200, VERSIONS), "/v2.0/networks": (403, {})}
    assert ovn(world, world.authority, answers)


@pytest.mark.parametrize(
    ("versions", "networks"),
    [
        ((503, "Service Unavailable"), (403, {})),
        ((200, "<html>It works!</html>"), (403, {})),
        ((200, VERSIONS), (200, {"networks": []})),
        ((200, VERSIONS), (502, "Bad Gateway")),
    ],
    ids=["unavailable", "some web server", "open to everybody", "database away"],
)
def test_a_network_provider_that_answers_something_else_is_red(
    world: World, versions: tuple[int, Any], networks: tuple[int, Any]
) -> None:
    """That the port answers is not enough."""
    answers = {"/v2.0/": versions, "/v2.0/networks": networks}
    assert not ovn(world, world.authority, answers)


def test_a_network_provider_with_another_certificate_is_red(world: World, foreign: Path) -> None:
    """Its certificate is from the engine's CA."""
    answers = {"/v2.0/": (200, VERSIONS), "/v2.0/networks": (403, {})}
    assert not ovn(world, foreign, answers)


@pytest.mark.parametrize(
    ("tested", "networks", "held"),
    [
        (COMPLETE, (200, {}), True),
        (FAULT, (200, {}), False),
        (COMPLETE, (500, {"fault": {}}), False),
    ],
    ids=["good", "login refused", "networks fail"],
)
def test_the_network_provider_is_green_only_if_the_engine_sees_its_networks(
    world: World, tested: tuple[int, Any], networks: tuple[int, Any], *, held: bool
) -> None:
    """The engine logs in to it and lists, and an error of either is red."""
    path = f"{API}/openstacknetworkproviders"
    provider = {"id": "n1", "name": "ovirt-provider-ovn"}
    engine_api(
        world,
        {
            path: (200, {"openstack_network_provider": [provider]}),
            f"{path}/n1/testconnectivity": tested,
            f"{path}/n1/networks": networks,
        },
    )
    assert ask(world, OVN, 1).held is held


@pytest.mark.parametrize("known", [True, False], ids=["the new one", "the old one"])
def test_a_reset_password_is_green_only_if_the_engine_takes_it(
    world: World, *, known: bool
) -> None:
    """The check logs in with the new password as the user whose password was reset."""
    pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")
    world.engine.user = "admin@internal"
    if not known:
        world.engine.password = "the old one"
    world.start()
    assert ask(world, RESET, 1).held is known


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("kind", ["good", "of another CA", "for another name", "away"])
def test_a_websocket_proxy_of_3_4_is_green_only_with_its_own_certificate(
    world: World, tmp_path: Path, kind: str, number: int
) -> None:
    """It must be from the engine's CA, and for the host's name."""
    authority = {"of another CA": world.other_authority}.get(kind, world.authority)
    name = "other.example.com" if kind == "for another name" else "engine.example.com"
    with speaking_tls(authority, tmp_path, name, closed=kind == "away") as port:
        # The port of the guide may be taken on this machine.
        world.install("openssl", f'#!/bin/bash\nexec /usr/bin/openssl "${{@//:6100/:{port}}}"\n')
        wrong = {0: ("of another CA", "away"), 1: ("for another name", "away")}[number]
        assert ask(world, WEBSOCKET, number).held is (kind not in wrong)
