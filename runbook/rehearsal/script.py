"""What a stand-in plays: a dialogue's transcript as data for another process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import asdict, frozen

from runbook.model import Dialogue, Turn
from runbook.questions import offer

_MAC: Final = "00:16:3e:00:00:01"


@frozen
class Question:
    """One question as the stand-in asks it.

    `turn` is the number of the dialogue's turn, or `None` for a question that the guide does not
    have. `supplied` is an answer that the program has already: it only prints the question.
    `refusal` is what it prints to the first answer before it asks again.
    """

    prompt: str
    turn: int | None
    before: str = ""
    hidden: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    supplied: str | None = None
    refusal: str | None = None


@frozen
class Script:
    """Everything that a stand-in needs to know.

    `slow` prints questions a byte at a time, `wraps` breaks lines as the program would at the
    terminal's width, and `dies_before` is the number of a question before which it ends. It
    ends with `status` either way. `hides_after` are the seconds from a question for a secret
    to the moment in which what is typed no longer shows.
    """

    questions: tuple[Question, ...]
    after: str = ""
    status: int = 0
    slow: bool = False
    wraps: bool = False
    dies_before: int | None = None
    hides_after: float = 0.02

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that want an answer, up to a death."""
        return tuple(q for q in self.questions[: self.dies_before] if q.supplied is None)

    def plain(self) -> dict[str, object]:
        """Return the script as values that JSON can hold."""
        return asdict(self)


def compile_script(dialogue: Dialogue, *, status: int = 0, every: bool = False) -> Script:
    """Return the script that plays the dialogue's program as its transcript shows it.

    With `every`, it also asks the questions that come only sometimes and are not shown there.
    """
    asked = [
        _question(turn, number)
        for number, turn in enumerate(dialogue.turns)
        if every or not turn.sometimes or turn.before
    ]
    return Script(tuple(asked), dialogue.after, status)


def _question(turn: Turn, number: int) -> Question:
    known = offer(turn.prompt)
    return Question(
        _concrete(turn.prompt),
        number,
        _concrete_lines(turn.before),
        turn.secret is not None,
        known.choices,
        known.default,
    )


def _concrete(prompt: str) -> str:
    """Return the prompt with something in the place of what the guide leaves open."""
    if prompt.strip() == "...":
        return prompt
    return prompt.replace("[...]", f"[{_MAC}]").replace("...", "something")


def _concrete_lines(text: str) -> str:
    return text.replace("...", "something")


def replaced(
    questions: Sequence[Question], number: int, question: Question
) -> tuple[Question, ...]:
    """Return `questions` with another one at the place of that number."""
    return (*questions[:number], question, *questions[number + 1 :])
