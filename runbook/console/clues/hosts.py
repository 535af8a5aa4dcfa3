"""On which hosts, and on which of several systems, the reader should follow a block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.block import Block
from runbook.console.clues.wordlists import phrases

_ROLE: Final = re.compile(
    r"\bon (?P<which>the|each|every|all|your|one of the|any|both|either|a)(?: of the| the)? "
    r"(?P<names>(?:[\w-]+ ){0,3}?)(?P<noun>nodes?|hosts?|servers?|machines?|box(?:es)?"
    r"|controllers?|computes?|hypervisors?|members?|minions?|master|client|engine)\b"
    r"(?! (?:node|host|server|machine)s?\b)",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"\bon (?:the host )?(?P<name>[a-z]+-?\d+(?:\.[\w.-]+)?)\b")
_NAME_IN_CHINESE: Final = re.compile(
    r"在\s*(?P<name>[A-Za-z][A-Za-z0-9.-]*)\s*(?:上|中)"
    r"|(?P<all>每一?台|所有(?:机器|主机|节点|服务器))"
)
_EVERY: Final = frozenset({"each", "every", "all", "both", "any"})
_EITHER: Final = re.compile(
    r"\b(?:or|alternatively|either|otherwise|instead)\b|或者?[\uff0c,:\uff1a]?\s*$", re.IGNORECASE
)
_SHORT: Final = 60
"""A sentence up to this long may be the name of an alternative."""


def hosts_of(block: Block, path_roles: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts or roles that the text names for `block`; the nearest text wins.

    `path_roles` are roles written in front of a path, as in `controller:/etc/hosts`.
    """
    for text in (block.before, *reversed(block.labels), *reversed(block.headings)):
        named = [m["name"] for m in _NAME.finditer(text)]
        named += ["all" if m["all"] else m["name"] for m in _NAME_IN_CHINESE.finditer(text)]
        named = named or [_role(m) for m in _ROLE.finditer(text)]
        if named:
            return tuple(dict.fromkeys(named))
    return tuple(path_roles[:1])


def _role(found: re.Match[str]) -> str:
    names = found["names"].strip().lower()
    every = found["which"].lower() in _EVERY
    if names:
        return f"all {names}" if every else names
    return "all" if every else found["noun"].lower()


def choice_of(block: Block, last: str) -> str | None:
    """Return the alternative to which `block` belongs; `last` is the sentence before it."""
    systems = phrases("announcements", "systems")
    for label in reversed(block.labels):
        if systems.within(label):
            return label
    name = last.rstrip(":\uff1a").strip()
    if last and systems.within(last) and len(last) < _SHORT + 20:
        return name
    if block.headings and systems.within(block.headings[-1]):
        return block.headings[-1]
    return name if last and len(last) < _SHORT and _EITHER.match(last) else None
