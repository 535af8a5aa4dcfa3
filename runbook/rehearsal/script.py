"""Scripts: what a stand-in plays, as data for its process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import asdict, frozen

from runbook.console.prompts.answers import accepted_answers, is_pause
from runbook.dialogue.keyboard import pressed
from runbook.model import Dialogue, Turn, Typing

_MAC: Final = "00:16:3e:00:00:01"


@frozen
class Question:
    """A question as the stand-in asks it.

    `turn` is the index of the dialogue's turn, or `None` for a question that is not in the guide.
    With `supplied`, the program already has that answer and only prints the question. `refusal`
    is printed after the first answer, before the question is asked again. A program that reads
    single keys takes so many `keys`. A `proposal` stands behind the question, and may be edited.
    """

    prompt: str
    turn: int | None
    before: str = ""
    hidden: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    supplied: str | None = None
    refusal: str | None = None
    keys: int = 0
    proposal: str = ""


@frozen
class Script:
    """The questions and the behaviour of a stand-in.

    `slow` prints some questions a byte at a time; `wraps` breaks lines at the width of the
    terminal. The program exits with `status`, at its end or before the question with the index
    `crashes_before`. `echo_off_after` are the seconds between a question for a secret and the
    moment at which the echo is turned off.
    """

    questions: tuple[Question, ...]
    after: str = ""
    status: int = 0
    slow: bool = False
    wraps: bool = False
    crashes_before: int | None = None
    echo_off_after: float = 0.02

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that need an answer, up to a crash."""
        return tuple(q for q in self.questions[: self.crashes_before] if q.supplied is None)

    def plain(self) -> dict[str, object]:
        """Return the script as JSON values."""
        return asdict(self)


def compile_script(dialogue: Dialogue, *, status: int = 0, every: bool = False) -> Script:
    """Return the script that plays the dialogue's program as in the transcript.

    With `every`, it also asks the optional questions that the transcript does not show.
    """
    asked = [
        _question(turn, number)
        for number, turn in enumerate(dialogue.turns)
        if every or not (turn.sometimes or turn.drawn) or turn.before
    ]
    return Script(tuple(asked), dialogue.after, status)


def _question(turn: Turn, number: int) -> Question:
    known = accepted_answers(turn.prompt)
    return Question(
        _concrete(turn.prompt),
        number,
        _concrete_lines(turn.before),
        turn.secret is not None,
        known.choices,
        known.default,
        keys=len(pressed(turn.answer or "")) if turn.typing is Typing.KEY else 0,
        proposal="proposal" if turn.typing is Typing.EDIT else "",
    )


def _concrete(prompt: str) -> str:
    """Return the prompt with text in place of the `...` of the guide."""
    if prompt.strip() == "..." or is_pause(prompt):
        return prompt
    return prompt.replace("[...]", f"[{_MAC}]").replace("...", "something")


def _concrete_lines(text: str) -> str:
    return text.replace("...", "something")


def replaced(
    questions: Sequence[Question], number: int, question: Question
) -> tuple[Question, ...]:
    """Return `questions` with the one at the index `number` replaced."""
    return (*questions[:number], question, *questions[number + 1 :])
