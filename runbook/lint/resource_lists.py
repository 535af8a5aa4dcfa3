"""The list `lists/resources.txt`: what programs make and use, and what packages bring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Final

from attrs import frozen

from runbook.shelltext.program import Program

_SECTIONS: Final = ("programs", "texts", "ignored", "everywhere", "platform", "brings")


@frozen
class Clause:
    """What a program does with some of its words: `makes` or uses things of a `kind`."""

    makes: bool
    kind: str
    where: tuple[str, ...]


@frozen
class Line:
    """The clauses of a program that has all the `words` as operands and `options`."""

    words: tuple[str, ...]
    options: tuple[str, ...]
    clauses: tuple[Clause, ...]

    @property
    def valued(self) -> tuple[str, ...]:
        """The options of which the line names the values."""
        return tuple(w for clause in self.clauses for w in clause.where if w[0] == "-")

    def operands_after(self, program: Program) -> tuple[str, ...] | None:
        """Return the operands behind the words, or `None` if the line is not about `program`."""
        if not all(_has_option(program, option) for option in self.options):
            return None
        left = program.operands
        for word in self.words:
            if word not in left:
                return None
            left = left[left.index(word) + 1 :]
        return left


def _has_option(program: Program, option: str) -> bool:
    if option in program.arguments:
        return True
    if option.startswith("--"):
        return any(word.startswith(f"{option}=") for word in program.arguments)
    return any(
        len(option) == 2 and word[:1] == "-" != word[1:2] and option[1] in word[1:]
        for word in program.arguments
    )


@cache
def _sections() -> dict[str, tuple[str, ...]]:
    text = resources.files("runbook.lint").joinpath("lists/resources.txt").read_text("utf-8")
    found: dict[str, list[str]] = {name: [] for name in _SECTIONS}
    section = ""
    for line in text.splitlines():
        if line[:1] == "[" and line[-1:] == "]" and line[1:-1] in found:
            section = line[1:-1]
        elif line and not line.startswith("#"):
            found[section].append(line)
    return {name: tuple(lines) for name, lines in found.items()}


@cache
def _programs() -> dict[str, tuple[Line, ...]]:
    found: dict[str, list[Line]] = {}
    for text in _sections()["programs"]:
        left, _, right = text.partition(": ")
        name, *words = left.split()
        clauses = tuple(
            Clause(verb == "makes", kind, tuple(where))
            for verb, kind, *where in (clause.split() for clause in right.split(";"))
        )
        operands = tuple(word for word in words if word[0] != "-")
        options = tuple(word for word in words if word[0] == "-")
        found.setdefault(name, []).append(Line(operands, options, clauses))
    return {name: tuple(lines) for name, lines in found.items()}


def line_of(program: Program) -> tuple[Line, tuple[str, ...]] | None:
    """Return the line about `program` and its operands behind the line's words, if there is one."""
    for line in _programs().get(program.name, ()):
        operands = line.operands_after(program)
        if operands is not None:
            return line, operands
    return None


@cache
def text_patterns() -> tuple[tuple[bool, str, re.Pattern[str]], ...]:
    """Return whether text `makes` things, of which kind, and the pattern of their names in it."""
    return tuple(
        (verb == "makes", kind, re.compile(pattern))
        for verb, kind, pattern in (line.split(maxsplit=2) for line in _sections()["texts"])
    )


@cache
def ignored() -> frozenset[str]:
    """Return the programs of which a path says nothing."""
    return frozenset(word for line in _sections()["ignored"] for word in line.split())


@cache
def everywhere() -> frozenset[str]:
    """Return the programs that are the same on every system."""
    return frozenset(word for line in _sections()["everywhere"] for word in line.split())


def is_platform_file(path: str) -> bool:
    """Return whether every system has the file `path`."""
    return any(fnmatchcase(path, pattern) for pattern in _platform())


@cache
def _platform() -> tuple[str, ...]:
    return tuple(word for line in _sections()["platform"] for word in line.split())


@cache
def bringers() -> dict[tuple[str, str], frozenset[str]]:
    """Return the packages that bring a command or a unit, by its kind and name."""
    found: dict[tuple[str, str], set[str]] = {}
    for package, thing in _brought():
        found.setdefault(thing, set()).add(package)
    return {thing: frozenset(packages) for thing, packages in found.items()}


def _brought() -> Iterator[tuple[str, tuple[str, str]]]:
    for line in _sections()["brings"]:
        packages, _, things = line.partition(":")
        for part in things.split(";"):
            names = part.split()
            kind = "command"
            if names[:1] == ["unit"]:
                kind, names = "unit", names[1:]
            for package in packages.split():
                for name in names:
                    yield package, (kind, name)
