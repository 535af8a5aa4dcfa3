"""Note what reading a guide depends on besides its documents, such as what conf.py opens."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from attrs import define, field

_OUTSIDE: Final = frozenset(
    {"os.exec", "os.posix_spawn", "os.system", "socket.connect", "subprocess.Popen"}
)
"""Events after which a result depends on what no file tells."""

_NOT_SOURCES: Final = ("/dev/", "/proc/", "/sys/")


@define
class Observed:
    """The files that were opened, the directories listed, and the variables looked up.

    `outside` is whether a program was started or the network was used. Directories are noted
    until the guide is `configured`; then Sphinx walks through them to find its documents.
    """

    paths: set[str] = field(factory=set)
    environment: dict[str, str | None] = field(factory=dict)
    outside: bool = False
    configured: bool = False

    def notice(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note one of Python's audit events."""
        if event == "open":
            path, mode, flags = arguments
            writes = any(sign in mode for sign in "wax+") if mode else flags & os.O_ACCMODE
            if not writes:
                self._add(path)
        elif event in ("os.listdir", "os.scandir"):
            if not self.configured:
                self._add("." if arguments[0] is None else arguments[0])
        elif event in _OUTSIDE:
            self.outside = True

    def _add(self, given: Any) -> None:
        if isinstance(given, int):
            return
        path = os.path.abspath(os.fsdecode(given))  # noqa: PTH100  # Path resolves no `..`
        # Modules are noted by their sources.
        if not path.startswith(_NOT_SOURCES) and "/__pycache__/" not in path:
            self.paths.add(path)


_active: list[Observed] = []


@contextmanager
def observe() -> Iterator[Observed]:
    """Yield a note of everything that happens until the end of the block."""
    _install()
    observed = Observed()
    outside = dict(os.environ)
    # As `Any`, because mypy does not let methods be replaced.
    variables: Any = type(os.environ)
    get = variables.__getitem__

    def noted(environ: Any, name: str) -> Any:
        # What the guide itself has set is not what the next plan will find.
        observed.environment[name] = outside.get(name)
        return get(environ, name)

    _active.append(observed)
    variables.__getitem__ = noted
    try:
        yield observed
    finally:
        variables.__getitem__ = get
        _active.remove(observed)


def note_configured() -> None:
    """Note that conf.py and all extensions have been set up."""
    for one in _active:
        one.configured = True


@functools.cache
def _install() -> None:
    """Install the hook, which Python has no way to remove."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        for one in _active:
            one.notice(event, arguments)

    sys.addaudithook(hook)
