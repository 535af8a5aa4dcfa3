"""Playing the operator's part in a dialogue with a program that asks.

A program asks when it waits for what is typed, and shows a line that has not ended. Whether it
waits only its own host can tell (see `foreground`); where nobody can look there, silence has to
do. What it asks is known by its text (see `recognition`).
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from typing import Final, NoReturn

from runbook import advice, foreground
from runbook.errors import RunbookError
from runbook.faults import DialogueStopped
from runbook.foreground import Look
from runbook.marks import BEGIN, LEFT, Mark
from runbook.model import Dialogue, Turn
from runbook.output import plain
from runbook.recognition import Asked, Recogniser
from runbook.shell import Completed, Quiet, Running, Shell
from runbook.terminal import COLUMNS

Aside = Callable[[str], str]
"""Runs shell text on the same host, beside the dialogue's terminal, and returns its output."""

_SETTLED: Final = 0.03
"""Seconds without a further character after which a line counts as a question."""
_UNSURE: Final = 0.15
"""The same where it cannot be seen whether the program waits, though its host was asked."""
_WORDLESS: Final = 0.3
"""Seconds of silence after which a turn without a prompt is taken, or a refusal believed."""
_UNFORESEEN: Final = 2.0
"""Seconds of silence after which an unknown question counts as one."""
_DOUBT: Final = 5.0
"""Seconds of silence after which a program asks that does not seem to wait for an answer."""
_HIDING: Final = 2.0
"""Seconds in which a program that wants a secret must have hidden what is typed."""
_LOOK: Final = 0.01
_LONGEST: Final = 16384

_ASKS: Final = re.compile(r"(?:[?:>\])=#]|\b[yY]/[nN]\b.*)$")


def hold(
    shell: Shell,
    dialogue: Dialogue,
    *,
    secrets: Callable[[str], str],
    timeout: float,
    aside: Aside | None = None,
) -> Completed:
    """Run the dialogue's program and answer it; see `Session.converse`.

    Raises:
        DialogueStopped: it asked what is not foreseen, or refused an answer.
        CommandTimeout, ShellEnded, HostLost: the program or its host did not come to an end.

    """
    watch = _Watch(shell, aside)
    with shell.running(dialogue.text, timeout=timeout, dialogue=True) as run:
        talk = _Talk(shell, run, dialogue, secrets, watch)
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


class _Watch:
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


class _Talk:
    """What was said so far, and what the program printed since the last answer."""

    def __init__(
        self,
        shell: Shell,
        run: Running,
        dialogue: Dialogue,
        secrets: Callable[[str], str],
        watch: _Watch,
    ) -> None:
        self._shell = shell
        self._run = run
        self._turns = dialogue.turns
        self._recogniser = Recogniser(dialogue.turns)
        self._last: Turn | None = None
        self._secrets = secrets
        self._watch = watch
        self._heard = b""
        self._typed = ""
        self._began = False
        self._when = time.monotonic()
        self.left = False

    def patience(self) -> float:
        """Return for how long silence means nothing yet."""
        silent = self._silent()
        limits = (_SETTLED, _UNSURE, _WORDLESS, 2 * _WORDLESS, _UNFORESEEN, _DOUBT)
        return next((limit - silent for limit in limits if silent < limit), _UNFORESEEN)

    def mark(self, mark: Mark) -> None:
        if mark.kind == BEGIN:
            self._watch.begin()
            self._began, self._heard, self._when = True, b"", time.monotonic()
        elif mark.kind == LEFT:
            self.left = True
            self._shell.type(self._shell.token, self._run)

    def hear(self, data: bytes) -> None:
        self._when = time.monotonic()
        self._heard = (self._heard + data)[-_LONGEST:]

    def silence(self) -> None:
        """Answer the question that the program waits with, if it does."""
        if not self._began or self.left:
            return
        text = self._text()
        line = text.rpartition("\n")[2].strip()
        silent = self._silent()
        if not line and silent < _WORDLESS:
            return
        look = self._watch.look()
        item = self._shell.next(time.monotonic(), self._run)
        if not isinstance(item, Quiet):
            # The program went on during the look, which says nothing of the text before it.
            self._shell.unread(item)
            return
        columns = COLUMNS if look.columns is None else look.columns
        asked = self._recogniser.asked(text, columns)
        if not line:
            self._without_question(text, asked, look)
        elif asked.number is None:
            if silent >= _UNFORESEEN and _seems_to_ask(line, look):
                self._unforeseen(line)
        elif self._is_waiting(look):
            self._reply(asked, asked.number, text)

    def _is_waiting(self, look: Look) -> bool:
        """Tell whether a line that is a known question is one, rather than being printed."""
        silent = self._silent()
        if look.waits is None:
            return silent >= (_UNSURE if self._watch.sees else _SETTLED)
        return look.waits or silent >= _DOUBT

    def _without_question(self, text: str, asked: Asked, look: Look) -> None:
        """Reply to a program that waits in silence, or whose question has ended its line."""
        wordless = self._recogniser.wordless
        if wordless is not None and look.waits is not False:
            self._answer(wordless)
        elif look.waits and asked.number is not None and text.strip():
            self._reply(asked, asked.number, text)
        elif look.waits and self._silent() >= _UNFORESEEN:
            self._stop(
                "the program waits for input that the guide does not give"
                + advice.last_lines(text or plain(self._heard))
            )

    def _reply(self, asked: Asked, number: int, text: str) -> None:
        turn = self._turns[number]
        if asked.refused:
            if self._silent() >= _WORDLESS:
                question = text.strip().rpartition("\n")[2].strip()
                self._stop(
                    f"the answer was refused, and the program asks again: {question!r}"
                    + advice.complaint(text, question)
                )
        elif asked.default is not None:
            self._stop(
                f"the default of {turn.prompt!r} is now {asked.default!r}"
                + advice.other_default(turn, asked.default)
            )
        else:
            self._answer(number)

    def _answer(self, number: int) -> None:
        turn = self._turns[number]
        if turn.secret is not None:
            answer = self._secrets(turn.secret)
            self._shell.guard(answer)
            if not self._hidden():
                return
        else:
            answer = turn.answer or ""
        self._recogniser.take(number)
        self._last = turn
        self._heard, self._typed = b"", answer
        self._when = time.monotonic()
        self._shell.type(answer.encode() + b"\r", self._run)

    def _hidden(self) -> bool:
        """Return whether the secret may be typed now; the program hides what is typed, or cannot.

        What is typed before would be thrown away by the programs that clear their input as they
        hide it. No event tells of the change, so the terminal is looked at again.
        """
        end = time.monotonic() + _HIDING
        while self._watch.look().echo and time.monotonic() < end:
            item = self._shell.next(time.monotonic() + _LOOK, self._run)
            if not isinstance(item, Quiet):
                self._shell.unread(item)
                return False
        return True

    def _text(self) -> str:
        """Return what the program printed since the last answer, without the answer's echo."""
        return plain(self._heard).removeprefix(self._typed)

    def _silent(self) -> float:
        return time.monotonic() - self._when

    def _unforeseen(self, line: str) -> NoReturn:
        question = " ".join(line.split())
        self._stop(
            f"the program asks what the guide does not answer: {question!r}"
            + advice.unforeseen(question, self._last, self._recogniser.closest(line))
        )

    def _stop(self, why: str) -> NoReturn:
        output = self._run.output()
        if not self._run.stop():
            why += "\nIt could not be stopped, so its shell was closed."
        raise DialogueStopped(why, output)


def _here(text: str) -> str:
    """Run shell text on this machine, which a dialogue on our own terminal runs on as well."""
    try:
        done = subprocess.run(
            ["bash", "-c", text], capture_output=True, text=True, timeout=_DOUBT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def _seems_to_ask(line: str, look: Look) -> bool:
    if look.waits is None:
        return _ASKS.search(line) is not None
    return look.waits
