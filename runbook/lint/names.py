"""Names of commands that are nearly those of known ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from runbook.lint.finding import Finding, Flaw
from runbook.lint.known import KNOWN
from runbook.lint.lines import Line
from runbook.model import Kind

_SHORTEST: Final = 7
"""Short names are near to each other by chance."""

_OFTEN: Final = 3
"""A name that the guide types in this many commands is meant."""

_NAME: Final = re.compile(r"[a-z][a-z_-]+")


def typos(lines: Sequence[Line]) -> Iterator[Finding]:
    """Yield names that differ in one letter from that of a known command."""
    called = Counter(program.name for line in lines for program in line.programs)
    made = " ".join(line.text for line in lines)
    for line in lines:
        if line.kind is Kind.SYNOPSIS:
            continue
        for program in line.programs:
            name = program.name
            if called[name] >= _OFTEN or program.words[0].text != name:
                continue
            right = nearly(name)
            if right and not _defined(name, made):
                message = f"{name}: no such command is known"
                yield line.finding(program.offset, Flaw.TYPO, message, right)


def _defined(name: str, text: str) -> bool:
    """Tell whether the guide itself makes, installs or names such a command."""
    named = re.escape(name)
    return bool(
        re.search(
            rf"(?:^|[\s;]){named}\s*\(\)|alias {named}=|/{named}\b|install\b.*\s{named}\b", text
        )
    )


@cache
def nearly(name: str) -> str:
    """Return the known command from which `name` differs in one letter, or an empty text.

    Two letters that changed places count as one.
    """
    if name in KNOWN or not _NAME.fullmatch(name) or len(name) < _SHORTEST - 1:
        return ""
    near = [known for known in KNOWN if len(known) >= _SHORTEST and one_apart(name, known)]
    # A service is called like its client, with a `d` behind it.
    near = [known for known in near if f"{known}d" != name and f"{name}d" != known]
    return near[0] if len(near) == 1 else ""


def one_apart(one: str, other: str) -> bool:
    """Tell whether the texts differ in one letter, or in two that changed places."""
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
