"""The answers that were typed into a program, and what it printed before each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runbook.dialogue import advice
from runbook.model import Turn, Typing

_MOST: Final = 2048
"""Characters kept of the output before each answer."""


class History:
    """The turns answered so far, by their numbers, each with the output before its answer."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        self._answered: list[tuple[int, str]] = []

    def note(self, number: int, text: str) -> None:
        """Note that a turn was answered after the program had printed `text`."""
        self._answered.append((number, text[-_MOST:]))

    def refusal(self, number: int, text: str, again: str) -> str:
        """Return which answer a program has refused that begins anew with the turn `number`.

        If its complaint quotes one of the answers since that turn, it is that one; otherwise it
        is the last. `text` was printed since then, up to the question `again`.
        """
        start = max(place for place, (one, _) in enumerate(self._answered) if one == number)
        before = "".join(f"{text}\n" for _, text in self._answered[start + 1 :])
        said = advice.complaint(before + text, again)
        group = [self._turns[one] for one, _ in self._answered[start:]]
        quoted = (turn for turn in reversed(group) if turn.answer and _quotes(said, turn))
        turn = next(quoted, group[-1])
        to = "" if turn is self._turns[number] else f" to {turn.prompt!r}"
        return f"{_in_words(turn)}{to} was refused, and the program asks again: {again!r}{said}"

    def unasked(self, output: str) -> tuple[str, ...]:
        """Return the questions that the guide shows and the program did not ask.

        What it has printed in its `output` was no question, or was answered before.
        """
        printed = _squeezed(output)
        answered = {number for number, _ in self._answered}
        return tuple(
            dict.fromkeys(
                turn.prompt
                for number, turn in enumerate(self._turns)
                if number not in answered
                and turn.prompt
                and not turn.sometimes
                and _squeezed(turn.prompt) not in printed
            )
        )


def _in_words(turn: Turn) -> str:
    """Return the answer of a turn as a message names it; a secret by its name."""
    if turn.secret is not None:
        return f"the secret {turn.secret!r}"
    if turn.typing is Typing.KEY:
        return f"the key {turn.answer!r}"
    return f"the answer {turn.answer!r}" if turn.answer else "the empty answer"


def _quotes(complaint: str, turn: Turn) -> bool:
    # The answer stands behind its question as well, where the terminal has echoed it.
    lines = (line for line in complaint.splitlines() if turn.prompt not in line)
    return any((turn.answer or "") in line.split() or f"{turn.answer!r}" in line for line in lines)


def _squeezed(text: str) -> str:
    return "".join(text.split())
