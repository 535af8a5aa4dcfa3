"""Bring what the guide shows of a program's output up to what the program prints.

Only lines that stand for themselves change. What the author has said stays: remarks, lines with
`...` or a pattern, and answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import frozen

from runbook.console.prompts.answers import without_default
from runbook.console.prompts.question import certain_turn, cleaned
from runbook.console.transcript import prompt
from runbook.execution.patterns import ANY, Matcher, is_pattern

_JOINED: Final = 8
"""Lines that one line of the guide may be broken into by the terminal's width."""


@frozen
class _Line:
    """A line of the guide: as it is written, as a program prints it, and whether it stays."""

    written: str
    shown: str
    squeezed: str
    stays: bool
    pattern: bool

    @classmethod
    def of(cls, written: str, shown: str) -> _Line:
        pattern = shown.strip() == ANY or is_pattern(shown)
        remark = prompt(written) is not None
        turn = certain_turn(shown)
        return cls(written, shown, _squeeze(shown), remark or pattern or turn is not None, pattern)


def revised(
    documented: Sequence[str],
    printed: Sequence[str],
    shown: Callable[[str], str] = lambda line: line,
) -> list[str]:
    """Return the `documented` lines, changed to what was `printed`.

    `shown` gives a line of the guide as a program prints it, with values in the place of their
    names. Blanks within a line do not count, and a line may have been broken into several.
    """
    lines = [_Line.of(line, shown(line)) for line in documented]
    came = [cleaned(line).rstrip() for line in printed]
    with Matcher() as matcher:
        return list(_path(lines, came, matcher))


def _path(lines: Sequence[_Line], came: Sequence[str], matcher: Matcher) -> Iterator[str]:
    """Yield the new lines along the cheapest way through both texts."""
    squeezed = [_squeeze(line) for line in came]
    height, width = len(lines), len(came)
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
                for cost, down, right, new in _moves(lines, came, squeezed, (n, m), matcher)
            ]
            total, down, right, new = min(choices, key=lambda choice: choice[0])
            best[n][m], steps[n][m] = total, (down, right, new)
    n = m = 0
    while n < height or m < width:
        down, right, new = steps[n][m]
        yield from new
        n, m = n + down, m + right


def _moves(
    lines: Sequence[_Line],
    came: Sequence[str],
    squeezed: Sequence[str],
    place: tuple[int, int],
    matcher: Matcher,
) -> Iterator[tuple[float, int, int, tuple[str, ...]]]:
    """Yield what may be done at a place: its cost, the lines it takes of both, the new lines."""
    n, m = place
    line = lines[n] if n < len(lines) else None
    if m < len(came):
        if line is not None and line.shown.strip() == ANY:
            yield 0.0, 0, 1, ()
        yield 1.0, 0, 1, (came[m],)
    if line is None:
        return
    yield (0.0 if line.stays else 1.0), 1, 0, ((line.written,) if line.stays else ())
    if m == len(came) or line.shown.strip() == ANY:
        return
    if line.pattern and matcher.matches(line.shown.strip(), came[m].strip()):
        yield -1.0, 1, 1, (line.written,)
    for count in _same(line, squeezed, m):
        yield -1.0, 1, count, (line.written,)
    if changed := _other_offer(line, came[m]):
        yield -0.5, 1, 1, (changed,)


def _same(line: _Line, squeezed: Sequence[str], m: int) -> Iterator[int]:
    """Yield the number of printed lines that together are `line`."""
    text = ""
    for count, part in enumerate(squeezed[m : m + _JOINED], 1):
        text += part
        if text == line.squeezed:
            yield count
        if not line.squeezed.startswith(text) or not text:
            return


def _other_offer(line: _Line, came: str) -> str:
    """Return the line with what the program offers now, if it is the same question."""
    ours, theirs = certain_turn(line.shown), certain_turn(came)
    if ours is None or theirs is None or ours.prompt == theirs.prompt or line.pattern:
        return ""
    if _squeeze(without_default(ours.prompt)) != _squeeze(
        without_default(theirs.prompt)
    ) or not without_default(ours.prompt):
        return ""
    return line.written.replace(ours.prompt, theirs.prompt, 1)


def _squeeze(text: str) -> str:
    return "".join(text.split())
