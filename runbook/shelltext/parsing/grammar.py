"""The grammar of bash: commands, pipelines, compound commands, functions, here-documents.

It is read as in bash's own `parse.y`, but forgives what only running can show to be wrong. What
is found is kept as places in the text; `runbook.shelltext.parsing.commands` makes values of them.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Final

from attrs import define, field, frozen

from runbook.shelltext.parsing.compound import COMPOUND, PARAMETERS, RESERVED, CompoundReader
from runbook.shelltext.parsing.found import FoundCommand, FoundRedirect, Scope
from runbook.shelltext.parsing.lines import Span, Waiting
from runbook.shelltext.parsing.simple import simple_command

_REDIRECT: Final = re.compile(
    r"(?:\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<>|<&|<(?!\()|>>|>\||>&|>(?!\()|&>>?)"
)
_NO_RESERVED: Final = re.compile(r"[A-Zabghj-rvxyz/.$\"':0-9_>]")
"""What neither a reserved word nor anything but a simple command starts with."""

_JOINS: Final = re.compile(r"&&|\|\||\|&?")
_TIME_OPTION: Final = re.compile(r"[ \t]+-p(?=[ \t]|\Z)")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_QUOTE: Final = re.compile(r"\$(?=['\"])|['\"\\]")


@frozen
class HereDocument:
    """A here-document whose lines follow; `row` is the line of its operator."""

    delimiter: str
    strips_tabs: bool
    row: int
    redirect: FoundRedirect


@define
class GrammarReader(CompoundReader):
    """Reads commands.

    `scopes` is what is within each substitution, by its start. `intricate` is whether a command
    was not simple enough to be read at once.
    """

    scopes: dict[int, Scope] = field(factory=dict)
    _here_documents: list[HereDocument] = field(factory=list)
    intricate: bool = False
    _functions_around: int = 0
    _source: Span | None = None

    def _list(self, *ends: str) -> Generator[None, None, str]:
        """Read commands up to one of `ends`, which is returned, or to the end of a line."""
        while True:
            if ends:
                if not self._at_next():
                    yield from self._newlines()
                if end := self._take(*ends):
                    return end
            else:
                if self._skip():
                    yield from self._blanks()
                if self.column >= len(self.line):
                    yield from self._here_document_lines()
                    return ""
            first = len(self.scope.commands)
            begun = self._at_once()
            if not (begun and self._ends_command()):
                yield from self._pipeline(first, begun=begun)
            if self.column >= len(self.line) or (ends and self._at(*ends)):
                continue
            if not self._ends_command():
                raise self._unexpected()
            self.column += 1

    def _at_next(self) -> bool:
        """Skip blanks, comments and line breaks; return whether what follows them is there."""
        while not self._skip():
            if self.column < len(self.line):
                return True
            if self._here_documents or not self._advance():
                return False
        return False

    def _ends_command(self) -> bool:
        """Return whether the command ends here: at a `;`, a `&` or the end of the line."""
        following = self.line[self.column : self.column + 2]
        return following[:1] in ("", ";", "&") and following not in (";;", ";&", "&&")

    def _pipeline(self, first: int, *, begun: bool) -> Waiting:
        """Read commands that `|`, `&&` or `||` join; the first may have been read already."""
        outside = self._source
        while True:
            if not begun:
                self.intricate = True
                yield from self._command()
            if self._skip():
                yield from self._blanks()
            found = _JOINS.match(self.line, self.column)
            if not found:
                break
            self.column = found.end()
            self._source = (
                outside if found[0] in ("&&", "||") else (first, len(self.scope.commands))
            )
            self._push(found[0], "another command")
            if not self._at_next():
                yield from self._newlines()
            self._pop()
            first = len(self.scope.commands)
            begun = self._at_once()
        self._source = outside

    def _at_once(self) -> bool:
        """Read a simple command that needs no closer look; return whether there was one."""
        if not _NO_RESERVED.match(self.line, self.column) and RESERVED.match(
            self.line, self.column
        ):
            return False
        found = simple_command(self.line, self.column, self._base)
        if found is None:
            return False
        self.column = found.column
        if found.quoted:
            self.quoted += found.quoted
        command = found.command
        command.source = self._source
        command.in_function = self._functions_around > 0
        self.scope.commands.append(command)
        return True

    def _command(self) -> Waiting:
        found = RESERVED.match(self.line, self.column)
        word = found[1] if found else ""
        while word in ("!", "time"):
            self.column += len(word)
            if word == "time" and (option := _TIME_OPTION.match(self.line, self.column)):
                self.column = option.end()
            yield from self._blanks()
            if self.column >= len(self.line) or self.line[self.column] in ";&|)":
                return
            found = RESERVED.match(self.line, self.column)
            word = found[1] if found else ""
        first = len(self.scope.commands)
        if self._is_next("("):
            yield from self._parenthesis()
        elif word in ("", "in", "]]"):
            yield from self._simple()
            return
        elif word in COMPOUND:
            yield from self.compound(word)
            if word in ("function", "coproc"):
                return
        else:
            raise self._unexpected()
        yield from self._redirections(first)

    def _redirections(self, first: int) -> Waiting:
        """Read the redirections of a compound command, whose first simple one is `first`."""
        yield from self._blanks()
        if self.column >= len(self.line) or self.line[self.column] in ";&|)":
            return
        target = FoundCommand(
            source=self._source, in_function=bool(self._functions_around), compound=True
        )
        while found := _REDIRECT.match(self.line, self.column):
            yield from self._redirect(found, target)
            yield from self._blanks()
        if target.redirects:
            for command in self.scope.commands[first:]:
                command.outer += target.redirects
            self.scope.commands.append(target)

    def _redirect(self, found: re.Match[str], command: FoundCommand) -> Waiting:
        self.column = found.end()
        yield from self._blanks()
        start, column, number = self.offset, self.column, self._number
        yield from self._word()
        redirect = FoundRedirect(found[1], (start, self.offset))
        command.redirects.append(redirect)
        if found[1] in ("<<", "<<-"):
            written = self.line[column : self.column] if number == self._number else ""
            delimiter = _QUOTE.sub("", written)
            redirect.expands = delimiter == written
            self._here_documents.append(
                HereDocument(delimiter, found[1] == "<<-", self.row, redirect)
            )

    def _here_document_lines(self) -> Waiting:
        """Read the here-documents that the current line has opened."""
        while self._here_documents:
            here = self._here_documents[0]
            start = self._base + len(self.line) + 1
            joined = False
            while True:
                yield from self._next_line()
                line = self.line.lstrip("\t") if here.strips_tabs else self.line
                if line == here.delimiter and not joined:
                    break
                backslashes = len(line) - len(line.rstrip("\\"))
                joined = here.redirect.expands and backslashes % 2 == 1
            here.redirect.body = (start, self._base)
            self._here_documents.pop(0)
            self.column = len(self.line)
            self._quote(start, self.offset)

    def _newlines(self) -> Waiting:
        while True:
            if self._skip():
                yield from self._blanks()
            if self.column < len(self.line):
                return
            if self._here_documents:
                yield from self._here_document_lines()
            if not self._advance():
                yield from self._next_line()

    def _simple(self) -> Waiting:
        """Read a simple command, or the definition of a function without `function`."""
        command = FoundCommand(source=self._source, in_function=bool(self._functions_around))
        while True:
            if self._skip():
                yield from self._blanks()
            if self.column >= len(self.line):
                break
            start, column, number = self.offset, self.column, self._number
            if found := _REDIRECT.match(self.line, column):
                yield from self._redirect(found, command)
                continue
            yield from self._word(subscript=not command.words)
            if (column, number) == (self.column, self._number):
                break
            one_line = number == self._number
            if not command.words and one_line and _ASSIGNMENT.match(self.line, column):
                command.assignments.append((start, self.offset))
            else:
                command.words.append((start, self.offset))
        if self._is_next("("):
            parameters = PARAMETERS.match(self.line, self.column)
            if len(command.words) != 1 or command.redirects or not parameters:
                raise self._unexpected()
            self.column = parameters.end()
            yield from self._body(command.words[0])
        elif not (command.words or command.assignments or command.redirects):
            raise self._unexpected()
        else:
            self.scope.commands.append(command)

    def _substitution(self, start: int, opener: str) -> Waiting:
        self._substituted(start)
        self.column += 1
        self._push(opener, ")")
        outer = (self.scope, self._source, self._here_documents)
        self.scope = self.scopes[start] = Scope()
        self._source, self._here_documents = None, []
        yield from self._list(")")
        left = self._here_documents
        self.scope, self._source, self._here_documents = outer
        self._here_documents += left
        self._pop()
        self.extents[start] = self.offset

    def _body(self, name: Span) -> Waiting:
        self.scope.functions.append(name)
        self._push("a function", "its body")
        yield from self._newlines()
        # It reads what it is called with, not what is read where it is defined.
        outside, self._source = self._source, None
        self._functions_around += 1
        yield from self._command()
        self._functions_around -= 1
        self._source = outside
        self._pop()
