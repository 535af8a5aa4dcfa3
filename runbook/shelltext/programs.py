"""The programs that shell text starts, also via `sudo`, `ssh HOST`, `sh -c` or `xargs`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from attrs import evolve, field, frozen

from runbook.shelltext.parsing.commands import SimpleCommand
from runbook.shelltext.parsing.lexer import plain_words, read
from runbook.shelltext.parsing.words import Computed, Word, moved
from runbook.shelltext.program import SHELLS, Program, name_of
from runbook.shelltext.scripts import (
    READS_WORDS,
    RUNS_TEXT,
    ScriptFinder,
    Scripts,
    completed_by,
)
from runbook.shelltext.variables import Variables
from runbook.shelltext.wrappers import Wrapped, values, wrapper_names, wrapper_of

__all__ = ["SHELLS", "Program", "plain_program", "programs", "shell_texts"]

_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=")
_EXEC: Final = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_GIVES_WORDS: Final = READS_WORDS | {"find"}
"""Programs that complete the other program's words with what they find or read."""


@cache
def _starters() -> frozenset[str]:
    """Return the names of the programs that start others, or run shell text."""
    return wrapper_names() | RUNS_TEXT | {"find"}


_DEEPEST: Final = 8
"""Shell text nested beyond this depth is not read."""


def programs(text: str, variables: Variables | None = None) -> tuple[Program, ...]:
    """Return every program that `text` starts, each wrapper before the program it wraps.

    Offsets of programs in quoted text are those of the program that got the text. With
    `variables`, to which those that `text` assigns are added, a command has a program for each
    form that it may take.
    """
    if variables is None:
        return _as_written(text)
    variables.add(read(text).assignments)
    while True:
        variables.stale = False
        found = tuple(_Finder(variables).programs(text, _HERE))
        if not variables.stale:
            return found


def shell_texts(text: str) -> tuple[tuple[str, str], ...]:
    """Return each text that a program of `text` gives to a shell, also within others.

    Before it is the name of that program. What the text itself does not tell is as it is written.
    """
    found: list[tuple[str, str]] = []
    for _ in _Finder(None, found).programs(text, _HERE):
        pass
    return tuple(found)


def plain_program(text: str) -> Program | None:
    """Return the program of a line of plain words, if it starts no other one."""
    words = plain_words(text)
    if not words:
        return None
    name = name_of(words[0])
    return None if name in _starters() else Program(name, words)


@lru_cache(1024)
def _as_written(text: str) -> tuple[Program, ...]:
    return tuple(_Finder(None).programs(text, _HERE))


@frozen
class _Place:
    """Where a program stands: how deep in shell text, on another host, after which program.

    `replaced` is what the program that passes the text to a shell replaces in it, and `outer`
    the command that the text was given to, which passes on what it reads.
    """

    depth: int = 0
    elsewhere: bool = False
    starter: str = ""
    replaced: str = ""
    outer: SimpleCommand | None = None


_HERE: Final = _Place()


@frozen
class _Finder:
    variables: Variables | None
    texts: list[tuple[str, str]] = field(factory=list)
    """The texts for shells that were found, each with the program that gives it."""

    def programs(self, text: str, place: _Place) -> Iterator[Program]:
        shell = read(text)
        if self.variables is not None and place.depth:
            self.variables.add(shell.assignments)
        last: dict[int, Program] = {}
        previous: Program | None = None
        for command in shell.commands:
            source = None
            if command.piped:
                source = last.get(id(command.source), previous)
            for program in self._of_command(command, source, place):
                yield program
                previous = last[id(command)] = program

    def _of_command(
        self, command: SimpleCommand, source: Program | None, place: _Place
    ) -> Iterator[Program]:
        words = command.words
        if not words:
            nothing = (Word("", "", command.redirects[0].target.offset),)
            yield Program(
                "",
                nothing,
                command.redirects,
                command.inputs,
                source,
                place.elsewhere,
                wraps=command.compound,
            )
        elif self.variables is None:
            yield from self._started(words, command, source, place)
        else:
            for form in self.variables.forms(words):
                yield from self._started(form, command, source, place)

    def _started(
        self,
        words: tuple[Word, ...],
        command: SimpleCommand,
        source: Program | None,
        place: _Place,
    ) -> Iterator[Program]:
        """Yield the program that `words` start, and all that it starts."""
        while words and "=" in words[0].masked and _ASSIGNMENT.match(words[0].masked):
            words = words[1:]
        if not words:
            return
        if place.replaced and place.replaced in words[0].text:
            words = (_computed(words[0]), *words[1:])
        name = name_of(words[0])
        if name not in _starters():
            yield Program(
                name,
                words,
                command.redirects,
                command.inputs,
                source,
                place.elsewhere,
                place.starter,
            )
            return
        wrapped = wrapper_of(name, words[1:])
        finder = ScriptFinder(self.variables, place.outer)
        scripts = (
            finder.shell(words, command, place.starter)
            if name in SHELLS
            else finder.of(words, name, command, wrapped)
        )
        others = _others(name, words, wrapped)
        ends = not (others or scripts.texts or scripts.unread)
        if ends and wrapped and place.starter in READS_WORDS:
            scripts = Scripts(unread=completed_by(place.starter))
        elif problems := [one for text in scripts.texts for one in read(text).problems]:
            scripts = Scripts(scripts.texts, f"it runs shell text, but {problems[0]}")
        yield Program(
            name,
            words,
            command.redirects,
            command.inputs,
            source,
            place.elsewhere,
            place.starter,
            scripts.unread,
            wrapped is not None,
        )
        inner = _Place(
            place.depth + 1,
            place.elsewhere or (wrapped is not None and wrapped[0].elsewhere),
            name if name in _GIVES_WORDS else place.starter,
            _replaced_by(name, words) or place.replaced,
            command if command.inputs or command.piped else place.outer,
        )
        if scripts.texts:
            self.texts.extend((name, text) for text in scripts.texts)
            yield from self._texts(scripts.texts, words[0].offset, inner)
        if name == "xargs" and others:
            others = [(*others[0], *self._read_words(command, words[0].offset))]
        if others:
            inner = evolve(inner, depth=place.depth, outer=place.outer)
            for other in others:
                yield from self._started(other, command, source, inner)

    def _texts(self, texts: tuple[str, ...], offset: int, place: _Place) -> Iterator[Program]:
        if place.depth > _DEEPEST:
            return
        place = evolve(place, starter="")
        for text in texts:
            for one in self.programs(text, place):
                yield evolve(one, words=tuple(moved(word, offset) for word in one.words))

    def _read_words(self, command: SimpleCommand, offset: int) -> Iterator[Word]:
        """Yield the words that `xargs` reads, if they can be told."""
        for text in ScriptFinder(self.variables).input(command).texts:
            for word in text.split():
                yield Word(word.strip("'\""), word, offset)


def _others(name: str, words: tuple[Word, ...], wrapped: Wrapped | None) -> list[tuple[Word, ...]]:
    """Return the words of the programs that the program `name` starts."""
    found: list[tuple[Word, ...]] = []
    if name == "find":
        texts = [word.text for word in words]
        for start in (n for n, text in enumerate(texts) if text in _EXEC):
            ends = (n for n in range(start, len(texts)) if texts[n] in (";", "+"))
            found.append(words[start + 1 : next(ends, len(texts))])
    elif wrapped is not None and not (wrapped[0].text or wrapped[0].alone):
        options = {char for word in words[1:2] if word.text[:1] == "-" for char in word.text}
        found.append(() if name == "command" and options & {"v", "V"} else wrapped[1])
    return [one for one in found if one]


def _computed(word: Word) -> Word:
    return Word(word.text, word.masked, word.offset, (Computed(word.text, quoted=False),))


def _replaced_by(name: str, words: tuple[Word, ...]) -> str:
    """Return the text that the program `name` replaces by what it finds or reads."""
    if name == "xargs":
        found = next(values(words[1:], frozenset({"-I", "-i", "--replace"})), None)
        joined = (w.text[2:] for w in words if re.match(r"-[Ii].", w.text))
        return found.text if found else next(joined, "")
    return "{}" if name in _GIVES_WORDS else ""
