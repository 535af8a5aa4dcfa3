"""Secrets in shell text: variables in their place, and who else could read them there.

A reference such as `<secret:admin>` is part of a word. What the shell is given has a variable
instead, in the quotes that the place needs, so that the value is in no text at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from attrs import frozen

from runbook.errors import RunbookError
from runbook.model.secret_reference import REFERENCE
from runbook.shelltext.parsing.found import FoundCommand, FoundRedirect, Scope
from runbook.shelltext.parsing.lexer import masked
from runbook.shelltext.parsing.lines import Span
from runbook.shelltext.parsing.reader import Reader

_WRITES: Final = frozenset({"echo", "printf"})
"""What a builtin writes is read by whatever it is written to."""
_KEEPS: Final = frozenset({":", "[", "[[", "declare", "false", "local", "read", "test", "true"})
_EXPORTS: Final = re.compile(r"-\w*x")


@frozen
class Exposure:
    """A secret that others could read: as an argument of `program`, or in its environment."""

    secret: str
    program: str
    is_argument: bool = True

    def __str__(self) -> str:
        where = f"an argument of {self.program!r}"
        if not self.is_argument:
            where = f"in the environment of {self.program!r}"
        return f"the secret {self.secret!r} would be {where}, where others on the host can read it"


class SecretPlaceError(RunbookError):
    """A secret stands where no shell can put it."""


def exposures(text: str) -> tuple[Exposure, ...]:
    """Return the secrets in `text` that a program gets as an argument or in its environment.

    Builtins of the shell start no program, and a here-document, a here-string or a pipe is read
    by nobody else. A variable is left alone: where its value goes is the writer's business.
    """
    if "<secret:" not in text:
        return ()
    words = REFERENCE.sub(_as_word, text)
    reader = Reader()
    reader.read(words)
    scopes = [("", reader.whole), *((words[at], one) for at, one in reader.scopes.items())]
    found: dict[Exposure, None] = {}
    for reference in REFERENCE.finditer(text):
        name = reference["name"].partition(".")[0]
        for program, is_argument in _receivers(words, reference.start(), scopes):
            found[Exposure(name, program, is_argument)] = None
    return tuple(found)


def with_variables(text: str, variable: Callable[[str], str]) -> str:
    """Return `text` with a `variable`, by the name of its secret, in the place of each reference.

    Raises:
        SecretPlaceError: a reference is in a here-document that the shell leaves as it is.

    """
    if "<secret:" not in text:
        return text
    words = REFERENCE.sub(_as_word, text)
    reader = Reader()
    reader.read(words)
    shown, bodies = masked(words), list(_literal_bodies(reader))
    parts: list[str] = []
    place = 0
    for reference in REFERENCE.finditer(text):
        at = reference.start()
        if any(start <= at < end for start, end in bodies):
            raise SecretPlaceError(
                f"{reference[0]} stands in a here-document with a quoted delimiter, in which the "
                "shell replaces nothing: leave out the quotes, or use a file block"
            )
        parts += (text[place:at], _expansion(words, at, shown, reader, variable(reference["name"])))
        place = reference.end()
    return "".join((*parts, text[place:]))


def _as_word(reference: re.Match[str]) -> str:
    """Return a word of the same length, which is nothing but a word."""
    return re.sub(r"\W", "_", reference[0])


def _expansion(words: str, at: int, shown: str, reader: Reader, variable: str) -> str:
    expansion = f"${{{variable}}}"
    if shown[at] == words[at]:
        return f'"{expansion}"'
    for start, end in reader.quoted:
        if start <= at < end and words[start - 1 : start] == words[end : end + 1] == "'":
            opening = "$'" if words[start - 2 : start - 1] == "$" else "'"
            return f'\'"{expansion}"{opening}'
    return expansion


def _redirects(reader: Reader) -> Iterator[FoundRedirect]:
    for scope in (reader.whole, *reader.scopes.values()):
        for command in scope.commands:
            yield from (*command.redirects, *command.outer)


def _literal_bodies(reader: Reader) -> Iterator[Span]:
    return (one.body for one in _redirects(reader) if one.body[1] and not one.expands)


def _receivers(
    words: str, at: int, scopes: Iterable[tuple[str, Scope]]
) -> Iterator[tuple[str, bool]]:
    """Yield the programs that get what stands at `at`, and whether as an argument."""
    around: list[tuple[int, str, FoundCommand, bool]] = []
    for opener, scope in scopes:
        for command in scope.commands:
            for kind, spans in ((True, command.words), (False, command.assignments)):
                around += (
                    (end - start, opener, command, kind)
                    for start, end in spans
                    if start <= at < end
                )
    # From the inside to the outside: what one of them writes, the next one may get.
    for _, opener, command, is_argument in sorted(around, key=lambda one: one[0]):
        if not command.words:
            return
        name = words[slice(*command.words[0])]
        if not is_argument:
            if name not in _WRITES | _KEEPS:
                yield name, False
            return
        if name in _KEEPS:
            if any(_EXPORTS.fullmatch(words[slice(*span)]) for span in command.words[1:]):
                yield "later programs", False
            return
        if name in ("export", "typeset", "readonly"):
            yield "later programs", False
            return
        if name not in _WRITES:
            yield name, True
            return
        if opener not in ("$", "`"):
            return
