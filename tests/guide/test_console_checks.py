"""Checks of the chapters on consoles, the API, UI plugins and directories tell good from bad.

They are evaluated as a run does it, on a machine that a test has made good or has spoiled.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostMap
from runbook.results import CheckResult
from tests.support.engine_world import ADDRESS, World
from tests.support.rest_server import Answers, serving
from tests.support.tls_server import speaking_tls

VIEWER = "consoles/native/get-the-file-from-the-engine"
NETRC = "administration/api/store-the-password-where-only-root-can-read-it"
TOKEN = "administration/api/get-a-token-for-programs"
RSDL = "administration/api/read-the-description-of-the-api"
TICKET = "administration/api/set-a-password-for-the-console"
PLUGIN = "administration/ui-plugins/look-at-the-plugin-in-the-administration-portal"
LDAP = "integration/directory/connect-the-engine-to-the-directory"
V2V = "guests/v2v-p2v/store-both-passwords-in-files"
WEBSOCKET = "consoles/websocket/set-the-proxy-up-if-it-was-refused-before"

LOGIN = "admin@ovirt@internalsso"
API = "/ovirt-engine/api"
FILE = """[virt-viewer]
type={type}
host=127.0.0.1
port={port}
password={password}
delete-this-file=1

[ovirt]
host=engine.example.com:443
sso-token=t
"""


def ask(
    world: World, step: str, number: int = 0, host: str = "engine", **written: str
) -> CheckResult:
    """Evaluate a check of a step; `written` are words of it that are others on this machine."""
    (found,) = (one for one in world.guide.steps() if one.id == step)
    check = found.checks[number]
    for old, new in written.items():
        check = evolve(check, source=check.source.replace(old, new))
    return evaluate(check, HostMap(world.live), host, world.shared)


def private(world: World, path: str, text: str, mode: int = 0o600) -> None:
    """Write a file with these rights."""
    world.write(path, text)
    (world.directory / path).chmod(mode)


@pytest.fixture
def console() -> Iterator[int]:
    """The port of a console that takes connections."""
    with socket.create_server((ADDRESS, 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("kind", "password", "mode", "held"),
    [
        ("vnc", "ticket", 0o600, True),
        ("vnc", "", 0o600, False),
        ("spice", "ticket", 0o600, False),
        ("vnc", "ticket", 0o644, False),
    ],
    ids=["good", "no ticket", "SPICE", "for everybody"],
)
def test_a_viewers_file_is_green_only_with_a_ticket_and_for_root(
    world: World, console: int, kind: str, password: str, mode: int, *, held: bool
) -> None:
    """The console that it leads to answers in all these cases."""
    text = FILE.format(type=kind, port=console, password=password)
    private(world, "root/console.vv", text, mode)
    assert ask(world, VIEWER).held is held


def test_a_viewers_file_that_leads_nowhere_is_red(world: World, console: int) -> None:
    """The VM may have migrated, or a firewall is in between."""
    with socket.socket() as closed:
        closed.bind((ADDRESS, 0))
        port = closed.getsockname()[1]
        assert port != console
        private(world, "root/console.vv", FILE.format(type="vnc", port=port, password="ticket"))
        assert not ask(world, VIEWER).held


def engine(world: World, answers: Answers, login: str) -> None:
    """Let the engine answer to whoever has this login, and let root know another or the same."""
    port = world.stack.enter_context(serving(answers, world.authority, ADDRESS, login))
    world.write("root/.curlrc", f'connect-to = "engine.example.com:443:{ADDRESS}:{port}"\n')


@pytest.mark.parametrize(
    ("password", "mode", "held"),
    [("right", 0o600, True), ("wrong", 0o600, False), ("right", 0o640, False)],
    ids=["good", "wrong password", "for a group"],
)
def test_a_stored_password_is_green_only_if_the_engine_takes_it(
    world: World, password: str, mode: int, *, held: bool
) -> None:
    """And if nobody else can read it."""
    engine(world, {API: (200, {})}, f"{LOGIN}:right")
    line = f"machine engine.example.com login {LOGIN} password {password}\n"
    private(world, "root/engine.netrc", line, mode)
    private(world, "root/engine.password", password)
    assert ask(world, NETRC).held is held


def test_a_token_that_the_engine_refuses_is_red(world: World) -> None:
    """An expired one looks like any other."""
    engine(world, {API: (200, {})}, "only:basic")
    private(world, "root/engine.token", "Authorization: Bearer expired\n")
    assert not ask(world, TOKEN).held
    private(world, "root/engine.token", "Authorization: Basic b25seTpiYXNpYw==\n")
    assert ask(world, TOKEN).held


@pytest.mark.parametrize(
    ("rsdl", "apidoc", "held"),
    [
        ((200, "<rsdl href='/ovirt-engine/api?rsdl'/>"), (200, "<html/>"), True),
        ((200, "<api/>"), (200, "<html/>"), False),
        ((404, "not here"), (200, "<html/>"), False),
        ((200, "<rsdl/>"), (404, "not here"), False),
    ],
    ids=["good", "the root alone", "no rsdl", "no reference"],
)
def test_the_description_of_the_api_is_green_only_with_both(
    world: World, rsdl: tuple[int, str], apidoc: tuple[int, str], *, held: bool
) -> None:
    """That for programs, and that for people."""
    private(world, "root/engine.netrc", "machine engine.example.com login a password b\n")
    answers = {f"{API}?rsdl": rsdl, "/ovirt-engine/apidoc": apidoc}
    engine(world, answers, "a:b")
    assert ask(world, RSDL).held is held


@pytest.mark.parametrize(
    ("text", "mode", "held"),
    [
        ('{"ticket": {"value": "t", "expiry": "120"}}', 0o600, True),
        ('{"ticket": {"value": "", "expiry": "120"}}', 0o600, False),
        ('{"fault": {"detail": "VM is down"}}', 0o600, False),
        ('{"ticket": {"value": "t"}}', 0o604, False),
    ],
    ids=["good", "empty", "a fault", "for everybody"],
)
def test_an_answer_without_a_ticket_is_red(
    world: World, text: str, mode: int, *, held: bool
) -> None:
    """The engine may have answered with something else."""
    private(world, "root/ticket.json", text, mode)
    assert ask(world, TICKET).held is held


@pytest.mark.parametrize(
    ("page", "held"),
    [
        ((200, '<script src="start.js"></script>'), True),
        ((404, "not here"), False),
        ((200, "<html>Log in</html>"), False),
    ],
    ids=["good", "no such plugin", "the login page"],
)
def test_a_plugin_is_green_only_if_the_engine_delivers_its_page(
    world: World, page: tuple[int, str], *, held: bool
) -> None:
    """A descriptor that the portal skips is red."""
    engine(world, {"/ovirt-engine/webadmin/plugin/HostsHelp/start.html": page}, "")
    assert ask(world, PLUGIN).held is held


@pytest.mark.parametrize(
    ("profile", "mode", "extension", "held"),
    [
        ("pool.default.ssl.startTLS = true\n", 0o600, True, True),
        ("pool.default.ssl.startTLS = false\n", 0o600, True, False),
        ("pool.default.ssl.startTLS = true\n", 0o604, True, False),
        ("pool.default.ssl.startTLS = true\n", 0o600, False, False),
    ],
    ids=["good", "without TLS", "password for everybody", "no extension"],
)
def test_a_profile_is_green_only_with_tls_and_a_hidden_password(
    world: World, profile: str, mode: int, *, extension: bool, held: bool
) -> None:
    """The search user's password is in it."""
    private(world, "etc/ovirt-engine/aaa/company.properties", profile, mode)
    if extension:
        world.write("etc/ovirt-engine/extensions.d/company-authn.properties", "x = y\n")
    assert ask(world, LDAP).held is held


@pytest.mark.parametrize(
    ("text", "mode", "held"),
    [("secret", 0o600, True), ("secret\n", 0o600, False), ("", 0o600, False), ("s", 0o640, False)],
    ids=["good", "with a line break", "empty", "for a group"],
)
def test_a_password_file_for_virt_v2v_is_green_only_without_a_line_break(
    world: World, text: str, mode: int, *, held: bool
) -> None:
    """The program takes the line break for a part of the password."""
    private(world, "root/v2v/esxi.password", text, mode)
    private(world, "root/v2v/engine.password", "other")
    assert ask(world, V2V, host="gs4").held is held


@pytest.mark.parametrize("kind", ["good", "of another CA", "for another name", "away"])
def test_a_websocket_proxy_is_green_only_with_the_engines_certificate_for_its_name(
    world: World, tmp_path: Path, kind: str
) -> None:
    """A browser refuses any other without asking."""
    authority = world.other_authority if kind == "of another CA" else world.authority
    name = "other.example.com" if kind == "for another name" else "engine.example.com"
    with speaking_tls(authority, tmp_path, name, closed=kind == "away") as port:
        result = ask(world, WEBSOCKET, 1, **{":6100": f":{port}"})
    assert result.held is (kind == "good")
