"""What earlier commands of a shell make of later ones: exported variables, replaced builtins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from attrs import define, evolve, field

from runbook.shelltext.parsing.lexer import read

_DECLARES: Final = frozenset({"declare", "local", "typeset"})
_PREFIXES: Final = ("builtin", "command")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


@define
class Exported:
    """The variables that a shell exports, and the builtins that something else has replaced.

    With `everything`, each variable is exported that is assigned.
    """

    variables: set[str] = field(factory=set)
    everything: bool = False
    replaced: set[str] = field(factory=set)

    def exports(self, assignment: str) -> bool:
        """Return whether `assignment`, such as `X=1`, is to a variable that is exported."""
        name = _NAME.match(assignment)
        return self.everything or (name is not None and name[0] in self.variables)

    def at(self, offsets: Sequence[int], text: str) -> list[Exported]:
        """Return what holds at each of the `offsets` in `text`; this is what holds after it."""
        shell = read(text)
        # A function may be called before its definition is read, within another one.
        self.replaced |= set(shell.functions)
        found: list[Exported] = []
        left = sorted(offsets)
        for command in shell.own:
            if not command.words:
                continue
            while left and left[0] < command.words[0].offset:
                found.append(self._copy())
                left.pop(0)
            words = [word.text for word in command.words]
            while words[0] in _PREFIXES and len(words) > 1:
                words.pop(0)
            self._note(words[0], words[1:])
        return [*found, *(self._copy() for _ in left)]

    def _copy(self) -> Exported:
        return evolve(self, variables=set(self.variables), replaced=set(self.replaced))

    def _note(self, name: str, given: Sequence[str]) -> None:
        options = list(_options(name, given))
        on, off = (
            {letter for one in options if one[0] == sign for letter in one[1:]} for sign in "-+"
        )
        if name == "export" or name in _DECLARES:
            if on & {"f", "F", "p"}:
                return
            if (name == "export" and "n" not in on) or "x" in on:
                self.variables |= set(_names(given))
            elif name == "export" or "x" in off:
                self.variables -= set(_names(given))
        elif name == "unset" and "f" not in on:
            self.variables -= set(given)
        elif name == "set":
            if "a" in on | off or "allexport" in given:
                self.everything = "a" in on or ("-o", "allexport") in pairwise(given)
        elif name == "alias":
            self.replaced |= {one for one, _, text in (word.partition("=") for word in given)
                              if text and text.split()[:1] != [one]}  # fmt: skip
        elif name == "enable" and "n" in on:
            self.replaced |= set(given)


def _options(name: str, given: Sequence[str]) -> Iterator[str]:
    """Yield the options before the first operand; `set` has one that is followed by a name."""
    words = iter(given)
    for word in words:
        if word == "--" or word[:1] not in ("-", "+"):
            return
        yield word
        if name == "set" and word[1:].endswith("o"):
            next(words, None)


def _names(given: Sequence[str]) -> Iterator[str]:
    return (found[0] for one in given if (found := _NAME.match(one)))
