"""Time that passes only while nothing else can happen: a simulation that no load slows down.

`install` has to be called before what is simulated is imported, for that may take the clock along.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any, Final

_STEP: Final = 1e-9
"""Seconds by which a timer is late. None may be early, or who waits for it waits once more."""
_RESOLUTION: Final = 2e-10
_WAIT: Final = 1.0
_now = 100_000.0
"""Small enough for a floating-point number to have more digits than steps."""


def now() -> float:
    """Return the virtual time, in seconds."""
    return _now


def install() -> None:
    """Let everything that is imported from now on have virtual time."""
    time.time = time.monotonic = time.perf_counter = now


class _Selector(selectors.DefaultSelector):
    """Waits for events by letting virtual time pass, unless a thread is at work."""

    threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return the events there are; else it is as late as the caller would have waited."""
        global _now
        found = super().select(0)
        if found or timeout == 0:
            return found
        if self.threads or timeout is None:
            return super().select(_WAIT)
        _now += timeout + _STEP
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self) -> None:
        self._waiting = _Selector()
        super().__init__(self._waiting)
        self._clock_resolution = _RESOLUTION

    def time(self) -> float:
        """Return the virtual time."""
        return now()

    def run_in_executor(  # type: ignore[override]  # of any function
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run a function in a thread; time stands still meanwhile."""
        future: asyncio.Future[Any] = super().run_in_executor(executor, func, *args)
        self._waiting.threads += 1
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _: asyncio.Future[Any]) -> None:
        self._waiting.threads -= 1
