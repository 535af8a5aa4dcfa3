"""Answers that the guide shows in the output of a program, where nothing marks them as typed.

`Motto: x` may be a question with its answer, or all printed by the program. Whoever sees the
program wait after `Motto:` knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from runbook.console.prompts.marked import marked_turn
from runbook.console.prompts.question import cleaned
from runbook.dialogue.unwrap import last_question

_MIN_QUESTION: Final = 2
"""Characters of a question; one alone is no sign of any."""
_MORE: Final = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*[:?]")
"""Choices or a default, so that the line shows a longer question."""


@frozen
class ShownAnswer:
    """What the guide shows after a question: the number of its line, and the answer.

    The answer is empty where the line ends with the question.
    """

    line: int
    answer: str


class ShownAnswers:
    """The lines of a transcript that may show answers; each answers one question."""

    def __init__(self, output: str) -> None:
        lines = (cleaned(line).rstrip() for line in output.split("\n"))
        # A marked answer is a turn, and as such it is typed.
        self._lines = ["" if marked_turn(line) else line for line in lines]
        self._used: set[int] = set()
        self._next = 0

    def find(self, text: str, columns: int) -> ShownAnswer | None:
        """Return the answer to the question that `text` ends with, if a line shows that question.

        The lines are tried in order, from the one after the last that was used.
        """
        questions = _questions(text, columns)
        for number in (*range(self._next, len(self._lines)), *range(self._next)):
            if number in self._used:
                continue
            for question in questions:
                answer = text_after(self._lines[number], question)
                if answer is not None:
                    return ShownAnswer(number, answer)
        return None

    def below(self, text: str) -> ShownAnswer | None:
        """Return the line below what the program has printed as `text`, without any question.

        The line above it must have been printed, or nothing at all.
        """
        place = self._next
        for printed in filter(None, ("".join(line.split()) for line in text.split("\n"))):
            ahead = range(place, len(self._lines))
            same = (n for n in ahead if "".join(self._lines[n].split()) == printed)
            if (found := next(same, None)) is None:
                continue
            place = found + 1
        rest = [n for n in range(place, len(self._lines)) if self._lines[n].strip()]
        if (text.strip() and place == self._next) or not rest or rest[0] in self._used:
            return None
        return ShownAnswer(rest[0], self._lines[rest[0]].strip())

    def above(self, text: str) -> str | None:
        """Return the line of the guide that stands above the question at the end of `text`.

        It is the last one that `text` has as well, or empty; `None` if the guide shows no output.
        """
        printed = {"".join(line.split()) for line in text.split("\n")}
        found = [line for line in self._lines if line.strip() and "".join(line.split()) in printed]
        return found[-1].strip() if found else "" if any(self._lines) else None

    def use(self, line: int) -> None:
        """Note that the answer in that line has been typed."""
        self._used.add(line)
        self._next = line + 1


def _questions(text: str, columns: int) -> list[str]:
    """Return the question at the end of `text` as its last line, and unwrapped."""
    found = (text.rpartition("\n")[2], last_question(text, columns))
    return list(dict.fromkeys(one for one in found if len(one.strip()) >= _MIN_QUESTION))


def text_after(line: str, question: str) -> str | None:
    """Return what follows `question` in `line`, `None` if that does not begin with it.

    Blanks do not count, except that a word must not go on after the question.
    """
    wanted = "".join(question.split())
    end = line_end = 0
    for char, place in _characters(line):
        if end == len(wanted) or char != wanted[end]:
            break
        end += 1
        line_end = place + 1
    if end < len(wanted):
        return None
    rest = line[line_end:]
    if (rest[:1].isalnum() and wanted[-1].isalnum()) or _MORE.match(rest):
        return None
    return rest.strip()


def _characters(line: str) -> Iterator[tuple[str, int]]:
    return ((char, place) for place, char in enumerate(line) if not char.isspace())
