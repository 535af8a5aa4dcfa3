"""A host that is up: its sessions, its pipe and what it says of itself, opened when needed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import testinfra.host

from runbook.check import testinfra_host
from runbook.connect import Connection, disconnect, last_words, patience
from runbook.errors import RunbookError
from runbook.pipe import Pipe
from runbook.probe import probe
from runbook.reel import Reel
from runbook.result import Probed
from runbook.session import HostLost, Session

_GLANCE: Final = 5.0
"""Seconds that a look at a session's terminal may take."""
_OPEN: Final = 30.0
"""Seconds in which there is a shell."""
_PAUSE: Final = 0.5


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
        self.patience = patience(connection)
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
                        timeout=_OPEN * self.patience,
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
                    self._connection.pipe("root"),
                    host=self.name,
                    environment=self._environment,
                    timeout=_OPEN * self.patience,
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
        asked = self.pipe().run(text, timeout=_GLANCE * self.patience)
        return asked.stdout.decode(errors="replace")

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
        return testinfra_host(self.pipe(), self.name, self.patience)

    def boot(self) -> str:
        """Return what the kernel calls its present boot; another one after every start.

        Raises:
            HostLost: the host cannot be reached.

        """
        return self._aside("cat /proc/sys/kernel/random/boot_id").strip()

    def returned(self, before: str, *, anew: bool, timeout: float) -> None:
        """Wait until the host is back: with `anew` in another boot than `before`.

        Sessions that are open then are opened anew when they are next used.

        Raises:
            HostLost: it is not back after `timeout` seconds, or in another boot without `anew`.

        """
        deadline = time.monotonic() + timeout
        why = "it was never away"
        while True:
            try:
                boot = self.boot()
            except RunbookError as error:
                why = str(error).removeprefix(f"{self.name}: ")
                self._forget_channels()
                disconnect(self._connection)
            else:
                if boot != before:
                    self._forget_channels()
                    if anew:
                        return
                    raise HostLost(f"{self.name}: it has started anew meanwhile")
                if not anew:
                    return
            if self._closed or time.monotonic() > deadline:
                raise HostLost(f"{self.name}: not back after {timeout:.0f} s: {why}")
            # A host that starts refuses at once, until it does not.
            time.sleep(_PAUSE)

    def _forget_channels(self) -> None:
        with self._lock:
            for channel in (*self._sessions.values(), self._pipe):
                if channel is not None:
                    channel.close()
            self._sessions.clear()
            self._pipe = None

    def last_words(self) -> str:
        """Return what the host's serial console printed last, to be told after a loss."""
        said = last_words(self._connection)
        return f"\nits console's last lines:\n{said}" if said else ""

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
