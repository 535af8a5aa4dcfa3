"""The screen of a program that draws, kept while the program runs."""

from __future__ import annotations

import codecs
import time
from collections.abc import Iterable
from typing import Final

from runbook.dialogue import drawn
from runbook.model import Turn
from runbook.terminal.marks import Mark
from runbook.terminal.screen import Screen
from runbook.terminal.shell import RunningCommand, Shell

_DRAWING_SILENCE: Final = 0.04
"""Seconds without output after which a program has drawn what follows from a key."""
_KEY_TIMEOUT: Final = 1.0
_OVERLAP: Final = 32
"""Bytes of the output before, in which a sequence may have begun."""
_RECENT: Final = 16384
"""Bytes kept since the last answer, of a program that has drawn nothing yet."""


class Drawing:
    """What a program has drawn; `is_active` if it drew since the last answer."""

    def __init__(self, shell: Shell, run: RunningCommand, *, newline: bool) -> None:
        self._shell = shell
        self._run = run
        self._newline = newline
        self._screen: Screen | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._recent = b""
        self.is_active = False

    def feed(self, data: bytes) -> None:
        """Note what the program has sent."""
        began = self._screen is not None
        if drawn.DRAWS.search(self._recent[-_OVERLAP:] + data):
            self.is_active = True
            if self._screen is None:
                rows, columns = self._shell.terminal.size
                self._screen = Screen(rows, columns, newline=self._newline)
        self._recent = (self._recent + data)[-_RECENT:]
        if self._screen is not None:
            # What it draws may be beside what it had printed before.
            self._screen.feed(self._decoder.decode(data if began else self._recent))

    def begin_anew(self) -> None:
        """Forget that something was drawn: an answer was typed."""
        self.is_active, self._recent = False, b""

    def asked(self, turns: Iterable[tuple[int, Turn]]) -> int | None:
        """Return the number of the turn whose question is drawn, the longest one of several."""
        screen = self._screen
        if screen is None:
            return None
        found = [(len(turn.prompt), -number) for number, turn in turns if drawn.shows(screen, turn)]
        return -max(found)[1] if found else None

    def question(self) -> str:
        """Return the question that is drawn; empty if that seems to be none."""
        screen = self._screen
        if screen is None or not (screen.is_alternate or drawn.has_choices(screen)):
            return ""
        return drawn.question_of(screen) or "?"

    @property
    def is_taken(self) -> bool:
        """Whether the program has a screen of its own, without anything to choose on it."""
        screen = self._screen
        return screen is not None and screen.is_alternate and not drawn.offers(screen)

    def choices(self) -> list[str]:
        """Return the labels of the buttons that are drawn."""
        return drawn.choices_of(self._screen) if self._screen is not None else []

    @property
    def application_keys(self) -> bool:
        """Whether the program has asked for other codes of the arrow keys."""
        return self._screen is not None and self._screen.application_keys

    def choose(self, answer: str) -> bool:
        """Go to the button or item with that label, or type it; false if it is not reached."""
        return self._screen is not None and drawn.choose(self._screen, answer, self._press)

    def _press(self, keys: str) -> bool:
        self._shell.send(keys.encode(), self._run)
        end = time.monotonic() + _KEY_TIMEOUT
        answered = False
        while time.monotonic() < end:
            wait = _DRAWING_SILENCE if answered else end - time.monotonic()
            item = self._shell.receive(time.monotonic() + wait, self._run)
            if isinstance(item, bytes):
                self.feed(item)
                answered = True
                continue
            if isinstance(item, Mark):
                self._shell.unread(item)
            break
        return answered
