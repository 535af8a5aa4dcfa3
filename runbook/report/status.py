"""The line that says how far something is which takes minutes, such as the image of the hosts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from runbook.report.text import format_duration

INTERVAL: Final = 10.0
"""The seconds after which a log gets another line."""


class StatusDisplay:
    """Shows on `console` the newest of many lines; may be used from any thread.

    If it is `interactive`, the line is replaced by the next one, and says for how long there has
    been one. Otherwise there is a line every `INTERVAL`. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        console: Console,
        *,
        interactive: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._interactive = interactive
        self._clock = clock
        self._line = ""
        self._since = clock()
        self._live: Live | None = None
        self._lock = threading.RLock()

    def show(self, line: str) -> None:
        """Show `line` until the next one, or until `end`."""
        with self._lock:
            self._line = line
            if self._interactive:
                self._begin()
            elif self._clock() - self._since >= INTERVAL:
                self._since = self._clock()
                self._console.print(line, soft_wrap=True)

    def end(self) -> None:
        """Remove the line from a terminal; what is shown next begins a new one."""
        with self._lock:
            if self._live is not None:
                self._live.stop()
                self._live = None
            self._since = self._clock()

    def _begin(self) -> None:
        if self._live is None:
            self._since = self._clock()
            self._live = Live(
                get_renderable=self._text, console=self._console, transient=True,
                refresh_per_second=5,
            )  # fmt: skip
            self._live.start()

    def _text(self) -> Text:
        passed = format_duration(self._clock() - self._since)
        # A line that wraps could not be replaced.
        return Text(f"{self._line}  {passed}", style="dim", no_wrap=True, overflow="ellipsis")
