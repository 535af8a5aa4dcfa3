"""The channel to an interactive bash: set up to print marks, read from, interrupted."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NoReturn

from runbook.terminal import bash
from runbook.terminal.faults import Disordered, HostLost
from runbook.terminal.marks import (
    BEGIN,
    END,
    EXITED,
    LEFT,
    PROCESS,
    READY,
    TERMINAL,
    Line,
    Mark,
    OutOfOrderError,
    Parser,
)
from runbook.terminal.output import BoundedBuffer, plain
from runbook.terminal.output_stream import OutputStream
from runbook.terminal.pty import Terminal

_INTERRUPT_TIMEOUT: Final = 2.0
"""Seconds in which a command must react to an interrupt."""
_KEY_TIMEOUT: Final = 0.7
"""The same, if it can be ended by force."""
_SETUP_TIMEOUT: Final = 5.0
"""Seconds to wait for a new shell's first output, and for the first attempt to set it up."""
_MESSAGE_LIMIT: Final = 1000
"""Characters of a shell's output that are quoted in an error."""


class Channel:
    """An interactive bash that `argv` starts; its output is written to `stream` as it is read.

    `alive` is false once the bash is known to have ended. `leader` is the id of the terminal's
    session on the host, `process` that of the bash, 0 if they are unknown, and `device` the
    terminal's path there, or empty.
    `exited` is the exit status of the bash, if the process that started it `tells_exit` and has
    told it.

    Raises:
        HostLost: no shell answered within `timeout` seconds.

    """

    def __init__(
        self, argv: Sequence[str], *, host: str, stream: OutputStream, timeout: float
    ) -> None:
        self._host = host
        self._stream = stream
        self._quiet = False
        self._queue: deque[bytes | Mark] = deque()
        self._pushed_back: list[bytes | Mark] = []
        self._nonce = bash.nonce()
        self._parser = Parser("")
        self.alive = True
        self.leader = 0
        self.process = 0
        self.device = ""
        self.exited: int | None = None
        self._lines = 0
        self._token = ""
        self.terminal = Terminal(argv, host=host)
        self.tells_exit: Final = any(bash.EXIT_NOTICE in word for word in argv)
        try:
            self._connect(time.monotonic() + timeout)
        except BaseException:
            self.close()
            raise

    @property
    def nonce(self) -> str:
        """The word in the marks of the bash."""
        return self._nonce

    @property
    def token(self) -> bytes:
        """What ends the discarding of input after the present dialogue."""
        return self._token.encode("ascii") + b"\n"

    def new_line(self, *, marked: bool = True) -> Line:
        """Return what the marks of the next line must look like."""
        self._lines += 1
        line = Line.new(self._lines, marked=marked)
        self._token = line.begin
        return line

    def follow(self, line: Line, mark: Mark) -> None:
        """Take a mark as the next one of `line`, which has been sent.

        Raises:
            Disordered: it is not, so nothing is known of the line; the bash is then closed.

        """
        try:
            line.take(mark)
        except OutOfOrderError as error:
            self.disordered(str(error))

    def disordered(self, why: str) -> NoReturn:
        """Close the bash, of which nothing is known any more.

        Raises:
            Disordered: always.

        """
        self.close()
        raise Disordered(
            f"{self._host}: the shell is out of order, so what became of the command is unknown: "
            f"{why}; the next command gets a new shell"
        )

    def close(self, exit_keys: Sequence[bytes] = ()) -> bool:
        """Send `exit_keys` and end the bash. Closing again does nothing.

        Returns false if it may go on at the far end of the connection.
        """
        self.alive = False
        return self.terminal.close(exit_keys)

    def receive(self, deadline: float) -> bytes | Mark | None:
        """Return output or a mark, `b""` if neither came before `deadline`, `None` at the end."""
        if self._pushed_back:
            return self._pushed_back.pop()  # already written to the stream
        while not self._queue:
            data = self.terminal.receive(deadline)
            if not data:
                return data
            self._queue.extend(_joined(self._parser.feed(data)))
        item = self._queue.popleft()
        if isinstance(item, Mark):
            if item.kind == EXITED:
                self.exited = item.number
                return self.receive(deadline)
            return item
        if not self._quiet:
            self._stream.write(item)
        return item

    def parse(self, data: bytes) -> Iterator[bytes | Mark]:
        """Yield the output and the marks in what was received past this channel."""
        return self._parser.feed(data)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Write nothing to the stream for as long as the context lasts."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def unread(self, item: bytes | Mark) -> None:
        """Push `item` back, to be received next."""
        self._pushed_back.append(item)

    def write_rest(self) -> None:
        """Write an incomplete mark at the end of the stream as output."""
        self._stream.write(self._parser.rest())

    def query(self, command: str, deadline: float) -> bytes:
        """Run `command` and return its output, which is not written to the stream.

        It is a part of a line of printable ASCII, and preserves `$?`.

        Raises:
            Disordered: its marks are out of order; the bash is then closed.
            HostLost: it did not end before `deadline`; the bash is then closed.

        """
        line = self.new_line()
        self.terminal.send(f"{bash.query_line(command, line)}\n".encode("ascii"), deadline)
        output = b""
        with self.quiet():
            while item := self.receive(deadline):
                if isinstance(item, Mark):
                    self.follow(line, item)
                    if item.kind == BEGIN:
                        output = b""
                    elif line.over:
                        return output
                else:
                    output += item
        self.close()
        raise HostLost(f"{self._host}: the shell does not answer any more")

    def interrupt(self, kill: Callable[[], None] | None = None) -> bool:
        """Stop the running command; false if the bash did not return to its prompt.

        `kill` ends the command by force, if it ignores the keys.
        """
        if not self.press_interrupt(_KEY_TIMEOUT if kill is not None else _INTERRUPT_TIMEOUT):
            if kill is None or not self.alive:
                return False
            kill()
            if not self.await_prompt(time.monotonic() + _INTERRUPT_TIMEOUT):
                return False
        # The key may have arrived after the command's end, and caused a second prompt.
        self._stream.flush()
        return self.set_up(time.monotonic() + _INTERRUPT_TIMEOUT)

    def press_interrupt(self, timeout: float = _INTERRUPT_TIMEOUT) -> bool:
        """Press the keys that stop a command; false if the bash did not return to its prompt.

        It has `timeout` seconds for each of them.
        """
        for key in (b"\x03", b"\x1c"):
            deadline = time.monotonic() + timeout
            self.terminal.send(key, deadline)
            if self.await_prompt(deadline):
                return True
        return False

    def renew(self, umask: str, deadline: float) -> bool:
        """Replace the bash by a new login shell with that umask; false if there is none in time.

        The caller has to make sure that the bash there is really another one.
        """
        with self.quiet():
            line = bash.renewal_line(umask, *self.terminal.size)
            self.terminal.send(line.encode("ascii") + b"\n", deadline)
            while self.alive and time.monotonic() < deadline:
                attempt = min(deadline, time.monotonic() + _SETUP_TIMEOUT)
                if self.set_up(attempt, first=True):
                    return True
        return False

    def _connect(self, deadline: float) -> None:
        output = BoundedBuffer()
        self._stream.collect(output)
        first = self.terminal.receive(min(deadline, time.monotonic() + _SETUP_TIMEOUT))
        output.write(first or b"")
        # A shell may lose the lines while its terminal is being set up: they are sent again. A link
        # may also be so slow that they have not arrived.
        patience = _SETUP_TIMEOUT
        while first is not None and time.monotonic() < deadline:
            if self.set_up(min(deadline, time.monotonic() + patience), first=True):
                self._stream.collect(None)
                return
            if not self.alive:
                break
            patience *= 2
        self.alive = False
        status = self.terminal.status()
        # The terminal has echoed our own lines as well.
        lines = plain(output.value()).splitlines()
        said = "\n".join(line for line in lines if "__runbook" not in line).strip()
        said = said[-_MESSAGE_LIMIT:]
        why = "it did not answer in time" if status is None else f"exit status {status}"
        raise HostLost(f"{self._host}: cannot open a shell ({why})" + (f": {said}" if said else ""))

    def set_up(self, deadline: float, *, first: bool = False) -> bool:
        """Set up the bash with a new nonce, so that earlier marks are no longer recognised."""
        self._nonce = bash.nonce()
        self._parser = Parser(self._nonce)
        self._queue.clear()
        self._pushed_back.clear()
        for line in bash.setup_lines(self._nonce, first=first):
            self.terminal.send(line.encode("ascii") + b"\n", deadline)
        return self.await_prompt(deadline)

    def await_prompt(self, deadline: float) -> bool:
        """Wait until the bash is at its prompt; false if it is not in time."""
        while item := self.receive(deadline):
            if isinstance(item, Mark):
                if item.kind == READY:
                    self.leader = item.number or 0
                elif item.kind == PROCESS:
                    self.process = item.number or 0
                elif item.kind == TERMINAL:
                    self.device = item.device
                elif item.kind == LEFT:
                    # The key has ended the program of a dialogue.
                    self.terminal.send(self.token, deadline)
                elif item.kind == END:
                    return True
        if item is None:
            self.alive = False
        return False


def _joined(items: Iterable[bytes | Mark]) -> Iterator[bytes | Mark]:
    """Yield the items with output that follows on output made one: colours come in many pieces."""
    for is_output, group in itertools.groupby(items, lambda item: isinstance(item, bytes)):
        if is_output:
            yield b"".join(item for item in group if isinstance(item, bytes))
        else:
            yield from group
