"""A shell that stands at its prompt, or is gone: nothing in between survives a call.

Every call sends one line and reads until the mark that ends it. docs/adr/0002 gives the
reasons for this form.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NoReturn

from attrs import evolve, frozen

from runbook import bash
from runbook.faults import CommandTimeout, Failure, HostLost, ShellEnded
from runbook.marks import BEGIN, END, Mark
from runbook.output import KEEP, Bounded, plain
from runbook.recording import Sink
from runbook.tape import Tape
from runbook.terminal import Terminal
from runbook.wire import Wire

_WINDOW: Final = 8
"""Lines of a long text that may be under way at once."""
_FRESH: Final = 10.0
"""Seconds in which a host that is there opens a new shell."""


@frozen
class Completed:
    """A command that ended by itself.

    `output` is plain text, `seconds` how long it took, `dropped` the number of bytes left
    out of the middle of the output.
    """

    status: int
    output: str
    seconds: float = 0.0
    dropped: int = 0


class Quiet:
    """No output came for as long as was asked."""


class Shell:
    """An interactive bash at the far end of `argv`, on a terminal. Any thread may `close` it.

    Raises:
        HostLost: there is no shell there within `timeout` seconds.

    """

    def __init__(
        self, argv: Sequence[str], *, host: str, sink: Sink | None = None, timeout: float = 30.0
    ) -> None:
        self.host = host
        self._argv = tuple(argv)
        self._tape = Tape(sink)
        self.without_secrets: Final = self._tape.without_secrets
        self._wire = Wire(argv, host=host, tape=self._tape, timeout=timeout)
        self._there: bool | None = None

    @property
    def alive(self) -> bool:
        """Whether the shell is there and at its prompt, or busy with a command."""
        return self._wire.alive

    @property
    def terminal(self) -> Terminal:
        """The terminal at this end."""
        return self._wire.terminal

    @property
    def token(self) -> bytes:
        """What must be typed to a shell that discards input after a dialogue."""
        return self._wire.token

    @property
    def leader(self) -> int:
        """The number of the terminal's session on the host, 0 if the host does not tell."""
        return self._wire.leader

    def close(self) -> None:
        """End the shell. Closing again does nothing."""
        keys = (b"\x04", b"\x04") if self._tape.output is None else (b"\x03", b"\x04")
        self._wire.close(farewell=keys if self.alive else ())

    def record(self, text: str) -> None:
        """Put `text` into the recording as a line of its own."""
        self._tape.write(text.encode(errors="replace") + b"\n")

    def guard(self, secret: str) -> None:
        """Keep `secret` out of every output and recording from now on."""
        self._tape.guard(secret)

    def execute(self, command: str, *, timeout: float, keep: int = KEEP) -> Completed:
        """Run shell text, as if typed at the prompt but without input, until it ends.

        Raises:
            CommandTimeout, ShellEnded, HostLost: it did not come to its end.

        """
        with self.running(command, timeout=timeout, keep=keep) as run:
            for _ in run.events():
                pass
        return run.completed()

    def running(
        self, command: str, *, timeout: float, keep: int = KEEP, dialogue: bool = False
    ) -> Running:
        """Send shell text and return it as a running command, to be followed event by event."""
        if not self.alive:
            raise HostLost(f"{self.host}: the session is closed")
        run = Running(self, timeout=timeout, keep=keep)
        form = bash.dialogue_line if dialogue else bash.line
        pieces = list(bash.pieces(command))
        if len(pieces) == 1:
            self._send(form(pieces[0]), run)
            return run
        self._load(pieces, run)
        self._send('__runbook_status "$__runbook_s"; ' + form('"$__runbook_t"'), run)
        return run

    def _load(self, pieces: Sequence[str], run: Running) -> None:
        """Put text that is too long for a line into a variable, several lines at a time."""
        under_way = 0
        for number, piece in enumerate(pieces):
            first = "__runbook_s=$?; __runbook_t=" if number == 0 else "__runbook_t+="
            self._send(f"{first}{piece}", run)
            under_way += 1
            while under_way >= _WINDOW or (under_way and number == len(pieces) - 1):
                self._until_end(run)
                under_way -= 1

    def _until_end(self, run: Running) -> None:
        while not isinstance(item := self.next(run.deadline, run), Mark) or item.kind != END:
            pass

    def _send(self, line: str, run: Running) -> None:
        self.type(line.encode("ascii") + b"\n", run)

    def type(self, data: bytes, run: Running) -> None:
        """Send `data` as typed."""
        # If the other side is gone, `next` will find that; here it may only take nothing.
        if not self.terminal.send(data, run.deadline) and time.monotonic() >= run.deadline:
            run.timed_out()

    def next(self, until: float, run: Running) -> bytes | Mark | Quiet:
        """Return the next piece of output or mark; `Quiet` if none came before `until`."""
        item = self._wire.receive(min(until, run.deadline))
        if item is None:
            run.shell_ended()
        if item:
            return item
        if time.monotonic() >= run.deadline:
            run.timed_out()
        return Quiet()

    def unread(self, item: bytes | Mark) -> None:
        """Let `item` be the next one again."""
        self._wire.unread(item)

    def interrupt(self) -> bool:
        """Stop the running command; false if the shell did not come back and is closed."""
        if self._wire.interrupt():
            return True
        self._wire.close()
        # What heeds no key goes on at the far end of most connections, when ours is closed.
        self._there = self._another(bash.end_session(self._wire.leader))
        return False

    def reachable(self) -> bool:
        """Tell a host that is gone from a shell that is: whether another one can be opened."""
        if self._there is None:
            self._there = self._another(":")
        return self._there

    def _another(self, command: str) -> bool:
        """Open another shell in the same way and run `command`; false if the host is gone."""
        try:
            other = Shell(self._argv, host=self.host, timeout=_FRESH)
        except HostLost:
            return False
        with contextlib.closing(other), contextlib.suppress(Failure, HostLost):
            other.execute(command, timeout=_FRESH)
        return True

    def begin(self, output: Bounded | None) -> None:
        """Collect into `output` from now on."""
        self._tape.begin(output)

    def settle(self) -> None:
        """Bring all that was held back to the output and the recording."""
        self._tape.flush()

    def last_words(self) -> int | None:
        """Take in what the shell that is gone printed last, and return its exit status."""
        self._wire.alive = False
        self._wire.rest()
        return self._wire.terminal.status()


class Running:
    """One command from its sending to its end; a context manager."""

    def __init__(self, shell: Shell, *, timeout: float, keep: int) -> None:
        self._shell = shell
        self._began = time.monotonic()
        self._seconds = timeout
        self._output = Bounded(keep)
        self._status: int | None = None
        self._stopped = False
        self.deadline = self._began + timeout
        shell.begin(self._output)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._status is None and not self._stopped and self._shell.alive:
            # Whoever followed the command gave up on it, but the shell must not be left in it.
            if kind is not None and issubclass(kind, Exception):
                self.stop()
            else:
                self._shell.close()
        self._shell.begin(None)

    def stop(self) -> bool:
        """Interrupt the command; false if the shell did not come back and is closed."""
        self._stopped = True
        return self._shell.interrupt()

    def events(self, quiet: Callable[[], float] | None = None) -> Iterator[bytes | Mark | Quiet]:
        """Yield output, marks, and `Quiet` after `quiet()` seconds of silence, up to the end."""
        while self._status is None:
            until = self.deadline if quiet is None else time.monotonic() + quiet()
            item = self._shell.next(until, self)
            if isinstance(item, Mark):
                if item.kind == BEGIN:
                    # What came before belongs to nobody: a background job's late words.
                    self._shell.settle()
                    self._output.clear()
                elif item.kind == END:
                    if not self._shell.alive:
                        # Another thread has closed the session, and by that ended the command.
                        self.shell_ended()
                    self._status = item.status or 0
            yield item
        self._shell.settle()

    def completed(self) -> Completed:
        """Return the command that has ended."""
        seconds = round(time.monotonic() - self._began, 6)
        return evolve(self._so_far(), seconds=seconds)

    def output(self) -> str:
        """Return what was printed so far."""
        self._shell.settle()
        return self._so_far().output

    def timed_out(self) -> NoReturn:
        """Stop the command, whose time is up.

        Raises:
            CommandTimeout: always, unless the host turns out to be gone.
            HostLost: the host is gone.

        """
        output = self.output()
        if not self.stop() and not self._shell.reachable():
            raise HostLost(f"{self._shell.host}: the host fell silent and is gone")
        raise CommandTimeout(
            f"still running after {self._seconds:g} s, and stopped", output, self._seconds
        )

    def shell_ended(self) -> NoReturn:
        """Find out why the shell is gone.

        Raises:
            ShellEnded: the host is there, so the command ended the shell.
            HostLost: the host is gone.

        """
        closed = not self._shell.alive
        status = self._shell.last_words()
        if closed or not self._shell.reachable():
            why = "the session was closed" if closed else "the connection or the host is gone"
            raise HostLost(f"{self._shell.host}: {why}")
        word = "" if status is None else f" with exit status {status}"
        raise ShellEnded(f"the command ended its shell{word}", self.output(), status)

    def _so_far(self) -> Completed:
        return Completed(
            self._status or 0, plain(self._output.value()), dropped=self._output.dropped
        )
