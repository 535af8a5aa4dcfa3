"""What several suites share, made once for all of them and taken down at the end."""

from __future__ import annotations

import os
import shutil
import signal
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import yaml

from runbook.execution.sessions.session import Session
from runbook.labs import checkpoint_store
from runbook.labs.vagrant.lab import VagrantLab
from runbook.labs.vagrant.saved_state import SavedState
from runbook.model import Runbook, cluster
from runbook.sphinx.planning import plan
from runbook.terminal.connection import Connection
from runbook.terminal.pipe import Pipe
from tests.support import machines as machine_tests
from tests.support.container_lab import container_lab
from tests.support.engine_world import World, good_world, lacking, make_authorities
from tests.support.paths import ROOT
from tests.support.sshd import Server
from tests.support.transports import TRANSPORTS, Transport, open_transport

GUIDE = ROOT / "lab" / "cluster.yaml"
PROGRAMS = "bc openssh-client python3"
"""Debian's packages with the programs that the dialogues are held with."""

INSTALL = f"apt-get -q update && apt-get -q -y --no-install-recommends install {PROGRAMS}"

# How long it takes to make an input says something of the machine, and nothing of the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

# Where GitHub runs the tests, the commands that they try must not annotate its job.
os.environ.pop("GITHUB_ACTIONS", None)

# Whoever starts the tests may let them outlive a terminal, or run in the background, and
# programs that the tests start inherit that. What those do when they are interrupted, or their
# terminal is closed, could then not be tried.
for number, handler in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, those with labs and browsers, so that none is last.

    Emulated machines take minutes to boot, so what needs them has more time.
    """
    for item in items:
        if item.get_closest_marker("vm"):
            item.add_marker(pytest.mark.timeout(1800))
    slow = Counter(item.path for item in items if _takes_long(item))
    every = Counter(item.path for item in items)
    items.sort(key=lambda item: -slow[item.path] / every[item.path])


def _takes_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("lab", "browser"))


@pytest.fixture(scope="session", autouse=True)
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Let the login shells of this machine read no profile of whoever starts the tests.

    What stands there takes its time, and may wait for other shells.
    """
    with pytest.MonkeyPatch.context() as patch:
        empty = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(empty))
        yield empty


@pytest.fixture(scope="session", autouse=True)
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the labs of tests save no checkpoints among those of this machine's labs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(checkpoint_store.DIRECTORY, str(tmp_path_factory.mktemp("checkpoints")))
        yield


@pytest.fixture(scope="session")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Give the way to the one host of a lab of containers, made of the guide's own image."""
    description = {
        "name": "transports",
        "network": "10.78.0.0/24",
        "platform": "debian12",
        "hosts": {"box": {"address": "10.78.0.11"}},
        "container": yaml.safe_load(GUIDE.read_text())["container"],
    }
    with container_lab(yaml.safe_dump(description), tmp_path_factory.mktemp("guide")) as lab:
        connection = lab.connections()["box"]
        with Pipe.open(connection.pipe("root"), host="box") as pipe:
            # Without a registry the tests that need these programs skip, and say so.
            pipe.run(f"export DEBIAN_FRONTEND=noninteractive; {INSTALL}", timeout=300)
        yield connection


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Server]:
    """Give an ssh server on this machine."""
    with Server(tmp_path_factory.mktemp("sshd"), empty_home) as server:
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
        SavedState.delete(lab.id)
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


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, tmp_path: Path) -> Transport:
    """Give one way to a shell after the other."""
    return open_transport(request, tmp_path)


@pytest.fixture
def argv(transport: Transport) -> list[str]:
    """Give the argv of a shell on the transport."""
    return transport.shell


@pytest.fixture
def session(transport: Transport, argv: list[str]) -> Iterator[Session]:
    """Give a session on the transport."""
    with Session.open(argv, host="box", pipe=transport.pipe) as session:
        yield session
