"""Lets a host end what a run has started there, should the run be killed."""

from __future__ import annotations

import threading
from typing import Final

from runbook.execution.sessions.session import Session
from runbook.terminal import scope as scopes
from runbook.terminal.connection import Connection
from runbook.terminal.pipe import Pipe
from runbook.terminal.scope import Watcher

_TIMEOUT: Final = 30.0
"""Seconds in which what an earlier run has left must end."""


class Watch:
    """The watch over the run `scope` on the host that `connection` leads to, once it has begun.

    Without a scope nothing is watched. Any thread may `close` it.
    """

    def __init__(self, connection: Connection, scope: str) -> None:
        self._connection = connection
        self._scope = scope
        self._lock = threading.Lock()
        self._watcher: Watcher | None = None

    def begin(self) -> None:
        """Begin to watch, unless that has been done. It is not waited for."""
        with self._lock:
            if self._scope and self._watcher is None:
                self._watcher = Watcher(self._connection.pipe("root"), self._scope)

    def add(self, session: Session) -> None:
        """Watch `session` as well."""
        with self._lock:
            if self._watcher is not None and session.leader:
                self._watcher.add(session.leader)

    def close(self, *, end: bool = False) -> None:
        """Watch no more; with `end`, what the run has started ends now."""
        with self._lock:
            watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.close(end=end)


def end_leftovers(pipe: Pipe, scope: str) -> int:
    """End what earlier runs than `scope` on its lab have left running; return how many processes.

    Raises:
        RunbookError: that cannot be done.

    """
    lab, _, run = scope.partition(".")
    said = pipe.run(scopes.end(lab, keep=run), timeout=_TIMEOUT).stdout
    return int(said) if said.strip() else 0
