"""What stands around a place in a document, by its text alone, which may be half-typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

_DIRECTIVE: Final = re.compile(r"(\s*)(?:[-*+]\s+)*\.\. (?:\|[^|]+\| )?([\w:.+-]+)::(?:\s+(.*))?$")
_FENCE: Final = re.compile(r"(\s*)(`{3,}|~{3,}|:{3,})(?:\{([\w:.+-]+)\}(.*))?\s*$")
_OPTION: Final = re.compile(r"\s*:([\w-]+):(?:\s+|$)")
_PREFIX: Final = "runbook:"


@frozen
class Around:
    """A directive around a place: its name without `runbook:`, line and column from 0, argument."""

    name: str
    line: int
    column: int
    argument: str = ""


@frozen
class Cursor:
    """A place in a text: line and column from 0, in characters."""

    lines: Sequence[str]
    line: int
    column: int

    @property
    def text(self) -> str:
        """The line."""
        return self.lines[self.line].rstrip("\r\n") if self.line < len(self.lines) else ""

    @property
    def before(self) -> str:
        """The line up to the place."""
        return self.text[: self.column]

    def around(self) -> list[Around]:
        """Return the directives around the place, the innermost first."""
        return [*self._indented(), *reversed(list(self._fenced()))]

    def option(self) -> tuple[Around, str | None] | None:
        """Return the directive of whose options this line may be one, and which one it is.

        `None` if the line is none, or may be anything else.
        """
        inner = next(iter(self.around()), None)
        if inner is None or not self._only_options(inner.line + 1):
            return None
        found = _OPTION.match(self.before)
        return inner, found[1] if found else None

    def given(self, inner: Around) -> set[str]:
        """Return the options that a directive has on the other lines."""
        found: set[str] = set()
        for number in range(inner.line + 1, len(self.lines)):
            option = _OPTION.match(self.lines[number])
            if option is None:
                if number == self.line:
                    continue
                break
            if number != self.line:
                found.add(option[1])
        return found

    def word(self, characters: str) -> tuple[int, int]:
        """Return where the word of such `characters` begins and ends that the place is in."""
        before = re.search(rf"[{characters}]*\Z", self.before)
        after = re.match(rf"[{characters}]*", self.text[self.column :])
        start = before.start() if before else self.column
        return start, self.column + (after.end() if after else 0)

    def _only_options(self, first: int) -> bool:
        """Tell whether all lines from `first` to this one are options, or go on with one."""
        between = self.lines[first : self.line]
        return all(_OPTION.match(one) for one in between[:1]) and all(
            _OPTION.match(one) or (one.strip() and one[:1].isspace()) for one in between
        )

    def _indented(self) -> Iterator[Around]:
        indent = _indent(self.text) if self.text.strip() else self.column
        for number in range(min(self.line, len(self.lines)) - 1, -1, -1):
            line = self.lines[number].rstrip("\r\n")
            if not line.strip() or _indent(line) >= indent:
                continue
            indent = _indent(line)
            if found := _DIRECTIVE.match(line):
                name = found[2].removeprefix(_PREFIX)
                yield Around(name, number, len(found[1]), found[3] or "")
            if not indent:
                return

    def _fenced(self) -> Iterator[Around]:
        """Yield MyST's directives, whose content is not indented, the outermost first."""
        opened: list[tuple[str, Around | None]] = []
        for number in range(min(self.line, len(self.lines))):
            found = _FENCE.match(self.lines[number].rstrip("\r\n"))
            if found is None:
                continue
            if not found[3] and opened and opened[-1][0] == found[2]:
                opened.pop()
            elif found[3]:
                name = found[3].removeprefix(_PREFIX)
                around = Around(name, number, len(found[1]), found[4].strip())
                opened.append((found[2], around))
            elif found[2][0] != ":":
                opened.append((found[2], None))
        yield from (around for _, around in opened if around is not None)


def directive_of(text: str) -> Around | None:
    """Return the directive that begins on a line."""
    if found := _DIRECTIVE.match(text):
        return Around(found[2].removeprefix(_PREFIX), 0, len(found[1]), found[3] or "")
    if (found := _FENCE.match(text)) and found[3]:
        return Around(found[3].removeprefix(_PREFIX), 0, len(found[1]), found[4].strip())
    return None


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
