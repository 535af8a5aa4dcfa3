"""A shell that after every call is either at its prompt or closed.

Every call sends one line and reads until its end mark; docs/adr/0002 gives the reasons.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Final

from runbook.model.actions import Start
from runbook.terminal import bash, handover
from runbook.terminal.baseline import Baseline
from runbook.terminal.bash import Input
from runbook.terminal.channel import Channel
from runbook.terminal.faults import Failure, HostLost
from runbook.terminal.job_terminal import JobTerminal
from runbook.terminal.marks import Line, Mark, Progress
from runbook.terminal.output import KEEP, BoundedBuffer
from runbook.terminal.output_stream import OutputStream
from runbook.terminal.pty import Terminal
from runbook.terminal.redactor import KnownSecrets, Sink
from runbook.terminal.running import Completed, RunningCommand, Silence
from runbook.terminal.shell_state import Difference

__all__ = ["Completed", "RunningCommand", "Shell", "Silence"]

_WINDOW: Final = 8
"""Lines of a long text that may be sent before their end marks are read."""
_PREPARE_TIMEOUT: Final = 30.0
"""Seconds in which a new shell must take its environment."""
_REOPEN_TIMEOUT: Final = 10.0
"""Seconds in which a reachable host opens a new shell."""


class Shell:
    """An interactive bash that `argv` starts, on a terminal. Any thread may `close` it.

    Its output is recorded and returned without the `known` secrets.

    Raises:
        HostLost: no shell answered within `timeout` seconds.

    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        host: str,
        sink: Sink | None = None,
        timeout: float = 30.0,
        known: KnownSecrets | None = None,
    ) -> None:
        self.host = host
        self._argv = tuple(argv)
        self.known: Final = known or KnownSecrets()
        self._stream = OutputStream(self.known, sink)
        self.redact: Final = self.known.redact
        self.channel: Final = Channel(argv, host=host, stream=self._stream, timeout=timeout)
        self._baseline: Baseline | None = None
        self._terminals: list[JobTerminal] = []
        self._reachable: bool | None = None

    @property
    def alive(self) -> bool:
        """Whether the shell is at its prompt or runs a command, as far as is known."""
        return self.channel.alive

    @property
    def terminal(self) -> Terminal:
        """The local terminal."""
        return self.channel.terminal

    @property
    def process(self) -> int:
        """The process of the shell on the host, 0 if it is unknown."""
        return self.channel.process

    @property
    def device(self) -> str:
        """The path of the terminal on the host; empty if it is unknown."""
        return self.channel.device

    def close(self) -> bool:
        """End the shell; false if it may go on at the far end. Closing again does nothing."""
        keys = (b"\x04", b"\x04") if self._stream.output is None else (b"\x03", b"\x04")
        return self.channel.close(keys if self.alive else ())

    def prepare(self, environment: Mapping[str, str]) -> None:
        """Export `environment`, and remember the state to which later ones are compared.

        Raises:
            Failure, HostLost: the shell does not answer as it should.

        """
        if environment:
            words = " ".join(f"{name}={bash.quote(v)}" for name, v in environment.items())
            self.execute(f"export {words}", timeout=_PREPARE_TIMEOUT)
        self._baseline = Baseline(self.channel)

    def home(self) -> str:
        """Return the home directory as the shell has it now; see `Baseline.home`."""
        return self._baseline.home() if self._baseline is not None else "/"

    @property
    def umask(self) -> str:
        """The umask of the shell when it was prepared, in octal digits."""
        return self._baseline.umask if self._baseline is not None else "022"

    def state(self, *, with_secrets: bool = False, start: Start | None = None) -> Difference:
        """Return what makes this shell's state, or that of an inner one, out of a new one's."""
        if self._baseline is None:
            return Difference()
        is_secret = self.known.appear_in
        return self._baseline.difference((lambda _: False) if with_secrets else is_secret, start)

    def renew(self, environment: Mapping[str, str], *, timeout: float) -> bool:
        """Replace the shell by a new login shell on the same terminal, and prepare it.

        Returns false if that cannot be done; this shell must not be used any more then.

        Raises:
            Failure, HostLost: the shell does not answer as it should.

        """
        deadline = time.monotonic() + timeout
        if self._baseline is None or not self._baseline.holds_for_process():
            return False
        if not self.channel.renew(self._baseline.umask, deadline):
            return False
        # The shell of before has this variable from the line that could not replace it.
        if not self.channel.query('[ "${__runbook_h-}" ] || builtin echo new', deadline):
            return False
        self.prepare(environment)
        return True

    def hand_over(self) -> None:
        """Let the person at this terminal use the shell until they leave it.

        Raises:
            HostLost: the shell does not come back; it is then closed.
            RunbookError: this process has no terminal.

        """
        handover.hand_over(self.channel, self.host)

    def new_terminal(self, *, timeout: float) -> JobTerminal:
        """Return another terminal on the same host, for a command that leaves a job running.

        Raises:
            HostLost: there is none within `timeout` seconds.

        """
        made = JobTerminal(self._argv, host=self.host, known=self.known, timeout=timeout)
        self._terminals.append(made)
        return made

    def read_to_end(self) -> None:
        """Receive and discard whatever is still printed, until the shell is closed."""
        self._stream.record_to(None)
        while self.channel.receive(inf) is not None:
            pass

    def record_to(self, sink: Sink | None) -> None:
        """Record to `sink` from now on."""
        self._stream.record_to(sink)

    def record(self, text: str) -> None:
        """Add `text` to the recording as a line."""
        self._stream.write(text.encode(errors="replace") + b"\n")

    def execute(
        self,
        command: str,
        *,
        timeout: float,
        keep: int = KEEP,
        terminal: JobTerminal | None = None,
    ) -> Completed:
        """Run shell text, as if typed at the prompt but without input, until it ends.

        Raises:
            CommandTimeout, ShellEnded, HostLost: it did not complete.

        """
        with self.start(command, timeout=timeout, keep=keep, terminal=terminal) as run:
            for _ in run.events():
                pass
        return run.completed()

    def start(
        self,
        command: str,
        *,
        timeout: float,
        keep: int = KEEP,
        given: Input = Input.NONE,
        terminal: JobTerminal | None = None,
    ) -> RunningCommand:
        """Send shell text and return the running command, whose events can be iterated.

        It is `given` that input, and prints on `terminal` if there is one, not on the shell's own.
        """
        if not self.alive:
            raise HostLost(f"{self.host}: the session is closed")
        run = RunningCommand(self, timeout=timeout, keep=keep, terminal=terminal)
        where = terminal.path if terminal is not None else ""
        pieces = list(bash.quoted_pieces(command))
        if len(pieces) > 1:
            self._load(pieces, run)
        text = pieces[0] if len(pieces) == 1 else '"$__runbook_t"'
        run.line = self.channel.new_line()
        line = bash.command_line(text, run.line, given, where)
        self._send_line(line if len(pieces) == 1 else bash.whole_line(line), run)
        return run

    def _load(self, pieces: Sequence[str], run: RunningCommand) -> None:
        """Assign text that is too long for a line to a variable, with several lines in flight."""
        in_flight: deque[Line] = deque()
        for number, piece in enumerate(pieces):
            line = self.channel.new_line(marked=False)
            self._send_line(bash.piece_line(piece, line, first=number == 0), run)
            in_flight.append(line)
            while len(in_flight) >= _WINDOW or (in_flight and number == len(pieces) - 1):
                self._await_end(in_flight.popleft(), run)

    def _await_end(self, line: Line, run: RunningCommand) -> None:
        while line.progress is not Progress.ENDED:
            if isinstance(item := self.receive(run.deadline, run), Mark):
                self.channel.follow(line, item)

    def _send_line(self, line: str, run: RunningCommand) -> None:
        self.send(line.encode("ascii") + b"\n", run)

    def send(self, data: bytes, run: RunningCommand) -> None:
        """Type `data`."""
        # A closed connection is reported by `receive`; here it only accepts nothing.
        if not self.terminal.send(data, run.deadline) and time.monotonic() >= run.deadline:
            run.raise_timeout()

    def receive(self, until: float, run: RunningCommand) -> bytes | Mark | Silence:
        """Return the next piece of output or mark; `Silence` if there is none before `until`."""
        item = self.channel.receive(min(until, run.deadline))
        if item is None:
            run.raise_ended()
        if item:
            return item
        if time.monotonic() >= run.deadline:
            run.raise_timeout()
        return Silence()

    def unread(self, item: bytes | Mark) -> None:
        """Push `item` back, to be received next."""
        self.channel.unread(item)

    def interrupt(self, kill: Callable[[], None] | None = None) -> bool:
        """Stop the running command; false if the shell did not return and was closed."""
        if self.channel.interrupt(kill):
            return True
        self.channel.close()
        # A command that ignores the keys goes on over most connections after they are closed.
        self._reachable = self._run_in_new_shell(bash.kill_session(self.channel.leader))
        return False

    def reachable(self) -> bool:
        """Return whether another shell can be opened, so that only this one has ended."""
        if self._reachable is None:
            self._reachable = self._run_in_new_shell(":")
        return self._reachable

    def _run_in_new_shell(self, command: str) -> bool:
        """Open another shell and run `command` there; false if none can be opened."""
        try:
            other = Shell(self._argv, host=self.host, timeout=_REOPEN_TIMEOUT)
        except HostLost:
            return False
        with contextlib.closing(other), contextlib.suppress(Failure, HostLost):
            other.execute(command, timeout=_REOPEN_TIMEOUT)
        return True

    def collect(self, output: BoundedBuffer | None) -> None:
        """Collect further output in `output`."""
        self._stream.collect(output)

    def flush(self) -> None:
        """Write out everything that was held back."""
        self._stream.flush()

    def finish(self) -> int | None:
        """Write out the last output of a shell that has ended; return its exit status, if known."""
        self.channel.alive = False
        self.channel.write_rest()
        status = self.channel.terminal.status()
        return self.channel.exited if self.channel.tells_exit else status
