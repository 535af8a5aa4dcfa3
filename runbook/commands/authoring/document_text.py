"""The text of a document as its author saved it: its lines, and new lines in their places.

Only a line feed ends a line, also one after a carriage return. Everything else is text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from runbook.model import Location

_SPACES: Final = re.compile(r"[\v\f]")
"""What docutils reads as spaces."""


@frozen
class Change:
    """New lines for `start` to `end` of a document, counted from 0; `end` is exclusive.

    The `lines` have their ends. `output` is what the plan then says that the command `text` at
    `location` prints, `None` if nothing.
    """

    start: int
    end: int
    lines: tuple[str, ...]
    location: Location
    text: str
    output: str | None

    def is_same(self, other: Change) -> bool:
        """Return whether both write the same into the same lines."""
        return (self.start, self.end, self.lines) == (other.start, other.end, other.lines)

    def overlaps(self, other: Change) -> bool:
        """Return whether both change the same lines."""
        return self.start < other.end and other.start < self.end


def lines_of(text: str) -> list[str]:
    """Return the lines of `text` with their ends."""
    return list(io.StringIO(text, newline="\n"))


def without_end(line: str) -> str:
    """Return a line without its end."""
    return line.removesuffix("\n").removesuffix("\r")


def places_of(text: str, number: int) -> Iterator[int]:
    """Yield where the line may be that has this `number` in a plan, the likeliest place first.

    docutils ends lines at other characters as well, such as U+2028, and MyST does not.
    """
    found = []
    for counted in (_SPACES.sub(" ", text), text):
        before = counted.splitlines(keepends=True)[: number - 1]
        found.append(text.count("\n", 0, sum(map(len, before))))
    yield from dict.fromkeys((*found, number - 1))


def applied(text: str, changes: Sequence[Change]) -> str:
    """Return `text` with the changes, none of which overlap."""
    lines = lines_of(text)
    for change in sorted(changes, key=lambda change: -change.start):
        lines[change.start : change.end] = change.lines
    return "".join(lines)


def is_needed(text: str, change: Change) -> bool:
    """Return whether a change leaves `text` other than it is."""
    return lines_of(text)[change.start : change.end] != list(change.lines)
