"""Playing the operator's part in a dialogue with a program that asks.

A program asks when it waits for what is typed, and shows a line that has not ended. Whether it
waits only its own host can tell (see `foreground`); where nobody can look there, silence has to
do. What it asks is known by its text (see `recognition`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Final, NoReturn

from runbook import advice
from runbook.faults import DialogueStopped
from runbook.foreground import Look
from runbook.heard import question
from runbook.marks import BEGIN, LEFT, Mark
from runbook.model import Dialogue, Turn
from runbook.output import plain
from runbook.recognition import Asked, Recogniser
from runbook.shell import Completed, Quiet, Running, Shell
from runbook.terminal import COLUMNS
from runbook.watch import Aside, Watch

_SETTLED: Final = 0.03
"""Seconds without a further character after which a line counts as a question."""
_UNSURE: Final = 0.15
"""The same where it cannot be seen whether the program waits, though its host was asked."""
_WORDLESS: Final = 0.3
"""Seconds of silence after which a turn without a prompt is taken, or a refusal believed."""
_BLIND: Final = 1.0
"""Seconds of silence before a secret is typed where it cannot be seen whether input is hidden."""
_UNFORESEEN: Final = 2.0
"""Seconds of silence after which an unknown question counts as one."""
_DOUBT: Final = 5.0
"""Seconds of silence after which a program asks that does not seem to wait for an answer."""
_HIDING: Final = 2.0
"""Seconds in which a program that wants a secret must have hidden what is typed."""
_LOOK: Final = 0.01
_LONGEST: Final = 16384
_REMEMBERED: Final = 2048
"""Characters kept of what came before each answer."""

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
    watch = Watch(shell, aside)
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


class _Talk:
    """What was said so far, and what the program printed since the last answer."""

    def __init__(
        self,
        shell: Shell,
        run: Running,
        dialogue: Dialogue,
        secrets: Callable[[str], str],
        watch: Watch,
    ) -> None:
        self._shell = shell
        self._run = run
        self._turns = dialogue.turns
        self._recogniser = Recogniser(dialogue.turns)
        self._last: Turn | None = None
        self._secrets = secrets
        self._watch = watch
        self._heard = b""
        self._told: list[tuple[int, str]] = []
        self._columns = COLUMNS
        self._typed = ""
        self._began = False
        self._when = time.monotonic()
        self.left = False

    def patience(self) -> float:
        """Return for how long silence means nothing yet."""
        silent = self._silent()
        limits = (_SETTLED, _UNSURE, _WORDLESS, 2 * _WORDLESS, _BLIND, _UNFORESEEN, _DOUBT)
        return next((limit - silent for limit in limits if silent < limit), _UNFORESEEN)

    def mark(self, mark: Mark) -> None:
        if mark.kind == BEGIN:
            self._watch.begin()
            self._columns = COLUMNS if mark.status is None else mark.status
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
        if look.columns is not None:
            self._columns = look.columns
        asked = self._recogniser.asked(text, self._columns)
        if not line:
            self._without_question(text, asked, look)
        elif asked.number is None:
            if silent >= _UNFORESEEN and _seems_to_ask(line, look):
                self._unforeseen(text, hidden=look.echo is False)
        elif self._is_waiting(look, self._turns[asked.number]):
            self._reply(asked, asked.number, text)

    def _is_waiting(self, look: Look, turn: Turn) -> bool:
        """Tell whether a line that is a known question is one, rather than being printed."""
        silent = self._silent()
        if turn.secret is not None and look.waits is None and look.echo is None:
            return silent >= _BLIND
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
                again = question(text, self._columns)
                self._stop(
                    f"the answer was refused, and the program asks again: {again!r}"
                    + advice.complaint(self._since(number) + text, again)
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
        self._told.append((number, self._text()[-_REMEMBERED:]))
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

    def _since(self, number: int) -> str:
        """Return what came between the last answer to a turn and the last answer of all."""
        answered = max(place for place, (turn, _) in enumerate(self._told) if turn == number)
        return "".join(f"{text}\n" for _, text in self._told[answered + 1 :])

    def _silent(self) -> float:
        return time.monotonic() - self._when

    def _unforeseen(self, text: str, *, hidden: bool) -> NoReturn:
        asks = question(text, self._columns)
        closest = self._recogniser.closest(asks)
        self._stop(
            f"the program asks what the guide does not answer: {asks!r}"
            + advice.unforeseen(asks, self._last, closest, hidden=hidden)
        )

    def _stop(self, why: str) -> NoReturn:
        # The program may have shown what was typed, and its words are quoted here.
        why = self._shell.without_secrets(why)
        output = self._run.output()
        if not self._run.stop():
            why += "\nIt could not be stopped, so its shell was closed."
        raise DialogueStopped(why, output)


def _seems_to_ask(line: str, look: Look) -> bool:
    if look.waits is None:
        return _ASKS.search(line) is not None
    return look.waits
