"""Split shell text into simple commands: words without their quotes, and redirections.

Commands in subshells, loops, functions and substitutions are simple commands like any other.
What only a running shell can tell, such as the values of variables, stays as written. Text that
is not valid shell never raises an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from attrs import define, evolve, field

from runbook.shelltext.parsing.commands import Assignment, Redirect, ShellText, SimpleCommand
from runbook.shelltext.parsing.compound import RESERVED_WORDS
from runbook.shelltext.parsing.decode import WordSource
from runbook.shelltext.parsing.found import FoundCommand, FoundRedirect, Scope
from runbook.shelltext.parsing.lines import Span
from runbook.shelltext.parsing.reader import Reader, explain
from runbook.shelltext.parsing.words import MASK, Word, moved

__all__ = [
    "MASK",
    "Assignment",
    "Redirect",
    "ShellText",
    "SimpleCommand",
    "Word",
    "masked",
    "read",
    "split",
]

_PLAIN_LINE: Final = re.compile(r"(?:[\w./:=@%+,^ -]++|'[^'\n]*+'|\"[^\"$`\\\n]*+\")*+(?:\n|\Z)")
_PLAIN_WORD: Final = re.compile(r"(?:[^ \n'\"]++|'[^']*+'|\"[^\"]*+\")++")
_QUOTES: Final = re.compile(r"'([^']*+)'|\"([^\"]*+)\"")
_NO_BREAK: Final = re.compile(r"[^\n]")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_DECLARES: Final = frozenset({"declare", "export", "local", "readonly", "typeset"})
_READS: Final = frozenset({"read", "mapfile", "readarray", "printf", "getopts", "let"})
"""Programs that give values to variables that their words name."""

_NO_PROGRAMS: Final = RESERVED_WORDS | _DECLARES | _READS

_ESCAPED: Final = {
    False: re.compile(r"\\([\\$`])"),
    True: re.compile(r"\\([\\$`\"])"),
}


def split(text: str) -> tuple[SimpleCommand, ...]:
    """Return the simple commands of `text`, ordered by where they start."""
    return read(text).commands


@lru_cache(1024)
def masked(text: str) -> str:
    """Return `text` with `MASK` for everything quoted or escaped, comments and here-documents.

    Its length and its line breaks are those of `text`.
    """
    plain = _PLAIN_LINE.fullmatch(text) and "'" not in text and '"' not in text
    return text if plain else _masked(text, _read(text)[0].quoted)


@lru_cache(1024)
def read(text: str) -> ShellText:
    """Return what is in `text`, also within its substitutions."""
    if _PLAIN_LINE.match(text) and (plain := _plain(text)):
        return plain
    reader, problems = _read(text)
    return _Builder(text, reader).build(reader.whole, problems)


def plain_words(line: str, base: int = 0) -> tuple[Word, ...]:
    """Return the words of a line of nothing but plain words; none if it takes a closer look.

    `base` is the offset of the line.
    """
    if not _PLAIN_LINE.fullmatch(line):
        return ()
    found = _PLAIN_WORD.finditer(line)
    if "'" in line or '"' in line:
        words = [_unquoted(one[0], base + one.start()) for one in found]
    else:
        words = [Word(one[0], one[0], base + one.start()) for one in found]
    if not words or words[0].text in _NO_PROGRAMS or "=" in words[0].masked:
        return ()
    return tuple(words)


def _unquoted(written: str, offset: int) -> Word:
    if "'" not in written and '"' not in written:
        return Word(written, written, offset)
    text = _QUOTES.sub(lambda one: one[one.lastindex or 0], written)
    shown = _QUOTES.sub(lambda one: MASK * len(one[one.lastindex or 0]), written)
    return Word(text, shown, offset)


def _plain(text: str) -> ShellText | None:
    """Return what is in a text of plain words, unless one stands for more than itself."""
    commands: list[SimpleCommand] = []
    base = 0
    for line in text.split("\n"):
        if words := plain_words(line, base):
            commands.append(SimpleCommand(words))
        elif line.strip(" "):
            return None
        base += len(line) + 1
    found = tuple(commands)
    return ShellText(found, found)


@lru_cache(64)
def _read(text: str) -> tuple[Reader, tuple[str, ...]]:
    reader = Reader()
    reader.read(text)
    problems = [f"bash refuses a part of it: {error}" for error in reader.errors]
    if reader.awaits:
        problems.append(f"it is not complete: {explain(reader.awaits)}")
    return reader, tuple(problems)


def _masked(text: str, quoted: Sequence[Span]) -> str:
    if not quoted:
        return text
    shown: list[str] = []
    place = 0
    for start, end in sorted(quoted):
        if end > place:
            begin = max(start, place)
            shown += (text[place:begin], _NO_BREAK.sub(MASK, text[begin:end]))
            place = end
    return "".join((*shown, text[place:]))


@define
class _Gathered:
    """What is found in a scope besides its own commands: mostly what is in substitutions."""

    problems: dict[str, None]
    commands: list[SimpleCommand] = field(factory=list)
    assignments: list[Assignment] = field(factory=list)
    functions: list[str] = field(factory=list)

    def add(self, shell: ShellText, commands: Iterable[SimpleCommand]) -> None:
        """Add what is in `shell`, whose commands are `commands` in the whole text."""
        self.commands += commands
        self.assignments += shell.assignments
        self.functions += shell.functions
        self.problems |= dict.fromkeys(shell.problems)


class _Builder:
    """Makes values of the places that a reader has found in `text`."""

    def __init__(self, text: str, reader: Reader) -> None:
        self.text = text
        self.reader = reader
        self.outputs: dict[int, ShellText] = {}
        self.source = WordSource(text, reader.extents, self.outputs)

    def build(self, scope: Scope, problems: Iterable[str] = (), *, fed: bool = False) -> ShellText:
        """Return what is in `scope`; with `fed`, what surrounds it determines what it reads."""
        found = _Gathered(dict.fromkeys(problems))
        self._substitutions(scope, found, fed=fed)
        own: list[SimpleCommand] = []
        for one in scope.commands:
            own.append(self._command(one, own, found, fed=fed))
            found.assignments += (self._assigned(span) for span in one.assignments)
            found.assignments += self._named(own[-1], one.words)
        for name, taken in scope.loops:
            variable = self.text[slice(*name)]
            values = [Assignment(variable, w) for span in taken for w in self.source.words(span)]
            found.assignments += values or [Assignment(variable, None)]
        found.functions += (self.text[slice(*span)] for span in scope.functions)
        own = [one for one in own if one.words or one.redirects]
        nested = found.commands
        commands = sorted((*own, *nested), key=_start) if nested else own
        return ShellText(
            tuple(commands),
            tuple(own),
            tuple(found.assignments),
            tuple(found.functions),
            tuple(found.problems),
            self.reader.intricate,
        )

    def _substitutions(self, scope: Scope, found: _Gathered, *, fed: bool) -> None:
        """Read the substitutions in `scope`."""
        for start, quoted in scope.substitutions:
            written = self.text[start : self.reader.extents.get(start, start)]
            if start in self.reader.scopes:
                feeds = self.text[start] == ">"
                shell = self.build(self.reader.scopes[start], fed=fed or feeds)
                found.add(shell, shell.commands)
            elif written:
                shell = read(_ESCAPED[quoted].sub(r"\1", written[1:-1]))
                found.add(shell, _moved(shell.commands, start + 1))
            else:
                continue
            self.outputs[start] = shell

    def _command(
        self, found: FoundCommand, made: list[SimpleCommand], nested: _Gathered, *, fed: bool
    ) -> SimpleCommand:
        words: list[Word] = []
        for span in found.words:
            self.source.add_words(span, words)
        redirects: tuple[Redirect, ...] = ()
        inputs: tuple[Word, ...] = ()
        source = None
        fed = fed or found.in_function
        if found.redirects or found.outer:
            redirects = tuple(
                Redirect(r.operator, self.source.word(r.target)) for r in found.redirects
            )
            documents = (self._input(r, nested) for r in (*found.redirects, *found.outer))
            inputs = tuple(one for one in documents if one is not None)
            fed = fed or any(r.operator in ("<", "<&", "<>") for r in found.outer)
        if found.source is not None:
            first, last = found.source
            source = made[first] if last == first + 1 else None
        piped = found.source is not None
        return SimpleCommand(tuple(words), redirects, inputs, piped, source, fed, found.compound)

    def _input(self, redirect: FoundRedirect, nested: _Gathered) -> Word | None:
        if redirect.operator == "<<<":
            return self.source.word(redirect.target)
        if redirect.operator not in ("<<", "<<-"):
            return None
        start, end = redirect.body
        text = self.text[start : max(start, end - 1)]
        if redirect.expands and ("$" in text or "`" in text or "\\" in text):
            reader = Reader()
            reader.read_here_document(text)
            within = _Builder(text, reader)
            gathered = _Gathered({})
            within._substitutions(reader.whole, gathered, fed=False)
            nested.commands += _moved(gathered.commands, start)
            nested.assignments += gathered.assignments
            nested.problems |= gathered.problems
            return within.source.here_document(start)
        if redirect.operator == "<<-":
            text = "\n".join(line.lstrip("\t") for line in text.split("\n"))
        return Word(text, text, start)

    def _named(self, command: SimpleCommand, spans: Sequence[Span]) -> Iterator[Assignment]:
        """Yield what a program assigns to variables that its words name."""
        name = command.words[0].text if command.words else ""
        if name in _DECLARES:
            for span in spans[1:]:
                if _ASSIGNMENT.match(self.text, *span):
                    yield self._assigned(span)
        elif name in _READS:
            for word in command.words[1:]:
                if _NAME.fullmatch(word.text):
                    yield Assignment(word.text, None)

    def _assigned(self, span: Span) -> Assignment:
        start, end = span
        found = _ASSIGNMENT.match(self.text, start, end)
        if not found:
            return Assignment("", None)
        name, subscript, added = found.groups()
        if subscript or added or self.text.startswith("(", found.end()):
            return Assignment(name, None)
        return Assignment(name, self.source.word((found.end(), end)))


def _start(command: SimpleCommand) -> int:
    first = command.words[0] if command.words else command.redirects[0].target
    return first.offset


def _moved(commands: Iterable[SimpleCommand], by: int) -> Iterator[SimpleCommand]:
    sources: dict[int, SimpleCommand] = {}
    for command in commands:
        other = sources[id(command)] = evolve(
            command,
            words=tuple(moved(word, word.offset + by) for word in command.words),
            redirects=tuple(
                evolve(one, target=moved(one.target, one.target.offset + by))
                for one in command.redirects
            ),
            source=sources.get(id(command.source)),
        )
        yield other
