"""The sessions of one host, one for each user: opened when needed, renewed for every chapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from runbook.dialogue.monitor import SideChannel
from runbook.execution.sessions.recordings import StepRecorder
from runbook.execution.sessions.session import Session
from runbook.results import ShellState
from runbook.terminal.connection import Connection, timeout_factor
from runbook.terminal.redactor import KnownSecrets, Sink

_OPEN_TIMEOUT: Final = 30.0
"""Seconds in which there is a shell."""


class Sessions:
    """The sessions of the host that `connection` leads to; any thread may `close` them.

    A session whose shell has ended is replaced at its next use. The new shell gets the state that
    was last seen of the old one, unless the guide itself has ended that. A secret that is typed
    in one is `known` to all. `opened` is told of every new one.
    """

    def __init__(
        self,
        connection: Connection,
        environment: Mapping[str, str],
        recorder: StepRecorder,
        side_channel: SideChannel,
        known: KnownSecrets,
        opened: Callable[[Session], None] = lambda _: None,
    ) -> None:
        self._connection = connection
        self._environment = environment
        self._recorder = recorder
        self._side_channel = side_channel
        self._known = known
        self._opened = opened
        self._timeout = _OPEN_TIMEOUT * timeout_factor(connection)
        self._sessions: dict[str, Session] = {}
        self._retired: list[Session] = []
        self._inner: list[Session] = []
        self._outdated: set[str] = set()
        # The states that the shells are in; those that are not `given` must be brought into them.
        self._states: dict[str, ShellState] = {}
        self._given: set[str] = set()
        self._last = ""

    def get(self, user: str, inner: ShellState | None = None) -> Session:
        """Return the session of `user`, at its prompt, or a new one for an `inner` shell.

        An inner shell is in that state, and closed with the others at the latest.

        Raises:
            HostLost: the host cannot be reached.
            RunbookError: the shell cannot be given back its state.

        """
        # What makes a shell ready for us is nothing that an operator would see.
        with self._recorder.paused():
            if inner is not None:
                return self._open_inner(user, inner)
            session = self._present(user)
            if session is None:
                session = self._open(user, self._recorder)
                self._sessions[user] = session
            if user not in self._given:
                session.restore(self._states.setdefault(user, ShellState()), user)
                self._given.add(user)
        self._last = user
        return session

    def last(self) -> Session | None:
        """Return the session that was used last, or a new one if its shell has ended.

        Raises:
            RunbookError: there cannot be a new one.

        """
        return self.get(self._last) if self._last else None

    def open_apart(self, user: str, inner: Session | None = None) -> Session:
        """Return another session of `user`, in the state of the one that there is, or `inner`.

        It is the caller's to close, and is not recorded.

        Raises:
            RunbookError: it cannot be opened, or not be given that state.

        """
        session = inner or self.get(user)
        other = self._open(user, None)
        try:
            other.restore(session.state(with_secrets=True), user)
        except BaseException:
            other.close()
            raise
        return other

    def renew(self, states: Mapping[str, ShellState]) -> None:
        """Let the next session of every user be a new login shell, in its state of `states`."""
        self._outdated = set(self._sessions)
        self._given.clear()
        self._states = dict(states)

    def states(self) -> dict[str, ShellState]:
        """Return the state of the shell of every user who has had one.

        Raises:
            HostLost: the host is gone.

        """
        for user in self._given:
            session = self._sessions[user]
            if session.alive:
                self._states[user] = session.state()
            elif session.ended_by_command:
                self._states[user] = ShellState()
        return dict(self._states)

    def forget(self) -> None:
        """Close all sessions; the next ones are those of a person who logs in again."""
        self.close()
        self._sessions.clear()
        self._retired.clear()
        self._inner.clear()
        self._outdated.clear()
        self._given.clear()
        self._states = dict.fromkeys(self._states, ShellState())

    def close(self) -> bool:
        """Close all sessions; false if one may go on at the far end of its connection.

        Closing again does nothing.
        """
        opened = (*self._inner, *self._sessions.values(), *self._retired)
        ended = [session.close() for session in opened]
        return all(ended)

    def _present(self, user: str) -> Session | None:
        """Return the session that is there and can be used, renewed if that is due."""
        session = self._sessions.get(user)
        if session is None:
            return None
        if user in self._outdated:
            self._outdated.discard(user)
            if session.renew(timeout=self._timeout):
                return session
            if session.alive:
                # Its jobs go on, as those of a person do who opens another terminal.
                session.retire()
                self._retired.append(session)
            else:
                session.close()
        elif session.alive:
            return session
        else:
            session.close()
            self._given.discard(user)
            if session.ended_by_command:
                self._states[user] = ShellState()
        del self._sessions[user]
        return None

    def _open_inner(self, user: str, state: ShellState) -> Session:
        session = self._open(user, self._recorder)
        self._inner = [*(one for one in self._inner if one.alive), session]
        session.restore(state, user)
        return session

    def _open(self, user: str, sink: Sink | None) -> Session:
        session = Session.open(
            self._connection.shell(user),
            host=self._connection.host,
            environment=self._environment,
            sink=sink,
            side_channel=self._side_channel,
            share=self._recorder.share,
            timeout=self._timeout,
            known=self._known,
            pipe=self._connection.pipe(user),
        )
        self._opened(session)
        return session
