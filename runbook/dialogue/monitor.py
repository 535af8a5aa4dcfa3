"""Monitors the program of a dialogue, on this machine or through another shell on its host."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from runbook.dialogue import foreground, local_foreground
from runbook.dialogue.foreground import ForegroundState
from runbook.errors import RunbookError
from runbook.terminal.shell import Shell

SideChannel = Callable[[str], str]
"""Runs shell text on the same host, outside the terminal of the dialogue; returns its output."""


class ForegroundMonitor:
    """Sees the state of the foreground program; not `watched`, only that of a local terminal.

    `is_local` if the program runs on this machine, so that a look at it costs little.
    """

    def __init__(
        self, shell: Shell, side_channel: SideChannel | None, *, watched: bool = True
    ) -> None:
        self._shell = shell
        self._echoed = False
        self._side_channel = side_channel if watched and shell.process else None
        self.is_local = watched and local_foreground.is_on_terminal(
            shell.process, shell.terminal.path
        )

    def begin(self) -> None:
        """Find out whether the echo is seen here: the shell has just turned it on.

        A local terminal that does not echo then relays to another one.
        """
        self._echoed = self._shell.terminal.echoes()

    def state(self, *, others: bool = False) -> ForegroundState:
        """Return the current state, as far as it is known.

        With `others`, programs that use this terminal and were not started in it count as well.
        """
        if self.is_local:
            state = local_foreground.look(self._shell.process, others=others)
            if state.is_known:
                return state
        if self._side_channel is not None:
            try:
                script = foreground.script(self._shell.process, others=others)
                return foreground.parse(self._side_channel(script))
            except RunbookError:
                # If the host is lost, the terminal of the dialogue reports it.
                self._side_channel = None
        if self._echoed:
            return ForegroundState(echo=self._shell.terminal.echoes())
        return foreground.UNKNOWN

    def end_others(self) -> None:
        """End the programs that use this terminal and belong to none; their own may go on."""
        if self.is_local:
            local_foreground.end_others(self._shell.process)
        elif self._side_channel is not None:
            with contextlib.suppress(RunbookError):
                self._side_channel(foreground.end_others_script(self._shell.process))

    def kill(self) -> None:
        """Kill the program in the foreground, as far as that is possible from here."""
        if self.is_local and local_foreground.kill(self._shell.process):
            return
        if self._side_channel is not None:
            with contextlib.suppress(RunbookError):
                self._side_channel(foreground.kill_script(self._shell.process))

    @property
    def sees(self) -> bool:
        """Whether it can be seen at all if a program waits."""
        return self.is_local or self._side_channel is not None
