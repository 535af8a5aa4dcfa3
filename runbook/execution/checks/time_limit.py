"""A limit on how long Python code may take in a thread, whatever it does there.

Python has no call for this. Its interpreter can be told to raise an exception in a thread
(`PyThreadState_SetAsyncExc`), which happens before the next instruction of Python. Code that is
waiting in a system call meets it when the call returns.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_REPEAT: Final = 1.0
"""Seconds after which code that went on, such as behind an `except:`, is interrupted again."""


class TimeLimitError(Exception):
    """The code took longer than its limit of `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it did not end within {seconds:g} s")


class _Interrupt(BaseException):
    """Raised in a thread whose time is over; no `except Exception` there catches it."""


def limited(seconds: float, function: Callable[[], T]) -> T:
    """Call `function`, interrupt it after `seconds`, and return what it returns.

    This is no context manager, since an interrupt could come in what Python does around the block.

    Raises:
        TimeLimitError: it took longer.

    """
    limit = _Limit(threading.get_ident(), seconds)
    try:
        try:
            limit.start()
            return function()
        finally:
            limit.lift()
    except _Interrupt:
        # It may have come before anything was lifted; the next one is a while away.
        limit.lift()
        raise TimeLimitError(seconds) from None


class _Limit(threading.Thread):
    """Interrupts the thread `ident` after `seconds`, and again until it is lifted."""

    def __init__(self, ident: int, seconds: float) -> None:
        super().__init__(name="time limit", daemon=True)
        self._limited = ident
        self._seconds = seconds
        self._lock = threading.Lock()
        self._lifted = threading.Event()
        self._interrupted = False

    def run(self) -> None:
        """Wait, and interrupt."""
        wait = self._seconds
        while not self._lifted.wait(wait):
            with self._lock:
                if not self._lifted.is_set():
                    self._interrupted = True
                    _interrupt(self._limited)
            wait = _REPEAT

    def lift(self) -> None:
        """Interrupt no more; an interrupt that has not been met yet is met here.

        It could be withdrawn, but Python 3.11 would then look for interrupts for ever, and hang
        where its code is traced, as for coverage.
        """
        while True:
            try:
                with self._lock:
                    self._lifted.set()
                if self._interrupted:
                    # An interrupt is met where a loop begins again.
                    for _ in range(2):
                        pass
            except _Interrupt:
                continue
            return


def _interrupt(ident: int) -> None:
    """Let a thread raise `_Interrupt`."""
    raised = ctypes.py_object(_Interrupt)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), raised)
