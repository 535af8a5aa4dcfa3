"""A host that is up: its sessions, its pipe and what it says of itself, opened when needed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import testinfra.host

from runbook.check import testinfra_host
from runbook.connect import Connection
from runbook.pipe import Pipe
from runbook.probe import probe
from runbook.reel import Reel
from runbook.result import Probed
from runbook.session import HostLost, Session

_GLANCE: Final = 5.0
"""Seconds that a look at a session's terminal may take."""


class LiveHost:
    """The open channels to one host; a context manager that closes them.

    Steps use one session a user, checks one pipe of their own. A channel that died is
    replaced by a new one at its next use. Below the directory `recordings` every step leaves
    what its sessions showed.
    """

    def __init__(
        self,
        connection: Connection,
        environment: Mapping[str, str],
        recordings: Path | None = None,
    ) -> None:
        self.name = connection.host
        self._connection = connection
        self._environment = environment
        self._reel = Reel(recordings)
        self._sessions: dict[str, Session] = {}
        self._pipe: Pipe | None = None
        self._probed: Probed | None = None
        self._lock = threading.RLock()
        self._closed = False

    def session(self, user: str) -> Session:
        """Return the live session of `user`.

        Raises:
            HostLost: the host cannot be reached.

        """
        with self._lock:
            session = self._sessions.get(user)
            if session is None or not session.alive:
                if session is not None:
                    session.close()
                # What makes a shell ready for us is nothing that an operator would see.
                with self._reel.paused():
                    session = Session.open(
                        self._connection.shell(user),
                        host=self.name,
                        environment=self._environment,
                        sink=self._reel,
                        aside=self._aside,
                    )
                self._sessions[user] = session
            self._refuse_if_closed()
            return session

    def pipe(self) -> Pipe:
        """Return the live pipe, as root.

        Raises:
            HostLost: the host cannot be reached.

        """
        with self._lock:
            if self._pipe is None or not self._pipe.alive:
                if self._pipe is not None:
                    self._pipe.close()
                self._pipe = Pipe.open(
                    self._connection.pipe("root"), host=self.name, environment=self._environment
                )
            self._refuse_if_closed()
            return self._pipe

    def recorded(self, step: str) -> AbstractContextManager[str]:
        """Record what the sessions show, as that of `step`, for as long as the context lasts.

        It gives the recording's path below the directory of recordings, or an empty text if
        nothing is recorded.
        """
        return self._reel.of(f"{step}/{self.name}.cast")

    def _aside(self, text: str) -> str:
        """Run shell text beside the sessions' terminals and return its output."""
        return self.pipe().run(text, timeout=_GLANCE).stdout.decode(errors="replace")

    @property
    def known(self) -> Probed | None:
        """What the host said of itself, if it was asked."""
        return self._probed

    def probed(self) -> Probed:
        """Return what the host says of itself; it is asked once.

        Raises:
            HostLost: the host cannot be reached.

        """
        with self._lock:
            if self._probed is None:
                self._probed = probe(self.pipe(), self.name)
            return self._probed

    def testinfra(self) -> testinfra.host.Host:
        """Return a new testinfra host: what testinfra remembers of it is never stale.

        Raises:
            HostLost: the host cannot be reached.

        """
        return testinfra_host(self.pipe(), self.name)

    def close(self) -> None:
        """Close all channels; whatever runs in them ends, and nothing more is opened."""
        # Not under the lock: a worker may hold it while it waits for the very channel. A
        # channel that is being opened at this moment is closed by the worker itself.
        self._closed = True
        for channel in (*self._sessions.values(), self._pipe):
            if channel is not None:
                channel.close()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            self.close()
            raise HostLost(f"{self.name}: the run was given up")


class HostMap(Mapping[str, testinfra.host.Host]):
    """The testinfra hosts by name, as a check sees them: each connected at first use."""

    def __init__(self, live: Mapping[str, LiveHost]) -> None:
        self._live = live
        self._made: dict[str, testinfra.host.Host] = {}

    def __getitem__(self, name: str) -> testinfra.host.Host:
        if name not in self._made:
            self._made[name] = self._live[name].testinfra()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._live)

    def __len__(self) -> int:
        return len(self._live)


@contextlib.contextmanager
def closing_all(live: Mapping[str, LiveHost]) -> Iterator[Mapping[str, LiveHost]]:
    """Close every host of `live` at the end, whatever happened."""
    try:
        yield live
    finally:
        for host in live.values():
            host.close()
