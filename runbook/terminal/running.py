"""A command from its start to its end in a shell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NoReturn

from attrs import evolve, frozen

from runbook.terminal.faults import CommandTimeout, HostLost, ShellEnded
from runbook.terminal.job_terminal import JobTerminal
from runbook.terminal.marks import BEGIN, Line, Mark, Progress
from runbook.terminal.output import BoundedBuffer, plain

if TYPE_CHECKING:
    from runbook.terminal.shell import Shell


@frozen
class Completed:
    """A command that ended by itself.

    `output` is plain text, `seconds` the time it took, `dropped` the number of bytes left out
    of the middle of the output. `unasked` are the questions that were expected of it in vain.
    `shown` is the output that was expected, with what was typed as the terminal has shown it.
    """

    status: int
    output: str
    seconds: float = 0.0
    dropped: int = 0
    unasked: tuple[str, ...] = ()
    shown: str | None = None


_BEGIN_TIMEOUT: Final = 60.0
"""Seconds in which a shell at its prompt must begin with a command."""

_PROMPT_TIMEOUT: Final = 10.0
"""Seconds in which a shell at its prompt must answer."""


class Silence:
    """The event that there was no output for the time that was asked for."""


class RunningCommand:
    """A command from its start to its end; a context manager that never leaves it running.

    `terminal` is where it prints, if that is not the shell's own terminal. Output is that of the
    command as soon as it `has_begun`.
    """

    def __init__(
        self, shell: Shell, *, timeout: float, keep: int, terminal: JobTerminal | None = None
    ) -> None:
        self._shell = shell
        self._terminal = terminal
        self._began = time.monotonic()
        self._seconds = timeout
        self._output = BoundedBuffer(keep)
        self.has_begun = False
        self.line = Line.new(0)
        self._status: int | None = None
        self._stopped = False
        self.deadline = self._began + timeout
        shell.collect(self._output)

    def __enter__(self) -> RunningCommand:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._status is None and not self._stopped and self._shell.alive:
            # The caller gave up on the command, which must not go on in the shell.
            if kind is not None and issubclass(kind, Exception):
                self.stop()
            else:
                self._shell.close()
        self._shell.collect(None)

    def stop(self, kill: Callable[[], None] | None = None) -> bool:
        """Interrupt the command; false if the shell did not return and was closed.

        `kill` ends it by force, if it ignores that.
        """
        self._stopped = True
        return self._shell.interrupt(kill)

    def events(
        self, silence_limit: Callable[[], float] | None = None
    ) -> Iterator[bytes | Mark | Silence]:
        """Yield output, marks, and `Silence` after `silence_limit()` seconds without output."""
        while self._status is None:
            until = time.monotonic() + silence_limit() if silence_limit else self.deadline
            item = self._shell.receive(until, self)
            if isinstance(item, Mark):
                self._follow(item)
            elif not self.has_begun and time.monotonic() > self._began + _BEGIN_TIMEOUT:
                self._shell.channel.disordered("it does not begin with the command")
            yield item
        self._shell.flush()
        if self._terminal is not None:
            self._terminal.end()

    def _follow(self, mark: Mark) -> None:
        """Go on with the line of the command by one mark."""
        self._shell.channel.follow(self.line, mark)
        if mark.kind == BEGIN:
            # Output before the mark is that of background jobs.
            self._shell.flush()
            self._output.clear()
            self.has_begun = True
        elif self.line.over:
            if not self._shell.alive:
                # Another thread closed the shell, which ended the command.
                self.raise_ended()
            if self.line.worn:
                # What follows gets a new shell.
                self._shell.close()
                if mark.number is None:
                    self._shell.channel.disordered("it can open no file any more")
            elif self.line.progress is Progress.ABORTED:
                # The command itself could have printed this mark, while it runs.
                self._shell.channel.query("\\builtin :", time.monotonic() + _PROMPT_TIMEOUT)
            self._status = mark.number or 0

    def completed(self) -> Completed:
        """Return the result of the command, after its end."""
        seconds = round(time.monotonic() - self._began, 6)
        return evolve(self._result(), seconds=seconds)

    def output(self) -> str:
        """Return the output so far."""
        self._shell.flush()
        if self._terminal is not None:
            self._terminal.end()
        return self._result().output

    def raise_timeout(self) -> NoReturn:
        """Stop the command at its timeout.

        Raises:
            CommandTimeout: the host is still reachable.
            HostLost: the host is lost.

        """
        output = self.output()
        if not self.stop() and not self._shell.reachable():
            raise HostLost(f"{self._shell.host}: the host no longer responds")
        raise CommandTimeout(
            f"still running after {self._seconds:g} s, and stopped", output, self._seconds
        )

    def raise_ended(self) -> NoReturn:
        """Find out why the shell has ended.

        Raises:
            ShellEnded: the command ended the shell.
            HostLost: the host or the connection is lost.

        """
        closed = not self._shell.alive
        status = self._shell.finish()
        if closed or not self._shell.reachable():
            why = "the session was closed" if closed else "the connection or the host is gone"
            raise HostLost(f"{self._shell.host}: {why}")
        if status is None and self._shell.channel.tells_exit:
            raise HostLost(
                f"{self._shell.host}: the connection was lost, so what became of the command is "
                "unknown; the host itself can be reached"
            )
        suffix = "" if status is None else f" with exit status {status}"
        raise ShellEnded(f"the command ended its shell{suffix}", self.output(), status)

    def _result(self) -> Completed:
        output = self._output if self._terminal is None else self._terminal.output
        return Completed(self._status or 0, plain(output.value()), dropped=output.dropped)
