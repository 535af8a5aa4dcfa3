"""What can stand at a place in a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from attrs import frozen
from lsprotocol.types import CompletionItemKind as ItemKind

from runbook.language_server.cursor import Around, Cursor, directive_of
from runbook.language_server.guide import GuideState
from runbook.model import Dialogue, Manual
from runbook.model.capabilities import CAPABILITIES
from runbook.model.secret_reference import referenced

_DIRECTIVE: Final = re.compile(r"\s*(?:[-*+]\s+)*\.\. (?:\|[^|]+\| )?([\w:.+-]*)\Z")
_FENCE: Final = re.compile(r"\s*(?:`{3,}|:{3,})\{([\w:.+-]*)\Z")
_OPTION: Final = re.compile(r"\s*:([\w-]*)\Z")
_ROLE_TEXT: Final = re.compile(r":([\w:-]+):`(?:[^`<]*<)?([^`<>]*)\Z")
_ROLE: Final = re.compile(r"(?:\A|[\s(])(:[\w:-]*)\Z")
_VALUE: Final = re.compile(r"(?<![\w|])\|([\w-]*)\Z")
_CAPTURE: Final = re.compile(r"<([\w:-]*)\Z")
_ID: Final = r"\w./-"
_NO_VALUE: Final = "a flag"


@frozen
class Item:
    """Something that can be inserted in place of the characters from `start` to the cursor."""

    label: str
    start: int
    kind: ItemKind
    detail: str = ""
    text: str = ""
    documentation: str = ""


def completions(cursor: Cursor, guide: GuideState, path: str) -> list[Item]:
    """Return what can stand at `cursor` in the document at `path`, the likeliest kind first."""
    before = cursor.before
    if found := _DIRECTIVE.match(before) or _FENCE.match(before):
        return list(_directives(guide, found.start(1), fenced="{" in before))
    around = cursor.around()
    if (option := cursor.option()) is not None:
        inner, name = option
        if name is not None:
            return list(_values(cursor, guide, path, inner, name))
        if match := _OPTION.match(before):
            return list(_options(cursor, guide, inner, match.start(1)))
    if (begun := directive_of(before)) and (begun.argument or before[-1:].isspace()):
        if begun.name == "platform":
            return _words(cursor, _platforms(guide), ItemKind.EnumMember)
        if begun.name == "choice":
            return _words(cursor, _alternatives(guide), ItemKind.EnumMember)
    if found := _ROLE_TEXT.search(before):
        return list(_role_texts(guide, found[1], found.start(2)))
    names = {one.name for one in around}
    if found := _VALUE.search(before):
        values = guide.cluster.values if guide.cluster else {}
        return [
            Item(f"|{name}|", found.start(), ItemKind.Variable, value)
            for name, value in sorted(values.items())
        ]
    if "step" in names and (found := _CAPTURE.search(before)):
        known = [(f"<{name}>", f"captured by {id_}") for name, id_ in captures(guide).items()]
        known += [(f"<secret:{name}>", "a secret") for name in secrets(guide)]
        return [Item(name, found.start(), ItemKind.Variable, said) for name, said in sorted(known)]
    if around and around[0].name == "check":
        return list(_in_check(cursor, guide))
    if found := _ROLE.search(before):
        return [
            Item(f":{name}:", found.start(1), ItemKind.Function, text=f":{name}:`")
            for name in guide.vocabulary.roles
        ]
    return []


def captures(guide: GuideState) -> dict[str, str]:
    """Return the names that steps capture as they are written, with the ids of the steps."""
    return {step.capture.name.replace("_", "-"): step.id for step in guide.steps() if step.capture}


def secrets(guide: GuideState) -> list[str]:
    """Return the names of the secrets that the guide's steps use."""
    found: set[str] = set()
    for step in guide.steps():
        for action in step.actions:
            if not isinstance(action, Manual):
                found.update(referenced(action.text))
            if isinstance(action, Dialogue):
                for turn in action.turns:
                    named = (turn.secret, *(other.secret for other in turn.overrides))
                    found.update(name for name in named if name)
    return sorted(found)


def _directives(guide: GuideState, start: int, *, fenced: bool) -> Iterator[Item]:
    for name, directive in guide.vocabulary.directives.items():
        text = f"{name}}}" if fenced else f"{name}::"
        kind = ItemKind.Class if directive.ours else ItemKind.Module
        yield Item(name, start, kind, directive.says, text)


def _options(cursor: Cursor, guide: GuideState, inner: Around, start: int) -> Iterator[Item]:
    directive = guide.vocabulary.directives.get(inner.name)
    given = cursor.given(inner)
    for name, option in directive.options.items() if directive else ():
        if name not in given:
            text = f"{name}:" if option.says == _NO_VALUE else f"{name}: "
            yield Item(name, start, ItemKind.Property, option.says, text)


def _values(
    cursor: Cursor, guide: GuideState, path: str, inner: Around, name: str
) -> Iterator[Item]:
    directive = guide.vocabulary.directives.get(inner.name)
    option = directive.options.get(name) if directive else None
    if option is not None and option.values:
        yield from _words(cursor, ((one, "") for one in option.values), ItemKind.EnumMember)
    elif directive is not None and directive.ours and name in _VALUES:
        if name in ("needs", "until"):
            document = guide.document_of(path)
            start, _ = cursor.word(_ID)
            for step in guide.steps():
                own, _, short = step.id.rpartition("/")
                label = short if name == "needs" and own == document else step.id
                yield Item(label, start, ItemKind.Reference, step.title)
        else:
            yield from _words(cursor, _VALUES[name](guide), ItemKind.EnumMember)


def _words(cursor: Cursor, words: Iterable[tuple[str, str]], kind: ItemKind) -> list[Item]:
    start = re.search(r"[^\s,]*\Z", cursor.before)
    first = start.start() if start else cursor.column
    return [Item(word, first, kind, detail) for word, detail in words]


def _role_texts(guide: GuideState, role: str, start: int) -> Iterator[Item]:
    role = role.removeprefix("runbook:")
    if role == "secret":
        for name in secrets(guide):
            yield Item(name, start, ItemKind.Variable, "a secret")
    elif role in ("ref", "step", "std:ref"):
        for step in guide.steps():
            if step.marked:
                yield Item(step.id, start, ItemKind.Reference, step.title)


def _in_check(cursor: Cursor, guide: GuideState) -> Iterator[Item]:
    if re.search(r"hosts\[[\"'][\w-]*\Z", cursor.before):
        start, _ = cursor.word(r"\w-")
        for host in guide.cluster.hosts if guide.cluster else ():
            yield Item(host.name, start, ItemKind.EnumMember, host.address)
        return
    start, _ = cursor.word(r"\w")
    if cursor.before[:start].endswith("."):
        return
    yield Item("host", start, ItemKind.Variable, "the host of the step")
    yield Item("hosts", start, ItemKind.Variable, "all hosts by name")
    for name, one in guide.shared.items():
        yield Item(name, start, ItemKind.Function, one.signature, documentation=one.docstring)


def _hosts(guide: GuideState) -> Iterator[tuple[str, str]]:
    hosts = guide.cluster.hosts if guide.cluster else ()
    for host in hosts:
        yield host.name, f"{host.address}, {host.platform}"
    for group in dict.fromkeys(group for host in hosts for group in host.groups):
        yield group, ", ".join(host.name for host in hosts if group in host.groups)


def _platforms(guide: GuideState) -> Iterator[tuple[str, str]]:
    found = {host.platform for host in guide.cluster.hosts} if guide.cluster else set()
    found |= {name for step in guide.steps() for name in step.platforms}
    yield from ((name, "") for name in sorted(found) if name)


def _capabilities(_: GuideState) -> Iterator[tuple[str, str]]:
    yield from CAPABILITIES.items()
    yield from ((f"!{name}", "it must be absent") for name in CAPABILITIES)


def _alternatives(guide: GuideState) -> Iterator[tuple[str, str]]:
    chosen = guide.cluster.choices if guide.cluster else {}
    found = {f"{name}={value}" for name, value in chosen.items()}
    found |= {choice for step in guide.steps() for choice in step.choices}
    for one in sorted(found):
        name, _, value = one.partition("=")
        yield one, "chosen in the cluster file" if chosen.get(name) == value else ""


def _tags(guide: GuideState) -> Iterator[tuple[str, str]]:
    yield from ((tag, "") for tag in sorted({tag for step in guide.steps() for tag in step.tags}))


def _users(guide: GuideState) -> Iterator[tuple[str, str]]:
    found = {"root", *(step.user for step in guide.steps())}
    if guide.cluster and guide.cluster.user:
        found.add(guide.cluster.user)
    yield from ((user, "") for user in sorted(found))


def _nothing(_: GuideState) -> Iterator[tuple[str, str]]:
    yield from ()


_VALUES: Final[dict[str, Callable[[GuideState], Iterator[tuple[str, str]]]]] = {
    "on": _hosts,
    "platform": _platforms,
    "requires": _capabilities,
    "choice": _alternatives,
    "tags": _tags,
    "sources": lambda guide: iter(guide.notes.items()),
    "user": _users,
    "needs": _nothing,
    "until": _nothing,
}
"""What the options of our directives name, with a word about each; but not the ids of steps."""
