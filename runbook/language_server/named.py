"""The thing of a guide that is named at a place in a document, and where it is defined."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from runbook.language_server.completion import captures
from runbook.language_server.cursor import Cursor, directive_of
from runbook.language_server.guide import GuideState
from runbook.model import Location, cluster, shared_source
from runbook.model.capabilities import CAPABILITIES

_STEP_ROLE: Final = re.compile(r":(?:runbook:)?(?:ref|step|std:ref):`(?:[^`<]*<)?([^`<>]+)>?`")
_SECRET: Final = re.compile(r":(?:runbook:)?secret:`([^`]+)`|<secret:([\w-]+)>")
_VALUE: Final = re.compile(r"\|([\w-]+)\|")
_CAPTURE: Final = re.compile(r"<(?:[\w-]+:)?([a-z][\w-]*)>")
_OPTION: Final = re.compile(r"\s*:([\w-]+):\s*")
_WORD: Final = re.compile(r"[\w!][\w./-]*")
_NAME: Final = re.compile(r"\w[\w-]*")


class Kind(enum.Enum):
    """What a name stands for."""

    STEP = "step"
    HOST = "host"
    GROUP = "group"
    VALUE = "value"
    CAPTURE = "captured value"
    SECRET = "secret"  # noqa: S105  # the name of a kind
    NOTE = "source note"
    SHARED = "shared check"
    DIRECTIVE = "directive"
    OPTION = "option"
    CAPABILITY = "capability"


@frozen
class Named:
    """A name, what it stands for, and where it is on the line of the cursor.

    The name of an option has that of its directive before it, and a dot.
    """

    kind: Kind
    name: str
    start: int
    end: int


def named_at(cursor: Cursor, guide: GuideState, path: str) -> Named | None:
    """Return what is named at `cursor` in the file at `path`, `None` if nothing is known there."""
    found = (one for one in _named(cursor, guide, path) if one.start <= cursor.column <= one.end)
    return next(found, None)


def definition(named: Named, guide: GuideState) -> Location | None:
    """Return where a thing is defined, `None` if nowhere in the guide."""
    match named.kind:
        case Kind.STEP:
            step = guide.step(named.name)
            return step.location if step else None
        case Kind.CAPTURE:
            step = guide.step(captures(guide).get(named.name, ""))
            return step.location if step else None
        case Kind.HOST:
            return _in_cluster(guide, "hosts", named.name)
        case Kind.GROUP:
            hosts = guide.cluster.hosts if guide.cluster else ()
            first = next((host.name for host in hosts if named.name in host.groups), "")
            return _in_cluster(guide, "hosts", first, "groups")
        case Kind.VALUE:
            return _value(guide, named.name)
        case Kind.SHARED:
            return Location(shared_source.DOCUMENT, guide.shared[named.name].line)
        case Kind.NOTE:
            document, _, line = guide.notes[named.name].rpartition(":")
            return Location(document, int(line))
    return None


def _in_cluster(guide: GuideState, *keys: str) -> Location | None:
    if guide.cluster is None:
        return None
    location = guide.cluster.recipe.at(*keys).location
    return Location(cluster.PLACE.as_posix(), location.line) if location else None


def _value(guide: GuideState, name: str) -> Location | None:
    if guide.cluster is None:
        return None
    if name in guide.cluster.recipe.at("values").entries:
        return _in_cluster(guide, "values", name)
    host, _, suffix = name.rpartition("-")
    if suffix in ("address", "fqdn"):
        return _in_cluster(guide, "hosts", host)
    return _in_cluster(guide, name)


def _named(cursor: Cursor, guide: GuideState, path: str) -> Iterator[Named]:
    """Yield everything that is named on the line, the surest first."""
    text, document = cursor.text, guide.document_of(path)
    whole = Cursor(cursor.lines, cursor.line, len(text))
    values = guide.cluster.values if guide.cluster else {}
    known = {
        _STEP_ROLE: (Kind.STEP, {step.id for step in guide.steps()}),
        _VALUE: (Kind.VALUE, values.keys()),
        _CAPTURE: (Kind.CAPTURE, captures(guide).keys()),
    }
    for pattern, (kind, names) in known.items():
        for found in pattern.finditer(text):
            if found[1].replace("_", "-" if kind is Kind.CAPTURE else "_") in names:
                yield Named(kind, found[1], found.start(), found.end())
    for found in _SECRET.finditer(text):
        yield Named(Kind.SECRET, found[1] or found[2], found.start(), found.end())
    if (option := whole.option()) is not None and (begun := _OPTION.match(text)):
        inner = option[0]
        if inner.name in guide.vocabulary.directives:
            end = begun.end(1)
            yield Named(Kind.OPTION, f"{inner.name}.{begun[1]}", begun.start(1), end)
        for word in _WORD.finditer(text, begun.end()):
            if kind_of := _in_option(guide, begun[1], word[0], document):
                yield Named(*kind_of, word.start(), word.end())
    if begun_here := directive_of(text):
        start = text.index(begun_here.name)
        if begun_here.name in guide.vocabulary.directives:
            end = start + len(begun_here.name)
            yield Named(Kind.DIRECTIVE, begun_here.name, start, end)
        step = guide.step_at(path, cursor.line + 1) if begun_here.name == "step" else None
        if step is not None and step.location.line == cursor.line + 1:
            yield Named(Kind.STEP, step.id, start, len(text))
    hosts = {host.name for host in guide.cluster.hosts} if guide.cluster else set()
    in_check = any(one.name == "check" for one in cursor.around()[:1])
    for word in _NAME.finditer(text):
        if in_check and word[0] in guide.shared:
            yield Named(Kind.SHARED, word[0], word.start(), word.end())
        elif word[0] in hosts:
            yield Named(Kind.HOST, word[0], word.start(), word.end())


def _in_option(guide: GuideState, option: str, word: str, document: str) -> tuple[Kind, str] | None:
    """Return what a word in the value of an option stands for."""
    if option in ("needs", "until"):
        step = guide.step(word, document)
        return (Kind.STEP, step.id) if step else None
    if option == "on" and guide.cluster is not None:
        if any(host.name == word for host in guide.cluster.hosts):
            return Kind.HOST, word
        if any(word in host.groups for host in guide.cluster.hosts):
            return Kind.GROUP, word
    if option == "requires" and word.lstrip("!") in CAPABILITIES:
        return Kind.CAPABILITY, word.lstrip("!")
    if option == "sources" and word in guide.notes:
        return Kind.NOTE, word
    return None
