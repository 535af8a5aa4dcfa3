"""Bring what the guide shows of a program's output up to what the program prints.

Only lines that stand for themselves change. What the author has said stays: remarks, lines with
`...` or a pattern, and answers. A question counts as shown whatever default it offers, and also
where the program has broken it into several lines, at the width of its terminal or after each
word. One that the answers of the step have is not added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import field, frozen

from runbook.console.prompts.answers import without_default
from runbook.console.prompts.question import certain_turn, cleaned
from runbook.console.transcript import prompt
from runbook.dialogue.recognition import prompt_pattern
from runbook.dialogue.unwrap import WORD_LINES
from runbook.execution.texts.patterns import ANY, GLOB, REGEX, Matcher, is_pattern
from runbook.model import Turn
from runbook.redaction.known import MASK

_JOINED: Final = 60
"""Lines that one line of the guide may be broken into by the terminal's width."""
_STAGE: Final = re.compile(r"\[[ A-Z]+\](?: |\Z)")
_ENDS: Final = re.compile(rf"[.!;:?]\Z|\A{_STAGE.pattern}")
"""A line after which a program begins another one."""
_GOES_ON: Final = re.compile(r"\s*[(\[](?! *[A-Z]+ *\] )")
"""A line with the choices or the default of the question above."""


@frozen
class _Question:
    """How a question is found: its pattern, how it begins, and whether dots are its end."""

    pattern: re.Pattern[str]
    start: str
    is_open: bool

    @classmethod
    def of(cls, asked: str) -> _Question | None:
        """Return that of a prompt, unless it says nothing by itself."""
        text = _squeeze(without_default(asked))
        if not text or text == ANY:
            return None
        return cls(prompt_pattern(asked), text.split(ANY)[0], text.endswith(ANY))


@frozen
class _Line:
    """A line of the guide: as it is written, as a program prints it, and whether it stays.

    It shows a `question` if it has a turn.
    """

    written: str
    shown: str
    squeezed: str
    stays: bool
    pattern: bool
    question: _Question | None
    start: str

    @classmethod
    def of(cls, written: str, shown: str, turns: Sequence[Turn], *, exact: bool) -> _Line:
        squeezed = shown.rstrip() if exact else _squeeze(shown)
        turn = (None if exact else certain_turn(shown)) or next(
            (one for one in turns if one.prompt and squeezed.startswith(_squeeze(one.prompt))), None
        )
        pattern = shown.strip() == ANY or is_pattern(shown)
        return cls(
            written,
            shown,
            squeezed,
            prompt(written) is not None or pattern or turn is not None,
            pattern,
            _Question.of(turn.prompt) if turn is not None else None,
            squeezed.split(ANY)[0],
        )


@frozen
class _Came:
    """The lines that were printed, and which of them are a question that the answers have."""

    lines: tuple[str, ...]
    squeezed: tuple[str, ...]
    exact: bool
    answered: dict[int, int] = field(factory=dict)

    @classmethod
    def of(cls, printed: Sequence[str], turns: Sequence[Turn], *, exact: bool) -> _Came:
        lines = tuple(cleaned(line).rstrip() for line in printed)
        came = cls(lines, lines if exact else tuple(map(_squeeze, lines)), exact)
        for turn in turns:
            question = _Question.of(turn.prompt)
            if question is None or not question.start.strip(" .:?"):
                continue
            for place in range(len(lines)):
                for count, _ in came.asked(place, question):
                    came.answered.setdefault(place, count)
        return came

    def joined(self, place: int) -> Iterator[tuple[int, str]]:
        """Yield numbers of lines from a place on, and their text without blanks."""
        text = ""
        for count, part in enumerate(
            self.squeezed[place : place + (1 if self.exact else _JOINED)], 1
        ):
            text += part
            yield count, text

    def goes_on(self, place: int) -> bool:
        """Return whether a line is the rest of the one before it, which was too long."""
        line, before = self.lines[place].strip(), self.lines[place - 1].strip()
        return not (_ENDS.search(before) or line[:1].isupper() or _STAGE.match(line))

    def asked(self, place: int, question: _Question) -> Iterator[tuple[int, str]]:
        """Yield the fewest lines that have the question from a place on, and the question there."""
        start = question.start
        for count, text in self.joined(place):
            if not text or not (text.startswith(start) or start.startswith(text)):
                return
            if len(text) >= len(start) and (found := question.pattern.match(text)):
                yield self._whole(place, count, found, question)
                return

    def _whole(
        self, place: int, count: int, found: re.Match[str], question: _Question
    ) -> tuple[int, str]:
        """Return the lines of a question, with those that have its choices and its default."""
        if question.is_open:
            for more in range(count, min(_JOINED, len(self.lines) - place) + 1):
                turn = certain_turn(" ".join(" ".join(self.lines[place : place + more]).split()))
                if turn is not None:
                    return more, _squeeze(turn.prompt)
        limit = count + WORD_LINES
        for more, whole in self.joined(place):
            other = question.pattern.match(whole)
            if count < more <= limit and other and other.end() > found.end():
                count, found = more, other
        return count, found[0]


def revised(
    documented: Sequence[str],
    printed: Sequence[str],
    shown: Callable[[str], str] = lambda line: line,
    turns: Sequence[Turn] = (),
    *,
    exact: bool = False,
) -> list[str]:
    """Return the `documented` lines, changed to what was `printed`.

    `shown` gives a line of the guide as a program prints it, with values in the place of their
    names. Blanks within a line do not count, and a line may have been broken into several; unless
    it must be `exact`, as for an output that is compared. `turns` are those of the dialogue, with
    the questions that the transcript need not show.
    """
    lines = [_Line.of(line, shown(line), turns, exact=exact) for line in documented]
    came = _Came.of(printed, turns, exact=exact)
    with Matcher() as matcher:
        found = list(_path(lines, came, matcher))
    new: list[str] = []
    for text, is_new in _unbroken(found) if turns else found:
        # What a secret was printed in is shown, but not it.
        hidden = text.replace(MASK.decode(), ANY) if is_new else text
        if hidden.strip() != ANY or not new or new[-1].strip() != ANY or not is_new:
            new.append(hidden)
    return new


def _unbroken(found: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Yield the lines, with new ones of one word each made one as the program means it."""
    words: list[str] = []

    def whole() -> Iterator[tuple[str, bool]]:
        if len(words) < WORD_LINES:
            yield from ((word, True) for word in words)
        else:
            margin = words[0][: len(words[0]) - len(words[0].lstrip())]
            line: list[str] = []
            for word in words:
                if line and _ENDS.search(line[-1].strip()) and not _GOES_ON.match(word):
                    yield margin + " ".join(line), True
                    line.clear()
                line.append(word.strip())
            yield margin + " ".join(line), True
        words.clear()

    for text, is_new in found:
        if is_new and len(text.split()) == 1:
            words.append(text)
            continue
        yield from whole()
        yield text, is_new
    yield from whole()


def _path(lines: Sequence[_Line], came: _Came, matcher: Matcher) -> Iterator[tuple[str, bool]]:
    """Yield the lines along the cheapest way through both texts, and whether each is new."""
    height, width = len(lines), len(came.lines)
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    steps: list[list[tuple[int, int, tuple[str, ...]]]] = [
        [(0, 0, ())] * (width + 1) for _ in range(height + 1)
    ]
    for n in range(height, -1, -1):
        for m in range(width, -1, -1):
            if n == height and m == width:
                continue
            choices = [
                (cost + best[n + down][m + right], down, right, new)
                for cost, down, right, new in _moves(lines, came, (n, m), matcher)
            ]
            total, down, right, new = min(choices, key=lambda choice: choice[0])
            best[n][m], steps[n][m] = total, (down, right, new)
    n = m = 0
    while n < height or m < width:
        down, right, new = steps[n][m]
        yield from ((line, not down) for line in new)
        n, m = n + down, m + right


def _moves(
    lines: Sequence[_Line], came: _Came, place: tuple[int, int], matcher: Matcher
) -> Iterator[tuple[float, int, int, tuple[str, ...]]]:
    """Yield what may be done at a place: its cost, the lines it takes of both, the new lines."""
    n, m = place
    line = lines[n] if n < len(lines) else None
    if m < len(came.lines):
        if line is not None and line.shown.strip() == ANY:
            yield 0.0, 0, 1, ()
        if m in came.answered:
            yield 0.0, 0, came.answered[m], ()
        yield 1.0, 0, 1, (came.lines[m],)
    if line is None:
        return
    yield (0.0 if line.stays else 1.0), 1, 0, ((line.written,) if line.stays else ())
    if m == len(came.lines) or line.shown.strip() == ANY:
        return
    if line.pattern:
        for count in _alike(line, came, m, matcher):
            yield -1.0, 1, count, (line.written,)
    for count in _same(line, came, m):
        yield -1.0, 1, count, (line.written,)
    if line.question is not None:
        for count, asked in came.asked(m, line.question):
            yield -0.5, 1, count, (_offering(line, came.lines[m : m + count], asked),)


def _same(line: _Line, came: _Came, m: int) -> Iterator[int]:
    """Yield the number of printed lines that together are `line`."""
    for count, text in came.joined(m):
        if text == line.squeezed:
            yield count
        if not line.squeezed.startswith(text) or not text:
            return


def _alike(line: _Line, came: _Came, m: int, matcher: Matcher) -> Iterator[int]:
    """Yield the number of printed lines that together are what the pattern `line` stands for."""
    shown = line.shown.rstrip() if came.exact else line.shown.strip()
    one = came.lines[m] if came.exact else came.lines[m].strip()
    if came.exact or shown.endswith((GLOB, REGEX)):
        yield from (1,) if matcher.matches(shown, one) else ()
        return
    found = False
    for count, text in came.joined(m):
        if not text or not (text.startswith(line.start) or line.start.startswith(text)):
            return
        # Dots at its end stand for all the pieces of a line that is broken.
        if found and not (shown.endswith(ANY) and came.goes_on(m + count - 1)):
            return
        whole = (shown, one) if count == 1 else (line.squeezed, text)
        if found or matcher.matches(*whole):
            found = True
            yield count


def _offering(line: _Line, came: Sequence[str], asked: str) -> str:
    """Return the line with what the program offers now, in the question `asked` without blanks."""
    ours = certain_turn(line.shown)
    theirs = certain_turn(" ".join(" ".join(came).split()))
    if ours is None or theirs is None or line.pattern or _squeeze(theirs.prompt) != asked:
        return line.written
    if _squeeze(ours.prompt) == asked:
        return line.written
    if _squeeze(without_default(ours.prompt)) != _squeeze(without_default(theirs.prompt)):
        return line.written
    return line.written.replace(ours.prompt, theirs.prompt, 1)


def _squeeze(text: str) -> str:
    return "".join(text.split())
