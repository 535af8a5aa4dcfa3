"""Command names that are nearly those of known commands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from runbook.lint.commands import GuideCommand
from runbook.lint.finding import Finding, FindingKind
from runbook.lint.known_commands import KNOWN_COMMANDS
from runbook.model import Kind

_SHORTEST: Final = 7
"""Shorter names resemble each other by chance."""

_OFTEN: Final = 3
"""A name that occurs in this many commands is intended."""

_NAME: Final = re.compile(r"[a-z][a-z_-]+")


def typo_findings(commands: Sequence[GuideCommand]) -> Iterator[Finding]:
    """Yield command names that differ in one letter from a known command."""
    called = Counter(program.name for command in commands for program in command.programs)
    made = " ".join(command.text for command in commands)
    for command in commands:
        if command.kind is Kind.SYNOPSIS:
            continue
        for program in command.programs:
            name = program.name
            if called[name] >= _OFTEN or program.words[0].text != name:
                continue
            right = nearly(name)
            if right and not _defined(name, made):
                message = f"{name}: unknown command"
                yield command.finding(program.offset, FindingKind.TYPO, message, right)


def _defined(name: str, text: str) -> bool:
    """Return whether the guide itself defines, installs or names such a command."""
    named = re.escape(name)
    return bool(
        re.search(
            rf"(?:^|[\s;]){named}\s*\(\)|alias {named}=|/{named}\b|install\b.*\s{named}\b", text
        )
    )


@cache
def nearly(name: str) -> str:
    """Return the known command that differs from `name` in one letter, or an empty string.

    Two swapped letters count as one.
    """
    if name in KNOWN_COMMANDS or not _NAME.fullmatch(name) or len(name) < _SHORTEST - 1:
        return ""
    near = [known for known in KNOWN_COMMANDS if len(known) >= _SHORTEST and one_apart(name, known)]
    # A daemon is named like its client, with a `d` appended.
    near = [known for known in near if f"{known}d" != name and f"{name}d" != known]
    return near[0] if len(near) == 1 else ""


def one_apart(one: str, other: str) -> bool:
    """Return whether the texts differ in one letter, or in two that are swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    if short[start + 1 :] == long[start + 1 :]:
        return True
    swapped = long[start + 1 : start + 2] + long[start : start + 1]
    return short[start : start + 2] == swapped and short[start + 2 :] == long[start + 2 :]
