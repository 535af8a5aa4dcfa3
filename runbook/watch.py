"""Looks at the program of a dialogue, from beside its terminal."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Final

from runbook import foreground
from runbook.errors import RunbookError
from runbook.foreground import Look
from runbook.shell import Shell

Aside = Callable[[str], str]
"""Runs shell text on the same host, beside the dialogue's terminal, and returns its output."""

_GLANCE: Final = 5.0
"""Seconds that a look at this very machine may take."""


class Watch:
    """Looks at the program from beside its terminal, or at our own end of it."""

    def __init__(self, shell: Shell, aside: Aside | None) -> None:
        self._shell = shell
        self._aside = aside
        self._script = ""
        self._ours = False
        if aside is not None and shell.leader:
            self._script = foreground.script(shell.leader)

    def begin(self) -> None:
        """Note whose terminal ours is.

        The shell has just made its terminal show what is typed. If ours does not, then it only
        relays to another one, whose state cannot be seen from here.
        """
        self._ours = self._shell.terminal.echoes()
        if self._ours and self._aside is None and self._shell.leader:
            self._aside, self._script = _here, foreground.script(self._shell.leader)

    def look(self) -> Look:
        """Return what can be seen now."""
        if self._aside is not None and self._script:
            try:
                return foreground.parse(self._aside(self._script))
            except RunbookError:
                # If the host is gone, the dialogue's own terminal will tell.
                self._aside = None
        if self._ours:
            return Look(echo=self._shell.terminal.echoes())
        return foreground.NOTHING

    @property
    def sees(self) -> bool:
        """Whether the program's host is asked at all."""
        return self._aside is not None and bool(self._script)


def _here(text: str) -> str:
    """Run shell text on this machine, which a dialogue on our own terminal runs on as well."""
    try:
        done = subprocess.run(
            ["bash", "-c", text], capture_output=True, text=True, timeout=_GLANCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
