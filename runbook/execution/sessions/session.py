"""A session: one live shell on one host as one user. It knows no steps.

Commands run in one persistent interactive bash on a terminal, so that directories, variables
and functions live on from one to the next, as they do for the guide's reader.
"""

from __future__ import annotations

import contextlib
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve

from runbook.dialogue import conversation
from runbook.dialogue.monitor import SideChannel
from runbook.errors import RunbookError
from runbook.execution.sessions import given_secrets, shell_states
from runbook.execution.sessions.jobs import Jobs
from runbook.execution.sessions.recordings import Recording
from runbook.model import Dialogue, Location, Start
from runbook.model.secret_reference import readable
from runbook.results import ShellState
from runbook.shelltext.background import starts_job
from runbook.shelltext.nested import nested_shell
from runbook.terminal.faults import Failure, HostLost, ShellEnded
from runbook.terminal.heredoc import refuse_open_heredoc
from runbook.terminal.redactor import KnownSecrets, Sink
from runbook.terminal.shell import Completed, RunningCommand, Shell
from runbook.terminal.transfer import Files


def _no_secret(name: str) -> str:
    raise RunbookError(f"no secret {name!r} is typed here")


class Session:
    """One live shell on one host as one user; a context manager that ends it."""

    def __init__(
        self,
        shell: Shell,
        side_channel: SideChannel | None = None,
        environment: Mapping[str, str] | None = None,
        share: Callable[[], Recording | None] = lambda: None,
        *,
        watched: bool = True,
        pipe: Sequence[str] = (),
    ) -> None:
        self._shell = shell
        self._watched = watched
        self._side_channel = side_channel
        self._environment = environment or {}
        self._state: ShellState | None = ShellState()
        self.jobs: Final = Jobs(shell, side_channel, share)
        self.files: Final = Files(pipe, host=shell.host, environment=environment)
        self.redact: Final = shell.redact
        self.home: Final = shell.home
        self.ended_by_command = False

    @classmethod
    def open(
        cls,
        argv: Sequence[str],
        *,
        host: str,
        environment: Mapping[str, str] | None = None,
        sink: Sink | None = None,
        timeout: float = 30.0,
        side_channel: SideChannel | None = None,
        share: Callable[[], Recording | None] = lambda: None,
        watched: bool = True,
        known: KnownSecrets | None = None,
        pipe: Sequence[str] = (),
    ) -> Session:
        """Return a session with the interactive bash that `argv` starts.

        Everything that is printed goes to `sink` as well. `side_channel` runs shell text in
        another shell on the host, to see what its processes do; not `watched`, that is not looked
        at. `share` gives the recording of the present step, for what its jobs print later. What is
        printed is without the `known` secrets, to which those that are typed here are added. `pipe`
        starts a bash of the same user without a terminal, which reads and writes files.

        Raises:
            HostLost: there is no shell there within `timeout`.

        """
        shell = Shell(argv, host=host, sink=sink, timeout=timeout, known=known)
        session = cls(shell, side_channel, environment, share, watched=watched, pipe=pipe)
        try:
            shell.prepare(session._environment)
        except Failure as error:
            session.close()
            raise HostLost(f"{host}: the shell cannot be set up: {error}") from error
        return session

    @property
    def alive(self) -> bool:
        """Whether the shell is there and at its prompt, or busy with a command."""
        return self._shell.alive and not self._shell.terminal.exited

    @property
    def host(self) -> str:
        """The name of the host."""
        return self._shell.host

    @property
    def pid(self) -> int:
        """The local process at this end of the connection."""
        return self._shell.terminal.pid

    @property
    def leader(self) -> int:
        """The process of the shell on the host, 0 if it is unknown."""
        return self._shell.channel.leader

    def run(
        self,
        command: str,
        *,
        timeout: float,
        location: Location | None = None,
        shown: str = "",
        secret: Callable[[str], str] = _no_secret,
    ) -> Completed:
        """Run shell text of any number of lines, for at most `timeout` seconds.

        Its input is a terminal. If it is seen to wait there, it gets what the guide shows behind
        its question in the output `shown`, or else it is stopped. One that opens another shell
        gets no input, so that it ends. `location` is where the guide has it. `secret` gives the
        values of secrets in it, which are variables of the shell meanwhile.

        A command that starts a job has no input either, and prints on a terminal of its own, so
        that what the job prints later is in the output of no other command.

        Raises:
            CommandTimeout: it was still running, and was stopped.
            DialogueStopped: it waits for input that the guide does not give.
            ShellEnded: it ended or replaced its shell.
            Unfinished: a here-document in it has no end.
            HostLost: the host is gone.

        """
        refuse_open_heredoc(self._shell, command)
        terminal = self.jobs.terminal() if starts_job(command) and self._shell.alive else None
        self._shell.record(f"$ {readable(command)}")
        with self._noted(location), given_secrets.given(self._shell, command, secret) as command:
            if terminal is not None or nested_shell(command) is not None:
                return self._shell.execute(command, timeout=timeout, terminal=terminal)
            there = location or Location("", 0)
            dialogue = Dialogue(command, there, (), shown)
            return self._converse(dialogue, given_secrets.one_line(secret), timeout)

    def start(self, command: str, secret: Callable[[str], str] = _no_secret) -> RunningCommand:
        """Start shell text that keeps running; whoever iterates over its events keeps it going.

        Raises:
            HostLost, Unfinished: as for `run`.

        """
        refuse_open_heredoc(self._shell, command)
        self._shell.record(f"$ {readable(command)}")
        self._state = None
        # They stay there: the shell is the command's own.
        command = given_secrets.assign(self._shell, command, secret)
        return self._shell.start(command, timeout=math.inf)

    def converse(
        self, dialogue: Dialogue, *, secrets: Callable[[str], str], timeout: float
    ) -> Completed:
        """Run a program that asks, and answer as the dialogue says.

        `secrets` gives the value of a secret by its name, just before it is typed.

        Raises:
            DialogueStopped: it asked what is not foreseen, or refused an answer.
            CommandTimeout, ShellEnded, HostLost: as for `run`.

        """
        self._shell.record(f"$ {readable(dialogue.text)}")
        with (
            self._noted(dialogue.location),
            given_secrets.given(self._shell, dialogue.text, secrets) as text,
        ):
            turns = given_secrets.answers(dialogue.turns, secrets)
            dialogue = evolve(dialogue, text=text, turns=turns)
            return self._converse(dialogue, given_secrets.one_line(secrets), timeout)

    def _converse(
        self, dialogue: Dialogue, secrets: Callable[[str], str], timeout: float
    ) -> Completed:
        return conversation.converse(
            self._shell,
            dialogue,
            secrets=secrets,
            timeout=timeout,
            side_channel=self._side_channel,
            watched=self._watched,
        )

    def state(self, *, with_secrets: bool = False, start: Start | None = None) -> ShellState:
        """Return the state of the shell; see `shell_states.capture`."""
        if with_secrets or start is not None:
            return shell_states.capture(self._shell, with_secrets=True, start=start)
        if self._state is None:
            self._state = shell_states.capture(self._shell)
        return self._state

    def restore(self, state: ShellState, user: str) -> None:
        """Bring the shell of `user`, which must be a new one, into `state`.

        Raises:
            RunbookError: that cannot be done; the session is then closed.

        """
        self._state = None
        try:
            shell_states.restore(self._shell, state, user)
        except RunbookError:
            self.close()
            raise

    def interact(self) -> None:
        """Let the person at this terminal use the very shell until they leave it.

        They leave it with `exit`, Ctrl-D at the prompt, or Ctrl-], and change what they like. What
        they type is not recorded. They may also end the shell.

        Raises:
            HostLost: the shell does not come back.
            RunbookError: this process has no terminal.

        """
        self._state = None
        self._shell.hand_over()

    def renew(self, *, timeout: float) -> bool:
        """Put a new login shell in place of the present one, over the same connection.

        Returns false if that cannot be done, as when a job still prints on the terminal; this
        session must then not be used any more.
        """
        try:
            if not self.alive or self.jobs.printing():
                return False
            renewed = self._shell.renew(self._environment, timeout=timeout)
        except RunbookError:
            return False
        self._state = ShellState()
        return renewed

    def retire(self) -> None:
        """Use the shell for nothing any more, but let its jobs run and print until it is closed."""
        threading.Thread(target=self._shell.read_to_end, name=self.host, daemon=True).start()

    def record_to(self, sink: Sink | None) -> None:
        """Record to `sink` from now on."""
        self._shell.record_to(sink)

    def umask(self) -> str:
        """Return the umask of the shell in octal digits; it may raise `HostLost`."""
        found = re.search(r"^umask ([0-7]+)$", self.state().script, re.MULTILINE)
        return found[1] if found else self._shell.umask

    def note(self, text: str) -> None:
        """Add a remark to the recording."""
        self._shell.record(f"# {text}")

    def close(self) -> bool:
        """End the shell, and whatever runs in it. Any thread may do this.

        Returns false if it may go on at the far end of the connection.
        """
        self.jobs.close()
        self.files.close()
        return self._shell.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _noted(self, location: Location | None) -> Iterator[None]:
        """Note what becomes of a command at `location` that runs in the context."""
        began = time.monotonic()
        self._state = None
        try:
            yield
        except ShellEnded:
            self.ended_by_command = True
            raise
        finally:
            self.jobs.note(began, location)
