"""Play one dialogue against its stand-in, with the driver that meets the real program."""

from __future__ import annotations

import getpass
import json
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
from runbook.connect import LocalConnection
from runbook.faults import DialogueStopped, HostLost
from runbook.live import LiveHost
from runbook.model import Dialogue
from runbook.recording import MASK
from runbook.rehearsal.modes import Mode
from runbook.rehearsal.script import Script, compile_script
from runbook.session import Session

_STAND_IN: Final = Path(rehearsal.__file__).with_name("standin.py")
_TIMEOUT: Final = 60.0
"""Seconds that a stand-in may take; it is never silent for long."""


@frozen
class _Place(LocalConnection):
    """The present machine without anything that needs root, looked at from beside or not."""

    watched: bool = True

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash for the looks, whoever wants it; or one that never is."""
        del user
        return super().pipe(getpass.getuser()) if self.watched else ["false"]


class Theatre:
    """Where stand-ins play; `close` ends every play at once, and lets none begin."""

    def __init__(self) -> None:
        self._live: set[LiveHost] = set()
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def stage(self, *, watched: bool = True) -> Iterator[Session]:
        """Open a session of this machine for stand-ins.

        Where it is not `watched`, as behind some connections, the driver cannot see whether
        a program waits.

        Raises:
            HostLost: the theatre is closed.

        """
        live = LiveHost(_Place("stand-in", watched=watched), {})
        with self._lock:
            if self._closed:
                raise HostLost("no more stand-ins play")
            self._live.add(live)
        try:
            yield live.session(getpass.getuser())
        finally:
            with self._lock:
                self._live.discard(live)
            live.close()

    def close(self) -> None:
        """End every play. Any thread may do this."""
        with self._lock:
            self._closed = True
            live = tuple(self._live)
        for one in live:
            one.close()


@frozen
class _Played:
    """How a dialogue with a stand-in ended: in a status, or in the driver's refusal."""

    answers: tuple[tuple[int | None, str], ...]
    status: int | None = None
    stopped: str = ""
    output: str = ""


def play(dialogue: Dialogue, mode: Mode, session: Session, *, status: int = 0) -> str | None:
    """Play `dialogue` in `mode`; return what went wrong, an empty text for nothing.

    `status` is the exit status that the guide gives the program. Returns `None` if the mode
    does not apply to this dialogue.

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
    return _judge(dialogue, mode, script, played)


def _play(dialogue: Dialogue, script: Script, session: Session) -> _Played:
    with tempfile.TemporaryDirectory(prefix="runbook-rehearsal-") as directory:
        text, report = Path(directory, "script.json"), Path(directory, "report.json")
        text.write_text(json.dumps(script.plain()), encoding="utf-8")
        argv = [sys.executable, "-I", "-S", str(_STAND_IN), str(text), str(report)]
        played = evolve(dialogue, text=shlex.join(argv))
        try:
            completed = session.converse(played, secrets=_secret, timeout=_TIMEOUT)
        except DialogueStopped as stopped:
            return _Played(_answers(report), stopped=str(stopped), output=stopped.output)
        return _Played(_answers(report), completed.status, output=completed.output)


def _secret(name: str) -> str:
    """Return a value for a secret: every stand-in may know it, and nothing else takes it."""
    return f"rehearsed-{name}"


def _answers(report: Path) -> tuple[tuple[int | None, str], ...]:
    try:
        return tuple((turn, answer) for turn, answer in json.loads(report.read_text()))
    except OSError:
        return ()


def _judge(dialogue: Dialogue, mode: Mode, script: Script, played: _Played) -> str:
    mask = MASK.decode()
    if mask in played.output and mask not in dialogue.output:
        # The stand-in never prints an answer, so this is the terminal's echo.
        return "a secret was typed before the program hid what is typed"
    if mode.stops:
        if mode.stops in " ".join(played.stopped.split()):
            return ""
        found = played.stopped or f"it went on to exit status {played.status}"
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
    """Return the first answer that is not the one the guide gives."""
    for question, (_, answer) in zip(script.asked, answers, strict=False):
        turn = dialogue.turns[question.turn or 0]
        wanted = _secret(turn.secret) if turn.secret is not None else turn.answer or ""
        if answer != wanted:
            shown = "another text" if turn.secret is not None else repr(answer)
            return f"{question.prompt!r} was answered with {shown}, not as the guide says"
    if len(answers) != len(script.asked):
        return f"{len(script.asked)} questions were asked, and {len(answers)} answers came"
    return ""
