r"""Recognises which turn of a dialogue a program asks for.

A question is recognised by its text, in any order. Whitespace is ignored, since programs wrap
their questions to the terminal's width. So is a default in the prompt, which differs from host
to host. `...` in a prompt stands for any text.

A prompt must start a line, so that `password:` is not found in `Confirm password:`. Where a
program wraps its lines, most lines do not start one: see `unwrap`.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from runbook.console.prompts.answers import (
    accepted_answers,
    is_command_prompt,
    is_pause,
    without_default,
)
from runbook.dialogue.advice import COMPLAINT
from runbook.dialogue.shown import text_after
from runbook.dialogue.unwrap import UnwrappedOutput
from runbook.model import Turn

_CHOICES: Final = r":?(?:\([^()]*\))?(?:\[[^\[\]]*\])?[:?]?"
_ANY: Final = "..."
_WILD: Final = {"[...]": r"\[[^\[\]]*\]", _ANY: ".{0,300}?"}
_MIN_CONTEXT: Final = 4
"""Characters before a prompt that must agree with the guide's, to confirm it."""


@frozen
class Recognition:
    """The number of the turn that a text asks for, or `None` if it asks for none of them.

    `refused` is true if the question is asked again after its answer. `default` is the program's
    default if the guide accepts the default, but has another one.
    """

    number: int | None = None
    refused: bool = False
    default: str | None = None


class Recogniser:
    """Finds the turns that a program asks for; `mark_answered` excludes those that are done."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = tuple(turns)
        self._patterns = tuple(_TurnPattern.of(turn) for turn in turns)
        self._answered: set[int] = set()
        self._last: int | None = None

    @property
    def without_prompt(self) -> int | None:
        """The number of the next turn if it has no prompt, so that only silence asks for it."""
        following = next(self._unanswered(), None)
        blank = following is not None and not self._patterns[following].prompt
        return following if blank else None

    def unanswered(self) -> list[tuple[int, Turn]]:
        """Return the turns that are not answered yet, with their numbers."""
        return [(number, self._turns[number]) for number in self._unanswered()]

    def mark_answered(self, number: int) -> None:
        """Mark the turn as answered."""
        self._answered.add(number)
        self._last = number

    def recognise(self, text: str, columns: int) -> Recognition:
        """Return the turn whose question `text` ends with.

        `text` is the output since the last answer, as plain text. `columns` is the width that
        the program assumes for its terminal; 0 if it knows none.
        """
        output = UnwrappedOutput.of(text, columns)
        found = {n: m for n, one in enumerate(self._patterns) if (m := one.match(output))}
        new = [number for number in self._unanswered() if number in found]
        # The longest match is the most specific; ties are resolved by the order of the guide.
        best = max(new, key=lambda number: found[number].length, default=None)
        old = max(
            (number for number in found if number in self._answered),
            key=lambda number: (found[number].length, number == self._last),
            default=None,
        )
        if best is None and old is not None and self._is_repeatable(old):
            refused = bool(accepted_answers(found[old].prompt).choices and COMPLAINT.search(text))
            return Recognition(old, refused=refused)
        if old is not None and self._is_repeated(old, best, found, text):
            return Recognition() if self._patterns[old].repl else Recognition(old, refused=True)
        if best is None:
            return Recognition()
        return Recognition(best, default=self._changed_default(best, found[best].prompt))

    def proposal(self, text: str) -> tuple[int, str] | None:
        """Return the turn whose question the last line of `text` begins with, and what follows.

        A program that edits lines writes a proposal behind the question.
        """
        line = text.rpartition("\n")[2]
        for number in self._unanswered():
            prompt = self._turns[number].prompt
            if prompt and (proposed := text_after(line, prompt)):
                return number, proposed
        return None

    def closest(self, question: str) -> str | None:
        """Return the prompt of the guide that is most similar to a question in one line."""
        prompts = [turn.prompt for turn in self._turns if turn.prompt]
        return next(iter(difflib.get_close_matches(question, prompts, 1, 0.75)), None)

    def _unanswered(self) -> Iterator[int]:
        """Yield the turns that are not answered yet, starting after the last answered one."""
        start = 0 if self._last is None else self._last + 1
        order = itertools.chain(range(start, len(self._turns)), range(start))
        return (number for number in order if number not in self._answered)

    def _is_repeatable(self, number: int) -> bool:
        """Return whether a turn may be asked any number of times, as `[More]` of a pager."""
        turn = self._turns[number]
        return turn.sometimes and turn.answer is None and turn.secret is None

    def _is_repeated(self, old: int, best: int | None, found: dict[int, _Match], text: str) -> bool:
        """Return whether an answered question is asked again, rather than a similar one."""
        if best is None:
            return True
        if self._patterns[best].repl or self._turns[best].again:
            return False
        if found[old].length > found[best].length:
            return True
        same = self._patterns[old].prompt == self._patterns[best].prompt
        return (
            same
            and old == self._last
            and bool(COMPLAINT.search(text))
            and not COMPLAINT.search(self._turns[best].before + self._turns[best].prompt)
        )

    def _changed_default(self, number: int, prompt: str) -> str | None:
        turn = self._turns[number]
        if turn.answer is not None or turn.secret is not None:
            return None
        ours, theirs = accepted_answers(turn.prompt), accepted_answers(prompt)
        if not theirs.choices or ours.default is None or "..." in ours.default:
            return None
        if (theirs.default or "").lower() == ours.default.lower():
            return None
        return theirs.default or "none"


@frozen
class _Match:
    """A question that was found: the length of the matching text, and the prompt as printed."""

    length: int
    prompt: str


@frozen
class _TurnPattern:
    """The pattern of a turn without whitespace; `start` is literal text that it starts with."""

    prompt: str
    before: str
    start: str
    unanchored: bool
    pattern: re.Pattern[str]
    repl: bool
    secret: bool

    @classmethod
    def of(cls, turn: Turn) -> _TurnPattern:
        prompt = turn.prompt.strip()
        # Python's continuation prompt is three dots, which are literal.
        unanchored = prompt.startswith(_ANY) and prompt != _ANY
        literal = prompt
        if prompt != _ANY:
            literal = re.split(r"\[?\.\.\.", without_default(prompt).removeprefix(_ANY))[0]
        return cls(
            _without_whitespace(prompt),
            _without_whitespace(turn.before),
            _without_whitespace(literal) or "[",
            unanchored,
            prompt_pattern(prompt),
            is_command_prompt(prompt),
            turn.secret is not None,
        )

    def match(self, output: UnwrappedOutput) -> _Match | None:
        """Return the match if `output` ends with this question, otherwise `None`."""
        if not self.prompt:
            return None
        at = output.compact.rfind(self.start)
        while at >= 0:
            if self.pattern.fullmatch(output.compact, at):
                context = _common_suffix(self.before, output.compact[:at])
                if self._starts_line(output, at, context):
                    return _Match(len(self.prompt) + context, output.text_from(at))
            at = output.compact.rfind(self.start, 0, at + len(self.start) - 1)
        return None

    def _starts_line(self, output: UnwrappedOutput, at: int, context: int) -> bool:
        """Return whether a prompt at offset `at` starts a line.

        If its line may be a wrapped one, a prompt for a secret needs the guide's text before it:
        a secret must not be typed into a longer question with the same end. If the line is
        wrapped in the guide, the question starts at an earlier line.
        """
        if self.unanchored or at in output.line_starts:
            return True
        if at in output.wraps:
            return not self.secret or context >= min(_MIN_CONTEXT, max(len(self.before), 1))
        return any(at - context <= start < at for start in output.line_starts)


def prompt_pattern(prompt: str) -> re.Pattern[str]:
    """Return the regular expression of a prompt, for text without whitespace.

    Choices and a default at its end are optional and may differ: defaults depend on the host,
    and versions of a program place the colon differently.
    """
    if prompt == _ANY:
        return re.compile(re.escape(_ANY))
    if prompt.endswith(_ANY) and is_pause(prompt):
        # The dots are those of the program: `Press any key...`.
        return re.compile(_literal(prompt.removesuffix(_ANY).removeprefix(_ANY)) + r"\.{0,3}")
    text = without_default(prompt).removeprefix(_ANY)
    if not text:
        return re.compile(r"\[[^\[\]]*\][:?]?")
    parts = re.split(r"(\[\.\.\.\]|\.\.\.)", text)
    return re.compile("".join(_WILD.get(part) or _literal(part) for part in parts) + _CHOICES)


def _literal(text: str) -> str:
    return re.escape(_without_whitespace(text))


def _without_whitespace(text: str) -> str:
    return "".join(text.split())


def _common_suffix(one: str, two: str) -> int:
    """Return the length of the longest common suffix."""
    pairs = zip(reversed(one), reversed(two), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
