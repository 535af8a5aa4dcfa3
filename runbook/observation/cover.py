"""Which checks cover a change: those that were red before it, hold after it, and asked about it.

What a check asked its hosts is recorded while it is evaluated; the texts in its source complement
that, for a check may ask for a list and look for a name in it. A check of a directory covers the
directory alone; one of a file covers the directories that were made for it as well.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from attrs import evolve, frozen

from runbook.model import Location
from runbook.observation.change import Change
from runbook.observation.origin import Owned
from runbook.shelltext.programs import programs


@frozen
class Asked:
    """Something that a check asked a host: with a function of testinfra's, or with a command.

    `about` is the function, as `file` or `package`; empty for the text of a command.
    """

    about: str
    text: str


@frozen
class Evidence:
    """What a check did that was red before its step and holds after it.

    `asked` is by host what it asked there, `texts` are those in its source.
    """

    location: Location
    asked: Mapping[str, frozenset[Asked]]
    texts: frozenset[str] = frozenset()


def texts_of(*sources: str) -> frozenset[str]:
    """Return the texts that Python sources have in them, and numbers as texts."""
    found = set()
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
                found.add(str(node.value))
    return frozenset(found)


def covered(
    changes: Iterable[Change], host: str, evidence: Iterable[Evidence], owned: Owned
) -> tuple[Change, ...]:
    """Return `changes` of `host` with the places of the checks that cover them."""
    known = tuple(evidence)

    def checks(change: Change) -> tuple[Location, ...]:
        found = {one.location for one in known if _covers(one, change, change.host or host, owned)}
        return tuple(sorted(found, key=lambda one: (one.document, one.line)))

    found = [evolve(change, checks=checks(change)) for change in changes]
    return tuple(
        evolve(one, checks=one.checks or _of_contents(one, found) or _of_ports(one, found, owned))
        for one in found
    )


def _of_contents(change: Change, changes: Iterable[Change]) -> tuple[Location, ...]:
    """Return the checks of what is in a new directory: it could not be there without it."""
    if change.kind != "file" or change.before or not change.after.startswith("directory"):
        return ()
    inside = (
        one.checks
        for one in changes
        if one.kind == "file" and one.after and one.name.startswith(f"{change.name}/")
    )
    return next((checks for checks in inside if checks), ())


def _of_ports(change: Change, changes: Iterable[Change], owned: Owned) -> tuple[Location, ...]:
    """Return the checks of a port on which a program of a new package listens."""
    if change.kind != "package" or not change.after:
        return ()
    names = owned.programs(change.name)
    for one in changes:
        if one.kind == "port" and one.checks and names & set(_LISTENS.findall(one.after)):
            return one.checks
    return ()


_LISTENS = re.compile(r" by ([^,]+)")


def _covers(evidence: Evidence, change: Change, host: str, owned: Owned) -> bool:
    asked = evidence.asked.get(host, frozenset())
    if not asked:
        return False
    if mentioned(change, asked, evidence.texts):
        return True
    if change.kind != "package" or not change.after:
        return False
    # What runs its program, or looks at its unit, would not be green without it.
    return any(
        mentioned(Change("unit", unit), asked, evidence.texts) for unit in owned.units(change.name)
    ) or _runs(asked, owned.programs(change.name))


def mentioned(change: Change, asked: Collection[Asked], texts: Collection[str]) -> bool:
    """Tell whether a check that `asked` this, and has these `texts`, says something of a change."""
    names = _names(change)
    for one in asked:
        if one.about == change.kind or (one.about, change.kind) in _SAME:
            if any(_is(one.text, name) for name in names):
                return True
        elif not one.about and _command_mentions(one.text, change, names):
            return True
    lists = {one.about for one in asked}
    commands = [one.text for one in asked if not one.about]
    for text in texts:
        if any(_has(text, name, change.kind) for name in names) and (
            change.kind == "file"
            or change.kind in lists
            or any(about in lists and kind == change.kind for about, kind in _SAME)
            or any(_TELLS[change.kind].search(command) for command in commands)
        ):
            return change.kind != "file" or text.startswith(("/", "~"))
    return False


_SAME = {("service", "unit"), ("socket", "port"), ("mount_point", "mount")}
"""Functions of testinfra's that have another name than the kind of things that they are about."""

_TELLS = {
    "file": re.compile(""),
    "package": re.compile(r"\b(dpkg|dpkg-query|apt|apt-cache|apt-mark|rpm|dnf|yum)\b"),
    "unit": re.compile(r"\b(systemctl|service|chkconfig|initctl)\b"),
    "port": re.compile(
        r"\b(ss|netstat|nc|ncat|curl|wget|rpcinfo|lsof|psql|redis-cli)\b|/dev/(tcp|udp)/|://"
    ),
    "user": re.compile(r"\b(id|getent|groups|chage|passwd|lslogins)\b|/etc/(passwd|shadow)"),
    "group": re.compile(r"\b(id|getent|groups)\b|/etc/group"),
    "mount": re.compile(r"\b(mount|findmnt|mountpoint|df|stat|umount)\b|/proc/(self/)?mounts"),
    "firewall": re.compile(
        r"\b(nft|iptables|ip6tables|iptables-save|ip6tables-save|firewall-cmd)\b"
    ),
    "sysctl": re.compile(r"\b(sysctl)\b|/proc/sys/"),
}
"""Programs and files that tell of each kind of things."""


def _names(change: Change) -> tuple[str, ...]:
    """Return how checks may call the thing that changed."""
    match change.kind:
        case "unit":
            return (change.name, change.name.removesuffix(".service"))
        case "port":
            return (change.name, change.name.rpartition("/")[2])
        case "sysctl":
            return (change.name, "/proc/sys/" + change.name.replace(".", "/"))
        case "firewall":
            return tuple(dict.fromkeys((change.name, *_new_words(change))))
        case "user" | "group" | "package":
            return (change.name,)
        case _:
            return (change.name,)


def _new_words(change: Change) -> Iterator[str]:
    """Yield what the new rules of a chain are about: numbers, addresses and names in quotes."""
    old = set(change.before.split("; "))
    for rule in change.after.split("; "):
        if rule not in old:
            yield rule
            yield from re.findall(r"(?<![\w.])\d[\d./:]*(?!\w)", rule)
            yield from re.findall(r'"([^"]+)"', rule)


def _is(text: str, name: str) -> bool:
    """Tell whether what a function was asked about is the thing `name`."""
    if text.rstrip("/") == name:
        return True
    # A socket is asked for with its address, or with its port alone.
    asked = re.fullmatch(r"(tcp|udp)://(?:.*:)?(\d+)", text)
    return bool(asked and f"{asked[1]}://{asked[2]}" == name)


def _has(text: str, name: str, kind: str) -> bool:
    """Tell whether `text` names the thing `name`, and not only a longer name or path."""
    if name not in text:
        return False
    if kind in ("file", "mount"):
        return bool(re.search(rf"(?<![\w./~-]){re.escape(name)}/?(?![\w./*-])", text))
    return bool(re.search(rf"(?<![\w.+-]){re.escape(name)}(?![\w+-]|\.\w)", text))


def _command_mentions(text: str, change: Change, names: Iterable[str]) -> bool:
    if change.name == "kernel.hostname" and re.search(r"\bhostname(ctl)?\b|\buname -n", text):
        return True
    return bool(_TELLS[change.kind].search(text)) and any(
        _has(text, name, change.kind) for name in names
    )


def _runs(asked: Iterable[Asked], names: Collection[str]) -> bool:
    """Tell whether a command that was asked runs one of the programs `names`, or looks for it."""
    return any(
        program in names for one in asked if not one.about for program in _programs_in(one.text)
    )


@functools.lru_cache(maxsize=1024)
def _programs_in(text: str) -> frozenset[str]:
    looked_for = re.findall(r"\bcommand -v (\S+)", text)
    return frozenset({one.name for one in programs(text)} | set(looked_for))
