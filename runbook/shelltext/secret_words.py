"""Secrets in shell text: variables in their place, and who else could read them there.

A reference such as `<secret:admin>` is part of a word. What the shell is given has a variable
instead, in the quotes that the place needs, so that the value is in no text at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from attrs import frozen

from runbook.errors import RunbookError
from runbook.model.secret_reference import REFERENCE
from runbook.shelltext.exported import Exported
from runbook.shelltext.parsing.found import FoundCommand, FoundRedirect, Scope
from runbook.shelltext.parsing.lexer import masked
from runbook.shelltext.parsing.lines import Span
from runbook.shelltext.parsing.reader import Reader
from runbook.shelltext.programs import shell_texts

_WRITES: Final = frozenset({"echo", "printf"})
"""What a builtin writes is read by whatever it is written to."""
_KEEPS: Final = frozenset({":", "[", "[[", "declare", "false", "local", "read", "test", "true"})
_DECLARES: Final = frozenset({"declare", "local"})
_READS: Final = frozenset({"mapfile", "readarray", "compgen", "complete"})
_EXPORTS: Final = re.compile(r"-\w*x\w*")
_LATER: Final = "later programs"
_QUOTE: Final = re.compile(r"\$(?=['\"])|['\"\\]")
_ESCAPED: Final = re.compile(r"\\(?=[\\$`])")


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


def exposures(text: str, before: Sequence[str] = ()) -> tuple[Exposure, ...]:
    """Return the secrets in `text` that a program gets as an argument or in its environment.

    Builtins of the shell start no program, and a here-document, a here-string or a pipe is read
    by nobody else, unless a shell runs what it reads there. A variable is left alone: where its
    value goes is the writer's business. It counts as exported after an `export` in `text`, or in
    what the same shell was given `before`.
    """
    if "<secret:" not in text:
        return ()
    exported = Exported()
    for one in before:
        exported.at((), REFERENCE.sub(_as_word, one))
    references = REFERENCE.finditer(text)
    names = {_as_word(one): one["name"].partition(".")[0] for one in references}
    standing = re.compile("|".join(sorted(names, key=len, reverse=True)))
    words = REFERENCE.sub(_as_word, text)
    found: dict[Exposure, None] = {}
    for secret, program, is_argument in _exposed(words, standing, exported):
        found[Exposure(names[secret], program, is_argument)] = None
    for starter, script in shell_texts(words):
        # What these builtins read is data to them.
        if starter in _READS or not standing.search(script):
            continue
        for secret, program, is_argument in _exposed(script, standing, Exported()):
            # A line that is nothing but a secret is the answer to something, not a program.
            if _QUOTE.sub("", program) != secret:
                found[Exposure(names[secret], program, is_argument)] = None
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


def _exposed(
    text: str, standing: re.Pattern[str], exported: Exported
) -> Iterator[tuple[str, str, bool]]:
    """Yield what stands for a secret in `text`, and what gets it; see `_receivers`."""
    references = list(standing.finditer(text))
    states = exported.at([one.start() for one in references], text)
    reader = Reader()
    reader.read(text)
    yield from _with_receivers(text, reader, zip(references, states, strict=True))
    for inner, within in _inner(text, reader):
        references = list(standing.finditer(inner))
        yield from _with_receivers(inner, within, ((one, exported) for one in references))


def _with_receivers(
    text: str, reader: Reader, references: Iterable[tuple[re.Match[str], Exported]]
) -> Iterator[tuple[str, str, bool]]:
    scopes = [("", reader.whole), *((text[at], one) for at, one in reader.scopes.items())]
    for reference, exported in references:
        for program, is_argument in _receivers(text, reference.start(), scopes, exported):
            yield reference[0], program, is_argument


def _inner(text: str, reader: Reader) -> Iterator[tuple[str, Reader]]:
    """Yield the parts of `text` that have to be read by themselves, and as what they were read.

    They are the here-documents in which the shell replaces something, and what is in backquotes.
    """
    for redirect in _redirects(reader):
        if redirect.body[1] and redirect.expands:
            body = text[slice(*redirect.body)]
            within = Reader()
            within.read_here_document(body)
            yield body, within
            yield from _inner(body, within)
    for scope in (reader.whole, *reader.scopes.values()):
        for start, _ in scope.substitutions:
            if text[start] == "`":
                quoted = text[start + 1 : reader.extents.get(start, start) - 1]
                inner = _ESCAPED.sub("", quoted)
                within = Reader()
                within.read(inner)
                yield inner, within
                yield from _inner(inner, within)


def _receivers(
    words: str, at: int, scopes: Iterable[tuple[str, Scope]], exported: Exported
) -> Iterator[tuple[str, bool]]:
    """Yield the programs that get what stands at `at`, and whether as an argument."""
    around: list[tuple[int, str, FoundCommand, Span, bool]] = []
    for opener, scope in scopes:
        for command in scope.commands:
            for kind, spans in ((True, command.words), (False, command.assignments)):
                around += (
                    (span[1] - span[0], opener, command, span, kind)
                    for span in spans
                    if span[0] <= at < span[1]
                )
    writes, keeps = _WRITES - exported.replaced, _KEEPS - exported.replaced
    # From the inside to the outside: what one of them writes, the next one may get.
    for _, opener, command, span, is_argument in sorted(around, key=lambda one: one[0]):
        if not command.words:
            if exported.exports(words[slice(*span)]):
                yield _LATER, False
            return
        name = words[slice(*command.words[0])]
        if not is_argument:
            if name not in writes | keeps:
                yield name, False
            return
        if name in keeps:
            options = (_QUOTE.sub("", words[slice(*one)]) for one in command.words[1:])
            given = name in _DECLARES and exported.exports(words[slice(*span)])
            if given or any(map(_EXPORTS.fullmatch, options)):
                yield _LATER, False
            return
        if name in ("export", "typeset", "readonly"):
            yield _LATER, False
            return
        if name not in writes:
            yield name, True
            return
        if opener not in ("$", "`"):
            return
