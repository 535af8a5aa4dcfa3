"""Playing the operator's part in a dialogue with a program that asks.

A question is known by its text: the last line, not yet ended, of what the program printed.
The order of the turns is a hint only, so that a question which comes sometimes does no harm.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from runbook.faults import DialogueStopped
from runbook.marks import BEGIN, LEFT, Mark
from runbook.model import Dialogue, Turn
from runbook.output import plain
from runbook.shell import Completed, Quiet, Running, Shell

_SETTLED: Final = 0.03
"""Seconds without a further character after which a line counts as a question."""
_WORDLESS: Final = 0.3
"""Seconds of silence after which a turn without a prompt is taken."""
_UNFORESEEN: Final = 2.0
"""Seconds of silence after which an unknown question counts as one."""
_HIDING: Final = 2.0
"""Seconds in which a program that wants a secret must have hidden what is typed."""
_LOOK: Final = 0.01
_LONGEST: Final = 4096

_ASKS: Final = re.compile(r"(?:[?:>\])=#]|\b[yY]/[nN]\b.*)$")


def hold(
    shell: Shell, dialogue: Dialogue, *, secrets: Callable[[str], str], timeout: float
) -> Completed:
    """Run the dialogue's program and answer it; see `Session.converse`.

    Raises:
        DialogueStopped: it asked what is not foreseen, or refused an answer.
        CommandTimeout, ShellEnded, HostLost: the program or its host did not come to an end.

    """
    with shell.running(dialogue.text, timeout=timeout, dialogue=True) as run:
        talk = _Talk(shell, run, dialogue.turns, secrets)
        for event in run.events(talk.patience):
            if isinstance(event, Mark):
                talk.mark(event)
            elif isinstance(event, Quiet):
                talk.silence()
            else:
                talk.hear(event)
    if not talk.left:
        # The line was cut short, and the terminal still shows what is typed.
        shell.execute("stty -echo -onlcr </dev/tty; (exit $?)", timeout=timeout)
    return run.completed()


class _Talk:
    """What was said so far: which turns are still to come, and the line that may be a question."""

    def __init__(
        self,
        shell: Shell,
        run: Running,
        turns: Sequence[Turn],
        secrets: Callable[[str], str],
    ) -> None:
        self._shell = shell
        self._run = run
        self._turns = list(turns)
        self._used: set[int] = set()
        self._last: int | None = None
        self._secrets = secrets
        self._line = b""
        self._began = False
        self._ours = False
        self._heard = time.monotonic()
        self.left = False

    def patience(self) -> float:
        """Return for how long silence means nothing yet."""
        silent = time.monotonic() - self._heard
        for limit in (_SETTLED, _WORDLESS, _UNFORESEEN):
            if silent < limit:
                return limit - silent
        return _UNFORESEEN

    def mark(self, mark: Mark) -> None:
        if mark.kind == BEGIN:
            # The shell has just made its terminal show what is typed. If ours does not, then
            # it only relays to another one, whose state cannot be seen from here.
            self._ours = self._shell.terminal.echoes()
            self._began, self._line, self._heard = True, b"", time.monotonic()
        elif mark.kind == LEFT:
            self.left = True
            self._shell.type(self._shell.token, self._run)

    def hear(self, data: bytes) -> None:
        self._heard = time.monotonic()
        self._line = (self._line + data).rpartition(b"\n")[2][-_LONGEST:]

    def silence(self) -> None:
        """Answer the question that the program waits with, if it does."""
        if not self._began or self.left:
            return
        silent = time.monotonic() - self._heard
        line = _collapsed(plain(self._line))
        turn = self._turn_for(line)
        if turn is not None and (line or silent >= _WORDLESS):
            self._answer(turn)
        elif line and turn is None:
            again = [n for n in self._used if _fits(self._turns[n], line)]
            if again and silent >= _WORDLESS:
                self._stop(f"the answer was refused, and the program asks again: {line!r}")
            if silent >= _UNFORESEEN and _ASKS.search(line):
                self._stop(f"the program asks what the guide does not answer: {line!r}")

    def _turn_for(self, line: str) -> int | None:
        """Return the first turn whose prompt ends the line, from the last one used onwards."""
        start = 0 if self._last is None else self._last + 1
        order = (*range(start, len(self._turns)), *range(start))
        fresh = [n for n in order if n not in self._used]
        if not line:
            # A turn without a prompt cannot be known, so it is taken only when it is next.
            return fresh[0] if fresh and not _collapsed(self._turns[fresh[0]].prompt) else None
        fitting = [n for n in fresh if _fits(self._turns[n], line)]
        exact = [n for n in fitting if _collapsed(self._turns[n].prompt) == line]
        # Of two prompts that end the line the longer one says more.
        fitting.sort(key=lambda n: -len(_collapsed(self._turns[n].prompt)))
        return next(iter(exact or fitting), None)

    def _answer(self, number: int) -> None:
        turn = self._turns[number]
        if turn.secret is not None:
            answer = self._secrets(turn.secret)
            self._shell.guard(answer)
            if not self._hidden():
                return
        else:
            answer = turn.answer or ""
        self._used.add(number)
        self._last = number
        self._line = b""
        self._heard = time.monotonic()
        self._shell.type(answer.encode() + b"\r", self._run)

    def _hidden(self) -> bool:
        """Return whether the secret may be typed now; the program hides what is typed, or cannot.

        What is typed before would be thrown away by the programs that clear their input as they
        hide it. No event tells of the change, so the terminal is looked at again.
        """
        end = time.monotonic() + _HIDING
        while self._ours and self._shell.terminal.echoes() and time.monotonic() < end:
            item = self._shell.next(time.monotonic() + _LOOK, self._run)
            if not isinstance(item, Quiet):
                self._shell.unread(item)
                return False
        return True

    def _stop(self, why: str) -> NoReturn:
        output = self._run.output()
        if not self._run.stop():
            why += "; it could not be stopped, so its shell was closed"
        raise DialogueStopped(why, output)


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _fits(turn: Turn, line: str) -> bool:
    """Return whether the turn's prompt ends `line`; `...` in a prompt stands for any text."""
    prompt = _collapsed(turn.prompt)
    if not prompt:
        return False
    pattern = ".*?".join(re.escape(part) for part in prompt.split("..."))
    return re.search(rf"(?:^|(?<=\s)|(?<=\W)){pattern}$", line) is not None
