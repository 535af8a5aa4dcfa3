"""The jobs that the commands of a session leave running, and what they print on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Final

from attrs import define, frozen

from runbook.dialogue.monitor import SideChannel
from runbook.errors import RunbookError
from runbook.execution.sessions.recordings import Recording
from runbook.model import Location
from runbook.terminal import processes
from runbook.terminal.faults import HostLost
from runbook.terminal.job_terminal import JobTerminal
from runbook.terminal.processes import Process
from runbook.terminal.shell import Shell

_TIMEOUT: Final = 30.0
"""Seconds in which there is another terminal."""
_TICK: Final = 0.02
"""Seconds by which a process may seem to be older or younger than it is."""


@frozen
class LeftRunning:
    """A process that still prints on a terminal, and the command that started it, if known."""

    process: Process
    location: Location | None


@frozen
class _Ran:
    began: float
    ended: float
    location: Location | None


@define(eq=False)
class _Used:
    """A terminal for jobs, and the recording that what is printed there goes to."""

    terminal: JobTerminal
    recording: Recording | None = None


class Jobs:
    """The terminals that commands with jobs print on, and which command ran when.

    `side_channel` runs shell text on the same host, as one who may see all processes. `share`
    gives the recording that belongs to the present step.
    """

    def __init__(
        self,
        shell: Shell,
        side_channel: SideChannel | None,
        share: Callable[[], Recording | None],
    ) -> None:
        self._shell = shell
        self._side_channel = side_channel
        self._share = share
        self._used: list[_Used] = []
        self._ran: list[_Ran] = []
        self.started = False
        """Whether a command has started a job, which may be running still."""

    def terminal(self) -> JobTerminal | None:
        """Return a terminal on which no job prints, ready for a command; `None` if there is none.

        What is printed there goes to the recording of the present step, however late it comes.
        """
        self.started = True
        used = next((one for one in self._used if self._is_free(one.terminal)), None)
        if used is None:
            try:
                used = _Used(self._shell.new_terminal(timeout=_TIMEOUT))
            except HostLost:
                # The command prints on the shell's terminal, and so does its job.
                return None
            self._used.append(used)
        earlier, used.recording = used.recording, self._share()
        used.terminal.begin(used.recording)
        if earlier is not None:
            earlier.close()
        return used.terminal

    def note(self, began: float, location: Location | None) -> None:
        """Remember that a command at `location` ran from the monotonic time `began` until now."""
        self._ran.append(_Ran(began, time.monotonic(), location))

    def printing(self) -> tuple[Process, ...]:
        """Return the processes other than the shell that print on the shell's terminal.

        Raises:
            RunbookError: the host cannot be asked.

        """
        return self._printing_on(self._shell.device, self._shell.process)

    def left_running(self) -> tuple[LeftRunning, ...]:
        """Return what prints on the shell's own terminal and is older than its last command."""
        if not self._ran:
            return ()
        last = self._ran[-1]
        found = []
        with contextlib.suppress(RunbookError):
            for process in self.printing():
                started = time.monotonic() - process.age
                if started < last.began + _TICK:
                    found.append(LeftRunning(process, self._location(started)))
        return tuple(found)

    def _location(self, moment: float) -> Location | None:
        """Return where the guide has the command before the last that ran at that time."""
        for ran in reversed(self._ran[:-1]):
            if ran.began - _TICK <= moment <= ran.ended + _TICK:
                return ran.location
        return None

    def close(self) -> None:
        """Close all terminals. Any thread may do this."""
        for used in self._used:
            used.terminal.close()
            if used.recording is not None:
                used.recording.close()
                used.recording = None

    def _is_free(self, terminal: JobTerminal) -> bool:
        try:
            return terminal.alive and not self._printing_on(terminal.path, terminal.process)
        except RunbookError:
            return False

    def _printing_on(self, device: str, shell: int) -> tuple[Process, ...]:
        if self._side_channel is None or not device:
            raise RunbookError(f"{self._shell.host}: it is not known what prints on a terminal")
        return processes.parse(self._side_channel(processes.script(device, shell)))
