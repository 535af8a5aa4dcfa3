"""Split shell text into its simple commands: words without their quotes, and redirections.

The reader of `runbook.console.shell` says where a command ends. This says what is in it, as far
as one can tell without running it: variables and patterns stay as they are written. Commands
in subshells, loops, functions and substitutions are simple commands like any other. Text that
is no shell never raises an error.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import define, field, frozen

QUOTED: Final = "\0"
"""What stands in a bare text for a character that the shell does not act on."""

_KEYWORDS: Final = frozenset(
    [
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "while",
        "until",
        "do",
        "done",
        "!",
        "{",
        "}",
        "time",
        "esac",
    ]
)
_REDIRECT: Final = re.compile(r"\d*(<<<|<<-?|<>|<&|<|>>|>\||>&|>)|&>>?")
_DEEPEST: Final = 40
"""Nesting beyond this is taken for plain text."""


@frozen
class Word:
    """A word as the program gets it; `bare` has `QUOTED` for what was quoted or escaped.

    `offset` is that of its first character in the whole text.
    """

    text: str
    bare: str
    offset: int


@frozen
class Redirect:
    """A redirection; the target of a here-document is its delimiter."""

    operator: str
    target: Word


@frozen
class Simple:
    """One command with its words and redirections.

    `piped` is whether it reads what the command before it writes. `inputs` are the texts of
    its here-documents and here-strings.
    """

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()
    inputs: tuple[str, ...] = ()
    piped: bool = False


def split(text: str) -> tuple[Simple, ...]:
    """Return the simple commands of `text`, in the order in which they begin."""
    scanner = _Scanner(text)
    scanner.commands("")
    return tuple(
        Simple(tuple(one.words), tuple(one.redirects), tuple(one.inputs), one.piped)
        for one in scanner.found
        if one.words or one.redirects
    )


def bare(text: str) -> str:
    """Return `text` with `QUOTED` for all that is quoted, escaped, a remark or a here-document.

    It has the length of `text`, and its line breaks.
    """
    scanner = _Scanner(text)
    scanner.commands("")
    return "".join(scanner.mask)


@define
class _Open:
    words: list[Word] = field(factory=list)
    redirects: list[Redirect] = field(factory=list)
    inputs: list[str] = field(factory=list)
    piped: bool = False


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.mask = list(text)
        self.found: list[_Open] = []
        self._heredocs: list[tuple[_Open, str, bool]] = []
        self._depth = 0

    def _hide(self, start: int, end: int) -> None:
        for position in range(start, min(end, len(self.text))):
            if self.text[position] != "\n":
                self.mask[position] = QUOTED

    def commands(self, end: str) -> None:
        """Read commands up to `end`, which is `)` or nothing for the end of the text."""
        one = self._begin()
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\n":
                self.at += 1
                self._bodies()
                one = self._begin()
            elif char in " \t\r":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif char == "#":
                stop = self._line_end()
                self._hide(self.at, stop)
                self.at = stop
            elif char == ")":
                self.at += 1
                if end == ")":
                    return
                one = self._begin()
            elif char == "(":
                self.at += 1
                self._nested()
                one = self._begin()
            elif char in "<>&0123456789" and (found := _REDIRECT.match(self.text, self.at)):
                if self.text.startswith(("<(", ">("), self.at):
                    self._take(one)
                else:
                    self._redirect(one, found)
            elif char in ";&|":
                piped = char == "|" and not self.text.startswith("||", self.at)
                while self.at < len(self.text) and self.text[self.at] in ";&|":
                    self.at += 1
                one = self._begin(piped=piped)
            else:
                self._take(one)

    def _begin(self, *, piped: bool = False) -> _Open:
        one = _Open(piped=piped)
        self.found.append(one)
        return one

    def _nested(self) -> None:
        if self._depth >= _DEEPEST:
            return
        self._depth += 1
        self.commands(")")
        self._depth -= 1

    def _line_end(self) -> int:
        found = self.text.find("\n", self.at)
        return len(self.text) if found < 0 else found

    def _take(self, one: _Open) -> None:
        word = self._word()
        if one.words or word.bare not in _KEYWORDS:
            one.words.append(word)

    def _redirect(self, one: _Open, found: re.Match[str]) -> None:
        self.at = found.end()
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        target = self._word()
        operator = found[1] or found[0]
        one.redirects.append(Redirect(operator, target))
        if operator == "<<<":
            one.inputs.append(target.text)
        elif operator in ("<<", "<<-"):
            self._heredocs.append((one, target.text, operator == "<<-"))

    def _bodies(self) -> None:
        """Read the here-documents that the line before has announced."""
        for one, delimiter, strips in self._heredocs:
            body: list[str] = []
            while self.at < len(self.text):
                stop = self._line_end()
                line = self.text[self.at : stop].removesuffix("\r")
                self._hide(self.at, stop)
                self.at = stop + 1
                line = line.lstrip("\t") if strips else line
                if line == delimiter:
                    break
                body.append(line)
            one.inputs.append("\n".join(body))
        self._heredocs.clear()

    def _word(self) -> Word:
        start = self.at
        told: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t\r\n;|)" or (char in "&<>(" and not self._inside(start)):
                break
            self._part(char, told)
        if self.at == start and self.at < len(self.text) and self.text[self.at] not in "\n)":
            self.at += 1
        return Word("".join(told), "".join(self.mask[start : self.at]), start)

    def _inside(self, start: int) -> bool:
        """Tell whether an opening parenthesis or `<` at this place belongs to the word."""
        if self.text[self.at] == "(":
            return self.at > start and self.text[self.at - 1] == "="
        return self.text.startswith(("<(", ">("), self.at)

    def _part(self, char: str, told: list[str]) -> None:
        """Read one character, quotation or substitution of a word."""
        text, at = self.text, self.at
        if char == "'":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            told.append(text[at + 1 : end])
            self._hide(at + 1, end)
            self.at = end + 1
        elif char == '"':
            self.at += 1
            self._double(told)
        elif char == "\\":
            if text[at + 1 : at + 2] != "\n":
                told.append(text[at + 1 : at + 2])
                self._hide(at, at + 2)
            self.at += 2
        elif text.startswith(("$'", '$"'), at):
            self.at += 1
        elif self._substituted(told):
            pass
        else:
            told.append(char)
            self.at += 1

    def _double(self, told: list[str]) -> None:
        while self.at < len(self.text) and self.text[self.at] != '"':
            if self.text[self.at] == "\\":
                escaped = self.text[self.at + 1 : self.at + 2]
                told.append(escaped if escaped in '"\\$`' else "\\" + escaped)
                self._hide(self.at, self.at + 2)
                self.at += 2
            elif not self._substituted(told):
                told.append(self.text[self.at])
                self._hide(self.at, self.at + 1)
                self.at += 1
        self.at += 1

    def _substituted(self, told: list[str]) -> bool:
        """Read `$(...)`, `${...}`, backquotes and the like; false if none stands here."""
        text, start = self.text, self.at
        if text.startswith("$((", start):
            end = text.find("))", start)
            self.at = len(text) if end < 0 else end + 2
        elif text.startswith("=(", start):
            # The words of an array are no command.
            end = text.find(")", start)
            self.at = len(text) if end < 0 else end + 1
        elif text.startswith(("$(", "<(", ">("), start):
            self.at += 2
            self._nested()
        elif text.startswith("${", start):
            end = text.find("}", start)
            self.at = len(text) if end < 0 else end + 1
        elif text[start] == "`":
            end = text.find("`", start + 1)
            end = len(text) if end < 0 else end
            inner = _Scanner(text[start + 1 : end])
            inner.commands("")
            self.found += inner.found
            self.at = end + 1
        else:
            return False
        told.append(text[start : self.at])
        return True
