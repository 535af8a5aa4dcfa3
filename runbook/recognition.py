r"""Which turn of a dialogue a program's text asks for.

A question is known by its text, wherever it comes. Blanks and line breaks do not count, since
programs wrap their questions to the terminal's width. Neither does a default in the prompt,
which differs from host to host. `...` in a prompt stands for any text.

A prompt begins a line, so that `password:` is not found in `Confirm password:`. Where a program
wraps its lines, most beginnings of lines are none: see `heard`.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.advice import COMPLAINT
from runbook.heard import Heard
from runbook.model import Turn
from runbook.questions import core, is_for_commands, offer

_OFFER: Final = r":?(?:\([^()]*\))?(?:\[[^\[\]]*\])?[:?]?"
_ANY: Final = "..."
_WILD: Final = {"[...]": r"\[[^\[\]]*\]", _ANY: ".{0,300}?"}
_ENOUGH: Final = 4
"""Characters before a prompt that show that it stands where the guide has it."""


@frozen
class Asked:
    """The turn that a text asks for, by its number, or `None` if it asks for none of them.

    `refused` is true if its question was answered before, so that it is asked again.
    `default` is the default that the program offers in place of the guide's, if the guide takes
    the default and the program's would be another choice.
    """

    number: int | None = None
    refused: bool = False
    default: str | None = None


class Recogniser:
    """Finds the turns that a program asks for; `take` says which were answered."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = tuple(turns)
        self._forms = tuple(_Form.of(turn) for turn in turns)
        self._taken: list[int] = []

    @property
    def wordless(self) -> int | None:
        """The number of the next turn if it has no prompt: it is known by silence only."""
        fresh = self._fresh()
        return fresh[0] if fresh and not self._forms[fresh[0]].prompt else None

    def take(self, number: int) -> None:
        """Count the turn as answered."""
        self._taken.append(number)

    def asked(self, text: str, columns: int) -> Asked:
        """Return the turn whose question `text` ends with.

        `text` is what the program printed since the last answer, as plain text. `columns` is
        the width that the program takes its terminal to have; 0 if it was told none.
        """
        heard = Heard.of(text, columns)
        found = {n: s for n, form in enumerate(self._forms) if (s := form.match(heard))}
        fresh = [number for number in self._fresh() if number in found]
        # Of several the longest says most; with the order of the guide as a hint.
        best = max(fresh, key=lambda number: found[number].length, default=None)
        old = max(
            (number for number in set(self._taken) if number in found),
            key=lambda number: (found[number].length, number == self._taken[-1]),
            default=None,
        )
        if best is None and old is not None and self._any_number_of_times(old):
            refused = bool(offer(found[old].prompt).choices and COMPLAINT.search(text))
            return Asked(old, refused=refused)
        if old is not None and self._again(old, best, found, text):
            return Asked() if self._forms[old].repl else Asked(old, refused=True)
        if best is None:
            return Asked()
        return Asked(best, default=self._other_default(best, found[best].prompt))

    def closest(self, question: str) -> str | None:
        """Return the prompt of the guide that a question in one line is most like."""
        prompts = [turn.prompt for turn in self._turns if turn.prompt]
        return next(iter(difflib.get_close_matches(question, prompts, 1, 0.75)), None)

    def _fresh(self) -> list[int]:
        """Return the turns that were not answered yet, from the last answered one onwards."""
        start = self._taken[-1] + 1 if self._taken else 0
        order = (*range(start, len(self._turns)), *range(start))
        return [number for number in order if number not in self._taken]

    def _any_number_of_times(self, number: int) -> bool:
        """Tell whether a turn may come again and again, as the `[More]` of a pager does."""
        turn = self._turns[number]
        return turn.sometimes and turn.answer is None and turn.secret is None

    def _again(self, old: int, best: int | None, found: dict[int, _Span], text: str) -> bool:
        """Decide between a question that comes again and one that only looks like it."""
        if best is None:
            return True
        if self._forms[best].repl:
            return False
        if found[old].length > found[best].length:
            return True
        same = self._forms[old].prompt == self._forms[best].prompt
        return (
            same
            and old == self._taken[-1]
            and bool(COMPLAINT.search(text))
            and not COMPLAINT.search(self._turns[best].before + self._turns[best].prompt)
        )

    def _other_default(self, number: int, prompt: str) -> str | None:
        turn = self._turns[number]
        if turn.answer is not None or turn.secret is not None:
            return None
        ours, theirs = offer(turn.prompt), offer(prompt)
        if not theirs.choices or ours.default is None or "..." in ours.default:
            return None
        if (theirs.default or "").lower() == ours.default.lower():
            return None
        return theirs.default or "none"


@frozen
class _Span:
    """Where a question was found: how much text speaks for it, and its prompt as printed."""

    length: int
    prompt: str


@frozen
class _Form:
    """A turn as it is looked for: without blanks, by the literal text that it begins with."""

    prompt: str
    before: str
    start: str
    free: bool
    pattern: re.Pattern[str]
    repl: bool
    secret: bool

    @classmethod
    def of(cls, turn: Turn) -> _Form:
        prompt = turn.prompt.strip()
        # Python's second prompt is three dots, and no stand-in for other text.
        free = prompt.startswith(_ANY) and prompt != _ANY
        literal = prompt
        if prompt != _ANY:
            literal = re.split(r"\[?\.\.\.", core(prompt).removeprefix(_ANY))[0]
        return cls(
            _squeeze(prompt),
            _squeeze(turn.before),
            _squeeze(literal) or "[",
            free,
            _pattern(prompt),
            is_for_commands(prompt),
            turn.secret is not None,
        )

    def match(self, heard: Heard) -> _Span | None:
        """Return where `heard` ends with this question, or `None` if it does not."""
        if not self.prompt:
            return None
        at = heard.squeezed.rfind(self.start)
        while at >= 0:
            if self.pattern.fullmatch(heard.squeezed, at):
                context = _common_end(self.before, heard.squeezed[:at])
                if self._begins(heard, at, context):
                    return _Span(len(self.prompt) + context, heard.since(at))
            at = heard.squeezed.rfind(self.start, 0, at + len(self.start) - 1)
        return None

    def _begins(self, heard: Heard, at: int, context: int) -> bool:
        """Tell whether a prompt that stands `at` an offset begins a line.

        Where the line may be a wrapped one, what stands before must be the guide's if a secret
        is asked for: it must not be typed into a longer question that only ends alike. If the
        guide's own line is a wrapped one, the question goes back to the beginning of another.
        """
        if self.free or at in heard.begins:
            return True
        if at in heard.wraps:
            return not self.secret or context >= min(_ENOUGH, max(len(self.before), 1))
        return any(at - context <= begin < at for begin in heard.begins)


def _pattern(prompt: str) -> re.Pattern[str]:
    """Return the pattern of a prompt without blanks.

    What it offers at its end is open: a default differs from host to host, and versions put
    their colons before or behind it.
    """
    if prompt == _ANY:
        return re.compile(re.escape(_ANY))
    text = core(prompt).removeprefix(_ANY)
    if not text:
        return re.compile(r"\[[^\[\]]*\][:?]?")
    parts = re.split(r"(\[\.\.\.\]|\.\.\.)", text)
    return re.compile("".join(_WILD.get(part) or _literal(part) for part in parts) + _OFFER)


def _literal(text: str) -> str:
    return re.escape(_squeeze(text))


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _common_end(one: str, two: str) -> int:
    """Return the number of characters at the end that both have in common."""
    pairs = zip(reversed(one), reversed(two), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
