"""Play one dialogue against its stand-in, with the driver used for real programs."""

from __future__ import annotations

import marshal
import shlex
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from runbook import rehearsal
from runbook.dialogue.keyboard import pressed
from runbook.execution.sessions.session import Session
from runbook.model import Dialogue, Typing
from runbook.rehearsal.modes import Mode
from runbook.rehearsal.script import Script, compile_script
from runbook.terminal.faults import DialogueStopped, HostLost
from runbook.terminal.redactor import MASK

_STAND_IN: Final = Path(rehearsal.__file__).with_name("standin.py")
_SHELL: Final = ("bash", "--noprofile", "--norc", "--noediting", "-i")
"""A shell that reads no profile: what stands there may take long, and has no part in this."""
_TIMEOUT: Final = 60.0
"""Seconds that a stand-in may take."""


class StandInSessions:
    """Sessions for stand-ins; `close` ends all of them, and lets none be opened."""

    def __init__(self) -> None:
        self._idle: dict[bool, list[Session]] = {True: [], False: []}
        self._sessions: set[Session] = set()
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def borrow(self, *, watched: bool = True) -> Iterator[Session]:
        """Give a session that an earlier play has left at its prompt, or `open` one.

        Raises:
            HostLost: as for `open`.

        """
        with self._lock:
            idle = self._idle[watched]
            session = idle.pop() if idle and not self._closed else None
        if session is None:
            session = self._opened(watched=watched)
        try:
            yield session
        except BaseException:
            self._end(session)
            raise
        with self._lock:
            kept = session.alive and not self._closed
            if kept:
                self._idle[watched].append(session)
        if not kept:
            self._end(session)

    @contextmanager
    def open(self, *, watched: bool = True) -> Iterator[Session]:
        """Open a session on this machine.

        If not `watched`, the driver cannot see whether a program waits for input, as over some
        connections.

        Raises:
            HostLost: the sessions have been closed.

        """
        session = self._opened(watched=watched)
        try:
            yield session
        finally:
            self._end(session)

    def _opened(self, *, watched: bool) -> Session:
        with self._lock:
            if self._closed:
                raise HostLost("the rehearsal has ended")
        session = Session.open(_SHELL, host="stand-in", watched=watched)
        if not self._keeps(session):
            session.close()
            raise HostLost("the rehearsal has ended")
        return session

    def _keeps(self, session: Session) -> bool:
        """Note a session to be closed with all; false if that has happened meanwhile."""
        with self._lock:
            if not self._closed:
                self._sessions.add(session)
            return not self._closed

    def _end(self, session: Session) -> None:
        with self._lock:
            self._sessions.discard(session)
        session.close()

    def close(self) -> None:
        """Close all sessions; may be called from any thread."""
        with self._lock:
            self._closed = True
            sessions = tuple(self._sessions)
        for session in sessions:
            session.close()


@frozen
class _Played:
    """How a dialogue with a stand-in ended: with an exit status, or stopped by the driver."""

    answers: tuple[tuple[int | None, str], ...]
    status: int | None = None
    stopped: str = ""
    output: str = ""


def play(dialogue: Dialogue, mode: Mode, session: Session, *, status: int = 0) -> str | None:
    """Play `dialogue` in `mode`, and return what went wrong, or an empty text.

    `status` is the exit status that the guide documents. Returns `None` if the mode does not
    apply to this dialogue.

    Raises:
        RunbookError: the session is lost.

    """
    script = mode.change(dialogue, compile_script(dialogue, status=status))
    if script is None:
        return None
    if mode.columns is not None:
        session.run(f"stty cols {mode.columns} </dev/tty", timeout=_TIMEOUT)
    played = _play(dialogue, script, session)
    if mode.columns is not None:
        session.run("stty cols 132 </dev/tty", timeout=_TIMEOUT)
    return _problem(dialogue, mode, script, played)


def _play(dialogue: Dialogue, script: Script, session: Session) -> _Played:
    with tempfile.TemporaryDirectory(prefix="runbook-rehearsal-") as directory:
        text, report = Path(directory, "script"), Path(directory, "report")
        text.write_bytes(marshal.dumps(script.plain()))
        argv = [sys.executable, "-I", "-S", str(_STAND_IN), str(text), str(report)]
        played = evolve(dialogue, text=shlex.join(argv))
        try:
            completed = session.converse(played, secrets=_secret, timeout=_TIMEOUT)
        except DialogueStopped as stopped:
            return _Played(_answers(report), stopped=str(stopped), output=stopped.output)
        return _Played(_answers(report), completed.status, output=completed.output)


def _secret(name: str) -> str:
    """Return a made-up value for a secret, which no real program would accept."""
    return f"rehearsed-{name}"


def _answers(report: Path) -> tuple[tuple[int | None, str], ...]:
    try:
        answers = marshal.loads(report.read_bytes())  # noqa: S302  # the stand-in has written it
    except OSError:
        return ()
    return tuple((turn, answer) for turn, answer in answers)


def _problem(dialogue: Dialogue, mode: Mode, script: Script, played: _Played) -> str:
    mask = MASK.decode()
    if mask in played.output and mask not in dialogue.output:
        # The stand-in never prints an answer, so this is the terminal's echo.
        return "a secret was typed before the program turned the echo off"
    if mode.stops:
        if mode.stops in " ".join(played.stopped.split()):
            return ""
        found = played.stopped or f"it went on, to exit status {played.status}"
        return f"the driver should have stopped and said {mode.stops!r}, but: {found}"
    if played.stopped:
        return played.stopped
    if played.status != script.status:
        last = played.output.strip().rpartition("\n")[2]
        return f"exit status {played.status}, not {script.status}: {last}"
    return _difference(dialogue, script, played.answers)


def _difference(
    dialogue: Dialogue, script: Script, answers: Sequence[tuple[int | None, str]]
) -> str:
    """Return the first answer that differs from the guide's, in words."""
    for question, (_, answer) in zip(script.asked, answers, strict=False):
        turn = dialogue.turns[question.turn or 0]
        wanted = _secret(turn.secret) if turn.secret is not None else turn.answer or ""
        if turn.typing is Typing.KEY:
            wanted = pressed(wanted).decode()
        if answer != wanted:
            shown = "another text" if turn.secret is not None else repr(answer)
            return f"{question.prompt!r} was answered with {shown}, not as in the guide"
    if len(answers) != len(script.asked):
        return f"{len(script.asked)} questions were asked, but {len(answers)} were answered"
    return ""
