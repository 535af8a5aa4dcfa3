"""What the code of a check prints in this process, without secrets.

A check may print a value to see it, warn, log, or leave a thread that fails. That goes to where
our own words go, which are without secrets already and must stay as they are: with a secret that
is an everyday word, no JSON would be left. So it is the code at work that decides, in any thread.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType, TracebackType
from typing import Any, Final

from attrs import frozen

from runbook.execution.checks.held_output import HeldOutput, Redact, Way

MODULES: Final = ("check", "checks")
"""What the code of a check, and of what a guide's checks share, is called while it is at work."""

_DEBUGGER: Final = ("pdb", "bdb")
"""The modules of Python's debugger, which a person talks to."""

_NAMES: Final = ("stdout", "stderr", "__stdout__", "__stderr__")


@frozen(eq=False)
class _Evaluation:
    """An evaluation of checks: what masks its secrets, and the thread that it is in."""

    redact: Redact
    thread: int


class _Streams:
    """The streams of this process while any checks are evaluated, each with its secrets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[_Evaluation] = []
        # Those of all evaluations of which something may still have to be written.
        self._redacts: list[Redact] = []
        self._last: Redact = str
        self._held: list[HeldOutput] = []
        self._put = ExitStack()
        self._unraisable: object = None

    def begin(self, redact: Redact) -> _Evaluation:
        one = _Evaluation(redact, threading.get_ident())
        with self._lock:
            self._redacts.append(redact)
            self._open.append(one)
            if len(self._open) == 1:
                self._replace_all()
        return one

    def end(self, evaluation: _Evaluation) -> None:
        # Masking and writing may take long, and the checks of other hosts need the lock.
        with self._lock:
            self._open.remove(evaluation)
            working = self._working(evaluation)
            streams = self._held
            if ended := not self._open:
                self._held = []
                self._put.close()
        try:
            with ExitStack() as written:
                for one in reversed(streams):
                    if ended:
                        written.callback(one.end)
                    else:
                        written.callback(one.release, one.threads - working)
        finally:
            with self._lock:
                self._last = evaluation.redact
                self._redacts.remove(evaluation.redact)

    def _working(self, evaluation: _Evaluation) -> set[int]:
        """Return the threads that may still print, but for the one of `evaluation`."""
        others = {one.thread for one in self._open}
        if others:
            others |= {one.ident for one in threading.enumerate() if one.ident is not None}
        return others - {evaluation.thread}

    def _replace_all(self) -> None:
        streams = {id(one): one for name in _NAMES if (one := getattr(sys, name)) is not None}
        held = {at: HeldOutput(one, self._redact, _judge) for at, one in streams.items()}
        self._held = list(held.values())
        for name in _NAMES:
            if (stream := held.get(id(getattr(sys, name)))) is not None:
                self._replace(sys, name, stream)
        self._replace(threading, "excepthook", self._of_threads(threading.excepthook))
        self._replace(warnings, "showwarning", self._of_warnings(warnings.showwarning))
        self._replace_factory(logging.getLogRecordFactory())
        if sys.unraisablehook is not self._unraisable:
            # It stays: what a check leaves behind may be destroyed at any later time.
            self._unraisable = hook = self._of_unraisable(sys.unraisablehook)
            sys.unraisablehook = hook

    def _replace_factory(self, before: Callable[..., logging.LogRecord]) -> None:
        put = self._of_records(before)
        logging.setLogRecordFactory(put)

        def back() -> None:
            if logging.getLogRecordFactory() is put:
                logging.setLogRecordFactory(before)

        self._put.callback(back)

    def _replace(self, where: object, name: str, put: object) -> None:
        before = getattr(where, name)
        setattr(where, name, put)

        def back() -> None:
            # Somebody may have put another one there, who knows nothing of ours.
            if getattr(where, name) is put:
                setattr(where, name, before)

        self._put.callback(back)

    def _redact(self, text: str) -> str:
        for redact in dict.fromkeys(tuple(self._redacts) or (self._last,)):
            text = redact(text)
        return text

    def _of_threads(self, before: Callable[[Any], object]) -> Callable[[Any], None]:
        """Return what tells that a thread has failed, in the way of Python if it is a check's."""

        def tell(args: Any) -> None:
            if issubclass(args.exc_type, SystemExit) or not _is_left_by_a_check(args.exc_traceback):
                before(args)
                return
            name = args.thread.name if args.thread else "-"
            self._tell(f"Exception in thread {name}", args)

        return tell

    def _of_unraisable(self, before: Callable[[Any], object]) -> Callable[[Any], None]:
        """Return what tells of an error that nothing can catch, as in a destructor."""

        def tell(args: Any) -> None:
            if not _is_left_by_a_check(args.exc_traceback):
                before(args)
                return
            self._tell(f"{args.err_msg or 'Exception ignored in'}: {args.object!r}", args)

        return tell

    def _tell(self, what: str, args: Any) -> None:
        said = traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)
        sys.stderr.write(self._redact(f"{what}:\n{''.join(said)}"))

    def _of_warnings(self, before: Callable[..., object]) -> Callable[..., None]:
        """Return what shows a warning."""

        def show(
            message: Warning | str, category: type[Warning], filename: str, *more: Any, **named: Any
        ) -> None:
            if _is_of_a_check(sys._getframe(1)):
                clean = self._redact(text := str(message))
                if clean != text:
                    # Whatever else its own class keeps of it is left out.
                    message = Warning(clean)
            before(message, category, filename, *more, **named)

        return show

    def _of_records(
        self, before: Callable[..., logging.LogRecord]
    ) -> Callable[..., logging.LogRecord]:
        """Return what makes the records of a log."""

        def make(*given: Any, **named: Any) -> logging.LogRecord:
            record = before(*given, **named)
            if _is_of_a_check(sys._getframe(1)):
                record.msg, record.args = self._redact(_message(record)), None
                if record.exc_info:
                    said = logging.Formatter().formatException(record.exc_info)
                    record.exc_info, record.exc_text = None, self._redact(said)
            return record

        return make


_STREAMS: Final = _Streams()


@contextmanager
def printing(redact: Redact) -> Iterator[None]:
    """Let what the code of checks prints meanwhile be without secrets, as `redact` returns it.

    It is shown at the end, as what is printed in pieces is masked as a whole; `HeldOutput` says
    what is shown before.
    """
    evaluation = _STREAMS.begin(redact)
    try:
        yield
    finally:
        _STREAMS.end(evaluation)


def _message(record: logging.LogRecord) -> str:
    """Return what a record says; one that cannot be made fails no check, as in Python's logging."""
    try:
        return record.getMessage()
    except Exception:
        # The code that logs may not have said the same number of things twice.
        try:
            return f"{record.msg} {record.args}"
        except Exception:
            # What is logged cannot be shown at all.
            return record.msg if isinstance(record.msg, str) else object.__repr__(record.msg)


def _judge(frame: FrameType | None) -> Way:
    """Return what becomes of what `frame` writes: a person waits for what a debugger says."""
    debugged = False
    while frame is not None and not _is_a_checks(frame):
        debugged = debugged or frame.f_globals.get("__name__") in _DEBUGGER
        frame = frame.f_back
    if frame is None:
        return "as it is"
    while frame is not None and _is_a_checks(frame):
        # A debugger also calls what a person types there as the code of the check.
        frame = frame.f_back
    if debugged or (frame is not None and frame.f_globals.get("__name__") in _DEBUGGER):
        return "at once"
    return "held"


def _is_of_a_check(frame: FrameType | None) -> bool:
    """Return whether any of the callers of `frame`, or that itself, is the code of a check."""
    while frame is not None:
        if _is_a_checks(frame):
            return True
        frame = frame.f_back
    return False


def _is_left_by_a_check(raised: TracebackType | None) -> bool:
    """Return whether the code of a check has raised an error, with nobody to catch it."""
    return any(_is_a_checks(frame) for frame, _ in traceback.walk_tb(raised))


def _is_a_checks(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__") in MODULES
