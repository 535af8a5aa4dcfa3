"""The lists of dangerous and harmless commands: plain text, read once.

Their format is described at the top of each file in `lists/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Final

from attrs import field, frozen

from runbook.shelltext.program import Program

_HEADING: Final = re.compile(r"\[(?P<reason>[^\[\]]+)\]")
_LINE: Final = re.compile(r"(?P<name>\S+?)(?:: (?P<words>.+)| unless (?P<unless>.+))?")
_LETTERS: Final = re.compile(r"-[A-Za-z]{1,5}")


@frozen
class Arguments:
    """Arguments to search for: options wherever they are, and operands in this order."""

    options: tuple[str, ...]
    operands: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Arguments:
        """Return the arguments that `text` lists."""
        words = text.split()
        return cls(
            tuple(word for word in words if word.startswith("-")),
            tuple(word for word in words if not word.startswith("-")),
        )

    def match(self, program: Program, *, certain: bool = False) -> bool:
        """Return whether `program` has them.

        With `certain`, a letter counts only where nothing but options can be meant.
        """
        if self.operands:
            left = iter(program.operands)
            for operand in self.operands:
                if operand not in left:
                    return False
        if not self.options:
            return True
        given = [word for word in program.arguments if word[:1] == "-"]
        return bool(given) and all(
            _has_option(given, option, certain=certain) for option in self.options
        )


def _has_option(given: Sequence[str], option: str, *, certain: bool) -> bool:
    if option.endswith("*"):
        return any(word.startswith(option[:-1]) for word in given)
    if option.startswith("--"):
        name, _, value = option.partition("=")
        for word in given:
            shown, _, other = word.partition("=")
            # Programs accept an option whose end is left out.
            short = len(shown) > 4 and name.startswith(shown) and not certain
            if (shown == name or short) and (not value or other == value):
                return True
        return False
    if len(option) > 2:
        return any(word == option or word.startswith(f"{option}=") for word in given)
    letter = option[1]
    for word in given:
        if word[:1] == "-" and word[1:2] != "-" and letter in word:
            if certain and not _LETTERS.fullmatch(word):
                continue
            return True
    return False


@frozen
class Rule:
    """One line of a list: which arguments of a program are meant, or which are not."""

    reason: str
    arguments: tuple[Arguments, ...] = ()
    unless: tuple[Arguments, ...] = ()
    _by_operand: dict[str, list[Arguments]] = field(init=False, factory=dict, eq=False)
    _by_option: list[Arguments] = field(init=False, factory=list, eq=False)

    def __attrs_post_init__(self) -> None:
        for one in self.arguments:
            several = self._by_option
            if one.operands:
                several = self._by_operand.setdefault(one.operands[0], [])
            several.append(one)

    def match(self, program: Program, *, certain: bool = False) -> bool:
        """Return whether the line is about `program`."""
        if self.unless:
            return bool(program.operands) and not any(
                one.match(program, certain=True) for one in self.unless
            )
        if not self.arguments:
            return True
        found = [one for word in program.operands for one in self._by_operand.get(word, ())]
        return any(one.match(program, certain=certain) for one in (*found, *self._by_option))


@frozen
class Rules:
    """The lines of a list by the name of the program."""

    exact: Mapping[str, tuple[Rule, ...]]
    patterns: tuple[tuple[str, Rule], ...]
    _known: dict[str, tuple[Rule, ...]] = field(factory=dict)

    def of(self, name: str) -> tuple[Rule, ...]:
        """Return the lines about the program `name`."""
        found = self._known.get(name)
        if found is None:
            others = (rule for pattern, rule in self.patterns if fnmatchcase(name, pattern))
            found = self._known[name] = (*self.exact.get(name, ()), *others)
        return found

    def __contains__(self, name: str) -> bool:
        return bool(self.of(name))

    def matches(self, program: Program) -> Iterator[Rule]:
        """Yield the lines that are about `program` for certain."""
        return (rule for rule in self.of(program.name) if rule.match(program, certain=True))


def _lines(name: str) -> Iterator[str]:
    path = resources.files("runbook.shelltext.dangers").joinpath("lists", f"{name}.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


@cache
def rules(name: str) -> Rules:
    """Return the list `name`: `programs`, `harmless` or `readers`."""
    exact: dict[str, list[Rule]] = {}
    patterns: list[tuple[str, Rule]] = []
    reason = ""
    for line in _lines(name):
        if heading := _HEADING.fullmatch(line):
            reason = heading["reason"]
        elif found := _LINE.fullmatch(line):
            rule = Rule(reason, _several(found["words"]), _several(found["unless"]))
            if "*" in found["name"]:
                patterns.append((found["name"], rule))
            else:
                exact.setdefault(found["name"], []).append(rule)
    return Rules({key: tuple(value) for key, value in exact.items()}, tuple(patterns))


def _several(text: str | None) -> tuple[Arguments, ...]:
    return tuple(Arguments.of(one) for one in text.split(";")) if text else ()


@cache
def names() -> frozenset[str]:
    """Return the programs whose words are never verbs."""
    return frozenset(word for line in _lines("names") for word in line.split())


@cache
def verbs() -> dict[str, str]:
    """Return the verbs of destruction with what they do."""
    return _reasons(options=False)


@cache
def bold_options() -> dict[str, str]:
    """Return the options by which programs leave out checks and questions, with what they do."""
    return _reasons(options=True)


def _reasons(*, options: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    in_options = False
    for line in _lines("verbs"):
        if _HEADING.fullmatch(line):
            in_options = True
        elif in_options is options:
            word, reason = line.split(maxsplit=1)
            found[word] = reason
    return found
