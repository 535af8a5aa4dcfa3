"""What the code of a check prints in this process, without secrets.

A check may print a value to see it, warn, log, or leave a thread that fails. That goes to where
our own words go, which are without secrets already and must stay as they are: with a secret that
is an everyday word, no JSON would be left. So it is the code at work that decides, in any thread.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

MODULES: Final = ("check", "checks")
"""What the code of a check, and of what a guide's checks share, is called while it is at work."""

Redact = Callable[[str], str]


class _Stream:
    """A stream to which checks write without secrets."""

    def __init__(self, stream: Any, redact: Redact) -> None:
        self._stream = stream
        self._redact = redact

    def write(self, text: Any) -> Any:
        if isinstance(text, str) and _is_of_a_check(sys._getframe(1)):
            text = self._redact(text)
        return self._stream.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Streams:
    """The streams of this process while any checks are evaluated, each with its secrets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._redacting: list[Redact] = []
        self._put: list[tuple[object, str, object, object]] = []

    def begin(self, redact: Redact) -> None:
        with self._lock:
            self._redacting.append(redact)
            if len(self._redacting) > 1:
                return
            for name in ("stdout", "stderr"):
                self._replace(sys, name, _Stream(getattr(sys, name), self._redact))
            self._replace(threading, "excepthook", self._hook(threading.excepthook))

    def end(self, redact: Redact) -> None:
        with self._lock:
            self._redacting.remove(redact)
            while self._put and not self._redacting:
                where, name, before, put = self._put.pop()
                # Somebody may have put another one there, who knows nothing of ours.
                if getattr(where, name) is put:
                    setattr(where, name, before)

    def _replace(self, where: object, name: str, put: object) -> None:
        self._put.append((where, name, getattr(where, name), put))
        setattr(where, name, put)

    def _redact(self, text: str) -> str:
        for redact in dict.fromkeys(self._redacting):
            text = redact(text)
        return text

    def _hook(self, before: Callable[[Any], object]) -> Callable[[Any], None]:
        """Return what tells that a thread has failed, in the way of Python if it is a check's."""

        def tell(args: Any) -> None:
            frames = [frame for frame, _ in traceback.walk_tb(args.exc_traceback)]
            if issubclass(args.exc_type, SystemExit) or not any(map(_is_a_checks, frames)):
                before(args)
                return
            name = args.thread.name if args.thread else "-"
            said = traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)
            sys.stderr.write(self._redact(f"Exception in thread {name}:\n{''.join(said)}"))

        return tell


_STREAMS: Final = _Streams()


@contextmanager
def printing(redact: Redact) -> Iterator[None]:
    """Let what the code of checks prints meanwhile be without secrets, as `redact` returns it."""
    _STREAMS.begin(redact)
    try:
        yield
    finally:
        _STREAMS.end(redact)


def _is_of_a_check(frame: FrameType | None) -> bool:
    """Return whether any of the callers of `frame`, or that itself, is the code of a check."""
    while frame is not None:
        if _is_a_checks(frame):
            return True
        frame = frame.f_back
    return False


def _is_a_checks(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__") in MODULES
