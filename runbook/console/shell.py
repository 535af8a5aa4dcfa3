"""Tell where a shell command ends: quotes, here-documents, continuations and compounds.

This is no parser of the shell. It knows just enough of the grammar of POSIX.1-2017 (Shell
Command Language) and of bash to say whether a command is complete after a line, the way an
interactive shell decides between its first and its second prompt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import define, field, frozen

_OPENERS: Final = {"for": "done", "select": "done", "while": "done", "until": "done", "if": "fi"}
_COMMAND_FOLLOWS: Final = frozenset({"do", "then", "else", "elif", "!", "time", "while", "until"})
_HEREDOC: Final = re.compile(
    r"<<(?P<strip>-?)[ \t]*(?P<word>(?:'[^']*'|\"[^\"]*\"|\\.|[\w.@%+:,/!-])+)"
)
_WORD: Final = re.compile(r"[^\s;&|()<>\"'`\\$#{}]+|[#{}]")
_WORD_GOES_ON: Final = re.compile(r"[^\s;&|()<>]")
_NOTHING_MORE: Final = re.compile(r"\s*(?:#|\Z)")
_CODE: Final = frozenset({"", ")", "`", "))", "esac", "done", "fi", "}"})
"""Ends of the constructs in which the text is shell code, rather than quoted."""


@frozen
class Construct:
    """Something that a command has opened: how it began, what would end it, and where."""

    opener: str
    end: str
    line: int


@frozen
class _HereDocument:
    delimiter: str
    strips_tabs: bool
    line: int


@define
class Reader:
    """Reads a command line by line and knows after each whether the command is complete."""

    _open: list[Construct] = field(factory=list)
    _heredocs: list[_HereDocument] = field(factory=list)
    _continued: Construct | None = None
    _begins: bool = True
    _count: int = 0

    @property
    def awaits(self) -> Construct | None:
        """What the command still waits for, or `None` if it is complete."""
        if self._heredocs:
            first = self._heredocs[0]
            return Construct("here-document", first.delimiter, first.line)
        if self._open:
            return self._open[-1]
        return self._continued

    @property
    def in_heredoc(self) -> bool:
        """Whether the next line belongs to a here-document."""
        return bool(self._heredocs) and not self._open_quote()

    @property
    def in_text(self) -> bool:
        """Whether the next line's blanks matter: in a here-document or a quotation."""
        return bool(self._heredocs) or self._open_quote()

    def _open_quote(self) -> bool:
        return bool(self._open) and self._open[-1].end in ("'", '"', "$'")

    def feed(self, line: str) -> None:
        """Read one more `line`, given without its newline."""
        if self.in_heredoc:
            here = self._heredocs[0]
            if (line.lstrip("\t") if here.strips_tabs else line) == here.delimiter:
                del self._heredocs[0]
        else:
            self._read(line)
        self._count += 1

    def _read(self, line: str) -> None:
        if self._continued is None or self._continued.opener != "\\":
            self._begins = True
        self._continued = None
        position = 0
        word_start = True
        while position < len(line):
            end = self._open[-1].end if self._open else ""
            if end in _CODE:
                position, word_start = self._code(line, position, end, word_start)
            else:
                position = self._quoted(line, position, end)
                word_start = False

    def _quoted(self, line: str, position: int, end: str) -> int:
        """Read on inside a quotation or `${...}` and return the new position."""
        char = line[position]
        if end == "'":
            closing = line.find("'", position)
            if closing < 0:
                return len(line)
            self._open.pop()
            return closing + 1
        if char == "\\":
            return position + 2
        if char == end[-1]:
            self._open.pop()
            return position + 1
        if end == "$'":
            return position + 1
        if end == "${}" and char in "'\"":
            self._push(char, char)
            return position + 1
        return self._expansion(line, position) or position + 1

    def _expansion(self, line: str, position: int) -> int:
        """Open the expansion that begins at `position`; return the position behind it, or 0."""
        for opener, end in (("$((", "))"), ("$(", ")"), ("${", "${}"), ("`", "`")):
            if line.startswith(opener, position):
                self._push(opener, end)
                self._begins = True
                return position + len(opener)
        return 0

    def _push(self, opener: str, end: str) -> None:
        self._open.append(Construct(opener, end, self._count))

    def _code(self, line: str, position: int, end: str, word_start: bool) -> tuple[int, bool]:
        """Read one token of shell code; return the new position and whether a word may begin."""
        char = line[position]
        if char.isspace():
            return position + 1, True
        if char == "\\":
            if position == len(line) - 1:
                self._continued = Construct("\\", "another line", self._count)
            self._begins = False
            return position + 2, False
        if char == "#" and word_start and end != "))":
            return len(line), True
        if end in ("`", "))", ")") and line.startswith(end, position):
            self._open.pop()
            # `name()` begins a function, whose body may be a compound command.
            self._begins = line[position - 1 : position] == "("
            return position + len(end), self._begins
        if char == "$" and line[position + 1 : position + 2] == "'":
            self._push("'", "$'")
            return position + 2, False
        if char in "'\"":
            self._push(char, char)
            self._begins = False
            return position + 1, False
        if behind := self._expansion(line, position):
            return behind, True
        if char == "<" and end != "))":
            return self._redirect(line, position), True
        if char in ";&|()":
            return self._operator(line, position, end), True
        return self._word(line, position, word_start)

    def _redirect(self, line: str, position: int) -> int:
        if line.startswith("<<<", position):
            return position + 3
        found = _HEREDOC.match(line, position)
        if not found:
            return position + 1
        delimiter = re.sub(r"['\"\\]", "", found["word"])
        self._heredocs.append(_HereDocument(delimiter, bool(found["strip"]), self._count))
        return found.end()

    def _operator(self, line: str, position: int, end: str) -> int:
        char = line[position]
        if char == "(":
            double = line.startswith("((", position) and self._begins
            self._push("((" if double else "(", "))" if double else ")")
            self._begins = True
            return position + (2 if double else 1)
        length = 2 if line[position : position + 2] in ("&&", "||", ";;", "|&", ";&") else 1
        operator = line[position : position + length]
        joins = operator in ("&&", "||", "|", "|&")
        if joins and _NOTHING_MORE.match(line, position + length):
            self._continued = Construct(operator, "another command", self._count)
        # A `)` that closes nothing here ends a pattern of `case`.
        redirects = operator == "&" and line[position - 1 : position] in ("<", ">")
        self._begins = not redirects or end == "esac"
        return position + length

    def _word(self, line: str, position: int, word_start: bool) -> tuple[int, bool]:
        found = _WORD.match(line, position)
        if not found:
            self._begins = False
            return position + 1, False
        word = found[0]
        stands_alone = word_start and not _WORD_GOES_ON.match(line, found.end())
        if self._begins and stands_alone:
            self._keyword(word)
        else:
            self._begins = False
        return found.end(), False

    def _keyword(self, word: str) -> None:
        if word in _OPENERS:
            self._push(word, _OPENERS[word])
        elif word == "case":
            self._push(word, "esac")
        elif word == "{":
            self._push(word, "}")
        elif self._open and word == self._open[-1].end:
            self._open.pop()
            self._begins = False
            return
        self._begins = word in _COMMAND_FOLLOWS or word in ("if", "{")


def explain(awaited: Construct) -> str:
    """Return in words what a command that ends too early has left open."""
    match awaited.opener:
        case "here-document":
            return f"the here-document that {awaited.end!r} should end is left open"
        case "'" | '"':
            return f"the quotation that {awaited.opener} begins is left open"
        case "\\":
            return "the line ends with a backslash, but no line follows"
        case "&&" | "||" | "|" | "|&":
            return f"the line ends with {awaited.opener!r}, but no command follows"
        case _:
            end = awaited.end.removeprefix("${")
            return f"{awaited.opener!r} is left open: there is no {end!r}"


@frozen
class Piece:
    """One logical command: its `text` and the `offset` of its first line in the block."""

    text: str
    offset: int


def pieces(lines: Sequence[str]) -> tuple[list[Piece], tuple[int, str] | None]:
    """Return the logical commands of a script's `lines`, and what the last has left open.

    Blank lines and remarks between commands are left out. The second value is the offset of
    the line that opened something and the complaint, or `None`.
    """
    found: list[Piece] = []
    position = 0
    while position < len(lines):
        if not lines[position].strip() or lines[position].lstrip().startswith("#"):
            position += 1
            continue
        start, reader = position, Reader()
        taken: list[str] = []
        while position < len(lines) and (position == start or reader.awaits):
            line = lines[position]
            if not reader.in_text:
                line = line.rstrip()
            reader.feed(line)
            taken.append(line if reader.in_text else line.rstrip() if not taken else line)
            position += 1
        if reader.awaits:
            return found, (start + reader.awaits.line, explain(reader.awaits))
        found.append(Piece("\n".join(taken).rstrip(), start))
    return found, None
