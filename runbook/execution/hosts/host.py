"""A host that is up: its sessions, its pipe and what it says of itself, opened when needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import testinfra.host

from runbook.errors import RunbookError
from runbook.execution import secrets
from runbook.execution.hosts.boot import boot_identifier
from runbook.execution.hosts.host_map import HostMap, closing_all
from runbook.execution.hosts.probe import probe
from runbook.execution.hosts.testinfra_host import testinfra_host
from runbook.execution.hosts.watch import Watch
from runbook.execution.sessions.background import BackgroundCommands
from runbook.execution.sessions.inner_shells import InnerShells
from runbook.execution.sessions.recordings import StepRecorder
from runbook.execution.sessions.session import Session
from runbook.execution.sessions.sessions import Sessions
from runbook.model import Command
from runbook.results import Performed, Probed, ShellState
from runbook.terminal.connection import (
    Connection,
    console_tail,
    default_user,
    disconnect,
    managed_boot,
    scoped,
    timeout_factor,
)
from runbook.terminal.faults import HostLost
from runbook.terminal.pipe import Pipe
from runbook.terminal.redactor import KnownSecrets

__all__ = ["HostConnection", "HostMap", "closing_all"]
_GLANCE: Final = 5.0  # seconds that a look at a session's terminal may take
_OPEN: Final = 30.0  # seconds in which there is a shell
_PAUSE: Final = 0.5


class HostConnection:
    """The open channels to one host; a context manager that closes them.

    Steps use one session a user, checks one pipe. One that died is replaced at its next use. Below
    `recordings` every step leaves what its sessions showed, without `known` secrets; `watching`
    gets it meanwhile. `ordinary_user` types at the prompt `$`; each connection has a default. If
    the run `scope`, as `lab.run`, is killed, so is what it runs. `inner` are its inner shells.
    """

    def __init__(
        self,
        connection: Connection,
        environment: Mapping[str, str],
        recordings: Path | None = None,
        *,
        ordinary_user: str = "",
        known: KnownSecrets | None = None,
        scope: str = "",
        watching: Callable[[bytes], None] | None = None,
    ) -> None:
        self.name = connection.host
        self.timeout_factor = timeout_factor(connection)
        self._watch = Watch(connection, scope)
        self._connection = connection = scoped(connection, scope)
        self._environment = environment
        self._recorder = StepRecorder(recordings, watching)
        self.secrets = known = known or KnownSecrets()
        self._sessions = Sessions(
            connection, environment, self._recorder, self._side_channel, known, self._watch.add
        )
        self.inner: Final = InnerShells()
        self._background = BackgroundCommands(connection)
        self._pipe: Pipe | None = None
        self._probed: Probed | None = None
        self._ordinary_user = ordinary_user or default_user(connection)
        self._lock = threading.RLock()
        self._closed = False

    def secret(self, name: str) -> str:
        """Return the value of a secret by its name; see `secrets.value_of`."""
        return secrets.value_of(name, self.secrets)

    def ordinary_user(self) -> str:
        """Return the ordinary user, whose prompt is `$`.

        Raises:
            RunbookError: nobody has said who that is.

        """
        if not self._ordinary_user:
            raise RunbookError(
                f"{self.name}: $ is the prompt of an ordinary user, and nothing says which: write "
                "'user:' in the cluster file, ':user:' at the step, or # if root is meant"
            )
        return self._ordinary_user

    def session(self, user: str, inner: ShellState | None = None) -> Session:
        """Return the live session of `user`, or a new one for an `inner` shell in that state.

        Raises:
            HostLost: the host cannot be reached.
            RunbookError: its shell cannot be given back its state.

        """
        with self._lock:
            self._watch.begin()
            session = self._sessions.get(user, inner)
            self._refuse_if_closed()
            return session

    def last_session(self) -> Session | None:
        """Return the session that was used last: an inner one, or see `Sessions.last`."""
        with self._lock:
            session = self.inner.last() or self._sessions.last()
            self._refuse_if_closed()
            return session

    def new_shells(self, states: Mapping[str, ShellState]) -> None:
        """Let the next session of every user be a new login shell, in its state of `states`."""
        with self._lock:
            self._sessions.renew(states)

    def shell_states(self) -> dict[str, ShellState]:
        """Return the state of the shell of every user who has had one since `new_shells`.

        Raises:
            HostLost: the host is gone.

        """
        with self._lock:
            return self._sessions.states()

    def keep_running(
        self, step: str, user: str, command: Command, until_output: str | None, timeout: float,
        inner: Session | None = None,
    ) -> Performed:  # fmt: skip
        """Start the command of a step that keeps running, and wait until it is ready.

        Its own shell is in the state of `inner`, or of that of `user`. A complaint in the result
        says that it was not ready after `timeout` seconds.

        Raises:
            RunbookError: its shell cannot be opened.

        """
        with self._lock:
            self._watch.begin()
            session = self._sessions.open_apart(user, inner)
            self._background.start(step, session, command, self._recorder.share(), self.secret)
            self._refuse_if_closed()
        return self._background.await_ready(step, until_output, timeout)

    def ended_in_background(self, step: str) -> str:
        """Return how the command that a step left running has ended, or an empty text."""
        return self._background.ended(step)

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
                    timeout=_OPEN * self.timeout_factor,
                )
            self._refuse_if_closed()
            return self._pipe

    def recorded(self, step: str, *, withheld: bool = False) -> AbstractContextManager[str]:
        """Record what the sessions show, as that of `step`, for as long as the context lasts.

        It gives the recording's path below the directory of recordings, or an empty text if
        nothing is recorded. If it is `withheld`, it is written by `reveal` alone.
        """
        return self._recorder.of(f"{step}/{self.name}.cast", withheld=withheld)

    def reveal(self) -> None:
        """Record what was withheld of the present step, without secrets."""
        self._recorder.reveal(self.secrets.redact_bytes)

    def _side_channel(self, text: str) -> str:
        """Run shell text beside the sessions' terminals and return its output."""
        asked = self.pipe().run(text, timeout=_GLANCE * self.timeout_factor)
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
        return testinfra_host(self.pipe(), self.name, self.timeout_factor, self.secret)

    def boot(self) -> str:
        """Return an identifier of its present boot; another one after every start.

        Raises:
            HostLost: the host cannot be reached.

        """
        return boot_identifier(self._connection, self._side_channel, 0.0)

    def returned(self, before: str, *, anew: bool, timeout: float) -> None:
        """Wait until the host is back: with `anew` in another boot than `before`.

        Sessions that are open then are opened anew when they are next used.

        Raises:
            HostLost: it is not back after `timeout` seconds, or in another boot without `anew`.

        """
        deadline = time.monotonic() + timeout
        why = "it was never away"
        if anew and managed_boot(self._connection):
            # For a shell that is still open when a container's processes are ended, its systemd
            # waits ten seconds: it is not told when somebody else's child ends.
            self._forget_channels()
        while True:
            try:
                wait = _PAUSE if anew else 0.0
                boot = boot_identifier(self._connection, self._side_channel, wait)
            except RunbookError as error:
                if managed_boot(self._connection):
                    raise
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
            time.sleep(_PAUSE)

    def _forget_channels(self) -> None:
        with self._lock:
            self._sessions.forget()
            self._background.close()
            if self._pipe is not None:
                self._pipe.close()
            self._pipe = None
            self._watch.close()

    def console_tail(self) -> str:
        """Return what the host's serial console printed last, to be told after a loss."""
        said = console_tail(self._connection)
        return f"\nits console's last lines:\n{said}" if said else ""

    def close(self) -> None:
        """Close all channels; whatever runs in them ends, and nothing more is opened."""
        # Not under the lock: a worker may hold it while it waits for the very channel. A
        # channel that is being opened at this moment is closed by the worker itself.
        self._closed = True
        self._background.close()
        ended = self._sessions.close()
        if self._pipe is not None:
            self._pipe.close()
        self._watch.close(end=not ended)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            self.close()
            raise HostLost(f"{self.name}: the run was given up")
