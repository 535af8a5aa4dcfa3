"""Two ssh hosts, and a guide on them that is served: made once for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import needs
from tests.support.browsing import QUIET
from tests.support.serving import Serving, making, write_guide
from tests.support.sshd import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Two ssh servers by the names of their hosts, each with a home directory of its own."""
    if why := needs.lacking_for_ssh():
        pytest.skip(why)
    with ExitStack() as stack:
        found = {}
        for name in ("gs1", "gs2"):
            directory = tmp_path_factory.mktemp(name)
            (directory / "home").mkdir()
            server = Server(directory / "sshd", directory / "home")
            found[name] = stack.enter_context(server)
        yield found


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, servers: dict[str, Server]
) -> Iterator[Serving]:
    """A guide of three steps that is served to be looked at; the first one is done on gs1."""
    home = servers["gs1"].directory.parent / "home"
    (home / "a").write_text("")
    steps = making("a") + making("b", ("gs2",)) + making("c")
    guide = write_guide(tmp_path_factory.mktemp("served"), servers, steps)
    with Serving(guide, "--every", "0") as serving:
        yield serving


# Its driver keeps an event loop running in this process, as for the tests of pages.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=str(needs.CHROMIUM), args=QUIET)
        yield found
        found.close()


@pytest.fixture
def home(servers: dict[str, Server]) -> dict[str, Path]:
    """The home directories of the hosts by their names."""
    return {name: server.directory.parent / "home" for name, server in servers.items()}
