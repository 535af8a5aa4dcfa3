"""The lines that a program has printed, matched one after the other with those of a transcript."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

_ALIKE: Final = 0.5
"""Share of a line, at its start and end, that is the same on all hosts and in all versions."""
_ASKS: Final = re.compile(r"[:?>]")
_ANY: Final = "..."


class PrintedLines:
    """Whole lines of output; each stands for one line of the guide, in their order.

    The first of them `ends_answer` if something was typed before it: it then is the rest of the
    line with that answer, and no question.
    """

    def __init__(self, lines: Sequence[str], ends_answer: bool) -> None:
        found = [(compact(line), number == 0) for number, line in enumerate(lines)]
        self._lines = [line for line, _ in found if line]
        self._asking = 1 if ends_answer and found and found[0][0] else 0
        self._next = 0

    def take(self, line: str, *, asks: bool) -> bool:
        """Take the printed line that is the same as `line` of the guide, if there is one."""
        wanted = compact(line)
        start = self._asking if asks else 0
        if _ANY not in wanted:
            return self._take(lambda one: one == wanted, start)
        pattern = re.compile(".*?".join(map(re.escape, wanted.split(_ANY))))
        return bool(wanted.strip(".")) and self._take(
            lambda one: pattern.fullmatch(one) is not None, start
        )

    def take_question(self, line: str, answer: str) -> bool:
        """Take a printed line with the question of `line` and something else behind it."""
        wanted = compact(line)
        question = wanted.removesuffix(compact(answer)) if answer else wanted
        return bool(question) and self._take(
            lambda one: one.startswith(question) and one != question, self._asking
        )

    def take_similar(self, line: str) -> bool:
        """Take a printed line that differs from `line` as on another host or in another version.

        Lines that cannot be questions may differ in all.
        """
        wanted = compact(line)
        if not _ASKS.search(wanted):
            return self._take(lambda one: not _ASKS.search(one), 0)
        return self._take(lambda one: _is_alike(one, wanted), 0)

    def _take(self, fits: Callable[[str], bool], start: int) -> bool:
        ahead = range(max(self._next, start), len(self._lines))
        found = next((n for n in ahead if fits(self._lines[n])), None)
        if found is None:
            return False
        self._next = found + 1
        return True


def compact(line: str) -> str:
    """Return a line without its blanks, which differ with the width of the terminal."""
    return "".join(line.split())


def _is_alike(one: str, other: str) -> bool:
    least = min(len(one), len(other))
    start = next((n for n in range(least) if one[n] != other[n]), least)
    most = least - start
    end = next((n for n in range(most) if one[-1 - n] != other[-1 - n]), most)
    return start + end >= _ALIKE * max(len(one), len(other))
