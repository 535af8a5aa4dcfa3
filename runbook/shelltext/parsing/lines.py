"""The lines that a reader of shell text goes through, and the constructs that are open in them."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Final

from attrs import define, field, frozen

Span = tuple[int, int]
"""Where something starts and ends in the text."""

Waiting = Generator[None, None, None]
"""A part of the text that is being read; yields whenever it needs the next line."""

_BLANKS: Final = re.compile(r"[ \t]*(#.*)?")
_DEEPEST: Final = 30
"""Constructs nested beyond this depth are not read."""


@frozen
class Construct:
    """An open construct: what opened it, what would close it, and on which line it starts."""

    opener: str
    end: str
    line: int


class UnexpectedTextError(ValueError):
    """The shell would refuse the text at this point."""


@define
class LineReader:
    """Goes through lines; `line` is the current one, with those that backslashes join to it.

    `column` is the position in it, and `row` the number of the last line in it. `quoted` are the
    parts that the shell takes as they are, as offsets in the whole text.
    """

    rows: list[str] = field(factory=list)
    row: int = -1
    line: str = ""
    column: int = 0
    quoted: list[Span] = field(factory=list)
    _base: int = 0
    _number: int = 0
    _continued: bool = False
    _open: list[Construct] = field(factory=list)

    @property
    def offset(self) -> int:
        """The offset of the current position in the whole text."""
        return self._base + self.column

    def _push(self, opener: str, end: str) -> None:
        if len(self._open) >= _DEEPEST:
            raise UnexpectedTextError("it is nested too deeply")
        self._open.append(Construct(opener, end, self.row))

    def _pop(self) -> None:
        self._open.pop()

    def _next_line(self) -> Waiting:
        """Move to the start of the next line."""
        while not self._advance():
            yield

    def _advance(self) -> bool:
        """Move to the start of the next line if it is there; return whether it is."""
        if self.row + 1 >= len(self.rows):
            return False
        if self.row >= 0:
            self._base += len(self.line) + 1
        self.row += 1
        self._number += 1
        self.line = self.rows[self.row]
        self.column = 0
        return True

    def _join(self) -> Waiting:
        """Append the next line to the current one, whose backslash at the end is removed."""
        self._continued = True
        while self.row + 1 >= len(self.rows):
            yield
        self._continued = False
        self.quoted.append((self.offset, self.offset + 1))
        self.row += 1
        self._base += 2
        self.line = self.line[:-1] + self.rows[self.row]

    def _at_backslash_newline(self) -> bool:
        return self.column == len(self.line) - 1 and self.line[self.column] == "\\"

    def _skip(self) -> bool:
        """Skip blanks and a comment; return whether a backslash joins the next line here."""
        found = _BLANKS.match(self.line, self.column)
        if found is not None:
            if found[1]:
                self.quoted.append((self._base + found.start(1), self._base + found.end()))
            self.column = found.end()
        return self.line.endswith("\\") and self._at_backslash_newline()

    def _blanks(self) -> Waiting:
        """Skip blanks, joined lines and a comment."""
        while self._skip():
            yield from self._join()

    def _quote(self, start: int, end: int) -> None:
        if start < end:
            self.quoted.append((start, end))
