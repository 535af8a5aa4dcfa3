"""The transports that the tests of sessions, dialogues, pipes and files run over."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import pytest
from attrs import frozen

from runbook.terminal.connection import Connection, LocalConnection
from tests.support.needs import lacking_for_labs, lacking_for_ssh
from tests.support.paths import SAMPLES
from tests.support.sshd import Server

REMOTE = [
    pytest.param(
        "container",
        marks=[
            pytest.mark.lab,
            pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
        ],
    ),
    pytest.param(
        "ssh", marks=pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-")
    ),
]
"""The transports to another host."""

TRANSPORTS = ["local", "relayed", *REMOTE]
"""The transports with a terminal."""

PIPES = ["local", *REMOTE]
"""The transports without one."""

RELAY = SAMPLES / "relay.py"


@frozen
class Transport:
    """One kind of connection: its name, and the argv of a shell with and without a terminal."""

    name: str
    shell: list[str]
    pipe: list[str]


def relayed(argv: list[str], gate: Path) -> list[str]:
    """Return the argv of a shell behind a slow relay, which runs only while `gate` exists."""
    return [sys.executable, str(RELAY), str(gate), *argv]


def open_transport(request: pytest.FixtureRequest, directory: Path) -> Transport:
    """Return the transport that the fixture's parameter names."""
    name = str(request.param)
    user = getpass.getuser()
    connection: Connection = LocalConnection("box")
    if name == "container":
        user = "root"
        connection = request.getfixturevalue("container")
    elif name == "ssh":
        server: Server = request.getfixturevalue("server")
        connection = server.connection()
    shell = connection.shell(user)
    if name == "relayed":
        gate = directory / "gate"
        gate.touch()
        shell = relayed(shell, gate)
    return Transport(name, shell, connection.pipe(user))


def open_connection(request: pytest.FixtureRequest) -> tuple[Connection, str]:
    """Return the connection that the fixture's parameter names, and a user there."""
    name = str(request.param)
    if name == "container":
        container: Connection = request.getfixturevalue("container")
        return container, "root"
    if name == "ssh":
        server: Server = request.getfixturevalue("server")
        return server.connection(), getpass.getuser()
    return LocalConnection("box"), getpass.getuser()
