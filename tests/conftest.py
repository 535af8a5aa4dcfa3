"""What several suites share, made once for all of them and taken down at the end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from runbook import cluster
from runbook.connect import Connection
from runbook.labs.container import ContainerLab
from runbook.pipe import Pipe
from tests.sshd import Server

GUIDE = Path(__file__).parents[1] / "lab" / "cluster.yaml"
PROGRAMS = "bc openssh-client python3"
"""Debian's packages with the programs that the dialogues are held with."""

INSTALL = f"apt-get -q update && apt-get -q -y --no-install-recommends install {PROGRAMS}"

# Whoever starts the tests may have told them to outlive a terminal, and programs that the tests
# start inherit that. What those do when their terminal is closed could then not be tried.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Give the way to the one host of a lab of containers, made of the guide's own image."""
    directory = tmp_path_factory.mktemp("guide")
    path = directory / "cluster.yaml"
    description = {
        "name": "channels",
        "network": "10.78.0.0/24",
        "platform": "debian12",
        "hosts": {"box": {"address": "10.78.0.11"}},
        "container": cluster.load(GUIDE).recipe["container"],
    }
    path.write_text(yaml.safe_dump(description))
    lab = ContainerLab(cluster.load(path), directory)
    try:
        lab.up(print)
        connection = lab.connections()["box"]
        with Pipe.open(connection.pipe("root"), host="box") as pipe:
            # Without a registry the tests that need these programs skip, and say so.
            pipe.run(f"export DEBIAN_FRONTEND=noninteractive; {INSTALL}", timeout=300)
        yield connection
    finally:
        lab.down(print)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give an ssh server on this machine."""
    with Server(tmp_path_factory.mktemp("sshd")) as server:
        yield server
