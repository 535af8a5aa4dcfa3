"""What the text around a block says of it, gathered in one place."""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve, frozen

from runbook.console.announced import Expected, adds, expected, last_sentence, replaces, speaks_of
from runbook.console.block import Block
from runbook.console.pattern import named, numbered
from runbook.console.whereabouts import choice_of, hosts_of


@frozen
class Hints:
    """What is announced, and what else the text says of the block.

    `path` is the file that is spoken of, `section` its part. `hosts` are as the text calls
    them. `choice` names the alternative that the block belongs to. The sentence before it
    speaks of failing if it `fails`, of adding lines to a file if it `adds`, of a line that
    becomes another if it `replaces`, of a look at something if it `looks`, and of something
    to do at all if it `asks`. A file that a shell reads its variables from is named if it is
    `sourced`.
    """

    expected: Expected = Expected.NOTHING
    path: str | None = None
    section: str | None = None
    hosts: tuple[str, ...] = ()
    choice: str | None = None
    fails: bool = False
    adds: bool = False
    replaces: bool = False
    looks: bool = False
    asks: bool = False
    sourced: bool = False

    @property
    def file(self) -> bool:
        """Whether a file's text is announced."""
        return self.expected is Expected.FILE

    @property
    def output(self) -> bool:
        """Whether output is announced."""
        return self.expected is Expected.OUTPUT


_PATH: Final = re.compile(
    r"(?<![A-Za-z0-9_/.<{:-])(?:(?P<host>[a-z][a-z0-9.-]*):)?"
    r"(?P<path>(?:~|\$\{?\w+\}?)?/(?:[\w.@+{}<>*-]+/)*[\w.@+{}<>-]*[\w}>])(?![\w/])",
    re.ASCII,
)
_FILE_NAME: Final = re.compile(
    r"(?<![\w/.-])(?P<path>(?:[\w-]+/)*[\w.-]*\w\.(?:conf|cfg|cnf|ini|ya?ml|json|toml|xml|repo|list"
    r"|service|socket|timer|sh|sls|properties|rules|j2|inc|txt|py|pl|rb|parameters))(?![\w/])",
    re.ASCII,
)
_SOURCED: Final = re.compile(r"\w\.sh\b|\w*openrc\b|\.\w+rc\b|\.env\b|profile\b")
_NEAREST: Final = 2000
"""How much of a long paragraph speaks of the block after it."""

_SECTION: Final = re.compile(
    numbered(
        r"\[(?P<name>[\w:. -]+)\]`* section",
        r"section `*\[(?P<name>[\w:. -]+)\]",
        r"section `*(?P<name>[\w.:-]+)`*(?= (?:of|set|add|change|put|in)\b|[,:])",
        r"in the (?!(?:following|next|same|new|first|last|above|right|relevant)\b)"
        r"`*(?P<name>[\w.-]+)`* section\b",
    ),
    re.IGNORECASE,
)


def hints(block: Block) -> Hints:
    """Return what the surroundings of `block` say of it."""
    if not (block.before or block.labels or block.headings or block.path):
        return Hints()
    if len(block.before) > _NEAREST:
        block = evolve(block, before=block.before[-_NEAREST:])
    last = last_sentence(block.before)
    found = _paths(last) or _paths(block.before)
    section = _SECTION.search(block.before) if "ection" in block.before else None
    roles = [m["host"] for m in found if m["host"]]
    return Hints(
        expected=expected(block.before),
        path=block.path or _path(found, block.before),
        section=named(section)["name"] if section else None,
        hosts=hosts_of(block, roles),
        choice=choice_of(block, last),
        fails=speaks_of(last, "failure"),
        adds=bool(found) and adds(last),
        replaces=replaces(last),
        looks=speaks_of(last, "looking"),
        asks=speaks_of(last, "commands"),
        sourced=bool(_SOURCED.search(last)),
    )


def _paths(text: str) -> list[re.Match[str]]:
    return list(_PATH.finditer(text)) if "/" in text else []


def _path(found: list[re.Match[str]], text: str) -> str | None:
    if found:
        return found[-1]["path"]
    names = _FILE_NAME.findall(text) if "." in text[:-1] else []
    return names[-1] if names else None
