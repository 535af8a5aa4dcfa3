"""Every way to a shell that the suites of sessions, dialogues, pipes and files are run over."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import pytest
from attrs import frozen

from runbook.connect import Connection, LocalConnection
from tests.needs import lacking_for_labs, lacking_for_ssh
from tests.sshd import Server

FAR = [
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
"""The channels whose shell is not a process of ours."""

CHANNELS = ["local", "relayed", *FAR]
"""The channels with a terminal."""

PIPES = ["local", *FAR]
"""The channels without one."""

RELAY = Path(__file__).parent / "samples" / "relay.py"


@frozen
class Channel:
    """One way to a shell: its name, and the argv of a shell on a terminal and of one without."""

    name: str
    shell: list[str]
    pipe: list[str]


def relayed(argv: list[str], gate: Path) -> list[str]:
    """Return the argv of a shell behind a slow relay, which works only while `gate` exists."""
    return [sys.executable, str(RELAY), str(gate), *argv]


def open_channel(request: pytest.FixtureRequest, directory: Path) -> Channel:
    """Return the channel that a fixture's parameter names."""
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
    return Channel(name, shell, connection.pipe(user))
