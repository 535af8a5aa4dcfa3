"""Read the words of shell text line by line: quotes, expansions, substitutions.

A word may go on over several lines, so its parts are read by generators: they yield where the
next line is needed. `runbook.shelltext.parsing.grammar` adds the commands that words are part of.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import define, field

from runbook.shelltext.parsing.found import Scope
from runbook.shelltext.parsing.lines import LineReader, UnexpectedTextError, Waiting

_PLAIN: Final = re.compile(r"[^ \t;&|()<>\"'`\\$]+")
_DOUBLE: Final = re.compile(r'[^"\\$`]*')
_HERE: Final = re.compile(r"[^\\$`]*")
_ESCAPED: Final = {char: re.compile(rf"[^\\{char}]*") for char in "'`"}
_NESTED: Final = {
    close: re.compile(rf"[^\\'\"`$\{opener}\{close}]*")
    for opener, close in (("(", ")"), ("{", "}"), ("[", "]"))
}
_ARRAY: Final = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=\Z")
_SUBSCRIPT: Final = re.compile(r"[A-Za-z_]\w*(?=\[)")


@define
class WordReader(LineReader):
    """Reads words, and keeps what is in them, as offsets in the whole text.

    `extents` has the end of each expansion and array by its start. `scope` is what is found in
    the text or the substitution that the position is in.
    """

    extents: dict[int, int] = field(factory=dict)
    scope: Scope = field(factory=Scope)

    def _word(self, *, regex: bool = False, subscript: bool = False) -> Waiting:
        """Read one word; in a regular expression, parentheses and `|` belong to it."""
        start, number = self.column, self._number
        if subscript and (found := _SUBSCRIPT.match(self.line, start)):
            self.column = found.end()
            yield from self._extent(self._nested("[", "]"))
        while True:
            if found := _PLAIN.match(self.line, self.column):
                self.column = found.end()
            char = self.line[self.column : self.column + 1]
            if char in ("", " ", "\t", ";", "&", ")"):
                return
            if char == "(":
                before = self.line[start : self.column] if number == self._number else ""
                if _ARRAY.match(before):
                    yield from self._extent(self._array())
                elif regex or before[-1:] in tuple("?*+@!"):
                    yield from self._extent(self._nested("(", ")"))
                else:
                    return
            elif char == "|":
                if not regex:
                    return
                self.column += 1
            elif char in "<>":
                if self.line[self.column + 1 : self.column + 2] != "(":
                    return
                yield from self._extent(self._process(char))
            else:
                yield from self._extent(self._part(char))

    def _extent(self, reading: Waiting) -> Waiting:
        """Read a part, and keep where it ends."""
        start = self.offset
        yield from reading
        self.extents[start] = self.offset

    def _part(self, char: str) -> Waiting:
        """Read a quotation, an escaped character or an expansion."""
        if char == "\\":
            if self._at_backslash_newline():
                yield from self._join()
            else:
                self._quote(self.offset, self.offset + 2)
                self.column += 2
        elif char == '"':
            self.column += 1
            yield from self._double()
        elif char == "'":
            self.column += 1
            yield from self._to_closing(char, escapes=False)
        elif char == "`":
            yield from self._backquotes()
        else:
            yield from self._dollar(quotes=True)

    def _dollar(self, *, quotes: bool = False) -> Waiting:
        """Read what starts with `$`."""
        start = self.offset
        following = self.line[self.column + 1 : self.column + 2]
        self.column += 1
        if following == "(":
            if self.line.startswith("((", self.column):
                self.column += 1
                yield from self._nested("$((", ")", opened=2)
            else:
                yield from self._substitution(start, "$(")
        elif following == "{":
            yield from self._nested("${", "}")
        elif following == "[":
            yield from self._nested("$[", "]")
        elif following == "'" and quotes:
            self.column += 1
            yield from self._to_closing("'", escapes=True)
        self.extents[start] = self.offset

    def _process(self, char: str) -> Waiting:
        start = self.offset
        self.column += 1
        yield from self._substitution(start, char + "(")

    def _backquotes(self) -> Waiting:
        start = self.offset
        self._substituted(start)
        self.column += 1
        yield from self._to_closing("`", escapes=True)
        self.extents[start] = self.offset

    def _substituted(self, start: int) -> None:
        quoted = bool(self._open) and self._open[-1].opener == '"'
        self.scope.substitutions.append((start, quoted))

    def _to_closing(self, char: str, *, escapes: bool) -> Waiting:
        """Read on to the closing `char`, in which nothing but a backslash is special."""
        self._push(char, char)
        start = self.offset
        while True:
            if not escapes:
                end = self.line.find(char, self.column)
                self.column = end if end >= 0 else len(self.line)
            elif found := _ESCAPED[char].match(self.line, self.column):
                self.column = found.end()
            if self.column >= len(self.line) or self._at_backslash_newline():
                yield from self._next_line()
            elif self.line[self.column] == char:
                break
            else:
                self.column += 2
        if char == "'":
            self._quote(start, self.offset)
        self.column += 1
        self._pop()

    def _double(self) -> Waiting:
        self._push('"', '"')
        while True:
            start = self.offset
            if found := _DOUBLE.match(self.line, self.column):
                self.column = found.end()
            self._quote(start, self.offset)
            char = self.line[self.column : self.column + 1]
            if char == '"':
                break
            yield from self._in_quotes(char)
        self.column += 1
        self._pop()

    def _in_quotes(self, char: str) -> Waiting:
        """Read on at `char`, which is special also between double quotes."""
        if not char:
            yield from self._next_line()
        elif char == "\\":
            self._quote(self.offset, self.offset + 2)
            if self._at_backslash_newline():
                yield from self._next_line()
            else:
                self.column += 2
        elif char == "`":
            yield from self._backquotes()
        else:
            start = self.offset
            yield from self._dollar()
            if self.offset == start + 1:
                self._quote(start, start + 1)

    def here_text(self) -> Waiting:
        """Read the lines of a here-document whose delimiter is not quoted."""
        while True:
            if found := _HERE.match(self.line, self.column):
                self.column = found.end()
            yield from self._in_quotes(self.line[self.column : self.column + 1])

    def _nested(self, opener: str, close: str, *, opened: int = 1) -> Waiting:
        """Read `opener` and on to `close`; quotes and expansions in between are skipped.

        In `${...}`, a single brace does not nest.
        """
        self.column += 1
        self._push(opener, close * opener.count(opener[-1]))
        pattern = _NESTED[close]
        while opened:
            if found := pattern.match(self.line, self.column):
                self.column = found.end()
            char = self.line[self.column : self.column + 1]
            if not char:
                yield from self._next_line()
            elif char == close:
                opened -= 1
                self.column += 1
            elif char == opener[-1] and char != "{":
                opened += 1
                self.column += 1
            elif self._at_backslash_newline():
                yield from self._next_line()
            elif char in "\\'\"`$":
                yield from self._part(char)
            else:
                self.column += 1
        self._pop()

    def _array(self) -> Waiting:
        """Read the elements of an array, which may be on several lines, with comments."""
        self.column += 1
        self._push("(", ")")
        while True:
            yield from self._newlines()
            if self.line.startswith(")", self.column):
                self.column += 1
                break
            before = self.row, self.column
            yield from self._word()
            if before == (self.row, self.column):
                raise UnexpectedTextError(f"unexpected {self.line[self.column]!r}")
        self._pop()

    def _substitution(self, start: int, opener: str) -> Waiting:
        """Read the commands of a substitution; the position is at its parenthesis."""
        raise NotImplementedError

    def _newlines(self) -> Waiting:
        """Skip blanks, comments and line breaks, and read the here-documents in between."""
        raise NotImplementedError
