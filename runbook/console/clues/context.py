"""What the text around a block says about it."""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve, frozen

from runbook.console.block import Block
from runbook.console.clues import file_words
from runbook.console.clues.announced import (
    Announcement,
    adds,
    announcement,
    last_sentence,
    mentions,
    replaces,
)
from runbook.console.clues.hosts import choice_of, hosts_of
from runbook.shelltext.pattern import numbered, unnumbered


@frozen
class Context:
    """What the text around a block announces, and what else it says about the block.

    `path` is the file that is mentioned, `section` its section. `hosts` are as the text names
    them. `choice` names the alternative to which the block belongs. The flags describe the
    sentence before the block: it mentions a failure (`fails`), adding lines to a file (`adds`),
    changing a line (`replaces`), inspecting something (`inspects`) or doing something
    (`instructs`). `sourced` is whether it names a file from which a shell reads its variables.
    """

    announces: Announcement = Announcement.NOTHING
    path: str | None = None
    section: str | None = None
    hosts: tuple[str, ...] = ()
    choice: str | None = None
    fails: bool = False
    adds: bool = False
    replaces: bool = False
    inspects: bool = False
    instructs: bool = False
    sourced: bool = False

    @property
    def file(self) -> bool:
        """Whether a file's text is announced."""
        return self.announces is Announcement.FILE

    @property
    def output(self) -> bool:
        """Whether output is announced."""
        return self.announces is Announcement.OUTPUT


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
"""How many characters at the end of a long paragraph are examined."""

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


def context_of(block: Block) -> Context:
    """Return what the text around `block` says about it."""
    if not (block.before or block.labels or block.headings or block.path):
        return Context()
    if len(block.before) > _NEAREST:
        block = evolve(block, before=block.before[-_NEAREST:])
    last = last_sentence(block.before)
    found = _paths(last) or _paths(block.before)
    section = _SECTION.search(block.before) if "ection" in block.before else None
    roles = [m["host"] for m in found if m["host"]]
    path = block.path or _path(found, block.before)
    return Context(
        announces=_announcement(block.before, last, path),
        path=path,
        section=unnumbered(section)["name"] if section else None,
        hosts=hosts_of(block, roles),
        choice=choice_of(block, last),
        fails=mentions(last, "failure"),
        adds=bool(found) and adds(last),
        replaces=replaces(last),
        inspects=mentions(last, "inspection"),
        instructs=mentions(last, "commands"),
        sourced=bool(_SOURCED.search(last)),
    )


def _announcement(before: str, last: str, path: str | None) -> Announcement:
    """Return what is announced; words about a file count more than a word such as `with`."""
    found = announcement(before)
    if path is None or found not in (Announcement.COMMANDS, Announcement.NOTHING):
        return found
    return Announcement.FILE if file_words.announces_file(last, path) else found


def _paths(text: str) -> list[re.Match[str]]:
    return list(_PATH.finditer(text)) if "/" in text else []


def _path(found: list[re.Match[str]], text: str) -> str | None:
    if found:
        return found[-1]["path"]
    names = _FILE_NAME.findall(text) if "." in text[:-1] else []
    return names[-1] if names else None
