"""What several suites share, made once for all of them and taken down at the end."""

from __future__ import annotations

import os
import shutil
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from runbook import cluster
from runbook.connect import Connection
from runbook.labs.container import ContainerLab
from runbook.labs.vagrant import VagrantLab
from runbook.labs.warm import Warm
from runbook.model import Runbook
from runbook.pipe import Pipe
from runbook.session import Session
from runbook.sphinx import plan
from tests import machines as machine_tests
from tests.channels import CHANNELS, Channel, open_channel
from tests.engine_world import World, good_world, lacking, make_authorities
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


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VagrantLab]:
    """Give a lab of two virtual machines that is up, with a libvirt of its own."""
    directory = tmp_path_factory.mktemp("machines") / "guide"
    shutil.copytree(machine_tests.GUIDE, directory)
    before = os.environ.get("RUNBOOK_LIBVIRT")
    os.environ["RUNBOOK_LIBVIRT"] = "own"
    lab = VagrantLab(cluster.load(directory / "lab/cluster.yaml"), directory)
    try:
        lab.up(print)
        yield lab
    finally:
        lab.down(print)
        Warm.forget(lab.id)
        if before is None:
            del os.environ["RUNBOOK_LIBVIRT"]
        else:
            os.environ["RUNBOOK_LIBVIRT"] = before


@pytest.fixture(scope="session")
def ovirt_guide(tmp_path_factory: pytest.TempPathFactory) -> Runbook:
    """The steps of the guide of this repository."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Sphinx's and its theme's own, not ours
        return plan.build(GUIDE.parents[1], output=tmp_path_factory.mktemp("plan"), strict=False)


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The authority of an engine, and another one."""
    if why := lacking(tmp_path_factory.mktemp("empty")):
        pytest.skip(why)
    return make_authorities(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def world(
    ovirt_guide: Runbook,
    authorities: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """Give a machine with a good engine that does not answer yet."""
    with good_world(ovirt_guide, authorities, tmp_path, monkeypatch) as world:
        yield world


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest, tmp_path: Path) -> Channel:
    """Give one way to a shell after the other."""
    return open_channel(request, tmp_path)


@pytest.fixture
def argv(channel: Channel) -> list[str]:
    """Give the argv of a shell on the channel."""
    return channel.shell


@pytest.fixture
def session(argv: list[str]) -> Iterator[Session]:
    """Give a session on the channel."""
    with Session.open(argv, host="box") as session:
        yield session
