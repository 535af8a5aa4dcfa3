"""Every way to a shell that the suites of sessions and dialogues are run over."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

import pytest

from runbook.connect import Connection, ContainerConnection, LocalConnection

CHANNELS = [
    "local",
    "relayed",
    pytest.param("container", marks=pytest.mark.lab),
]

RELAY = Path(__file__).parent / "samples" / "relay.py"


def relayed(argv: list[str], gate: Path) -> list[str]:
    """Return the argv of a shell behind a slow relay, which works only while `gate` exists."""
    return [sys.executable, str(RELAY), str(gate), *argv]


def shell_argv(channel: str, directory: Path) -> list[str]:
    """Return the argv of a shell on `channel`, or skip the test and say what is missing."""
    user = getpass.getuser()
    local = LocalConnection("box").shell(user)
    if channel == "local":
        return local
    if channel == "relayed":
        gate = directory / "gate"
        gate.touch()
        return relayed(local, gate)
    return container().shell("root")


def container() -> Connection:
    """Return the connection to the container that the environment names, or skip the test."""
    name = os.environ.get("RUNBOOK_TEST_CONTAINER", "")
    engine, _, host = name.partition(":")
    if not host:
        pytest.skip("RUNBOOK_TEST_CONTAINER does not name a running container (podman:NAME)")
    return ContainerConnection("box", tuple(engine.split()), host)
