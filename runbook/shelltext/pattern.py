"""Build long regular expressions from alternatives, one per line."""

from __future__ import annotations

import re


def any_of(*alternatives: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that matches any of the `alternatives`, tried in order."""
    return re.compile("|".join(f"(?:{one})" for one in alternatives), flags)


def numbered(*alternatives: str) -> str:
    """Return the source of a pattern whose `alternatives` use the same group names.

    The groups of the n-th alternative get the suffix `_n`; `unnumbered` removes it again.
    """
    return "|".join(
        re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{number}>", one)
        for number, one in enumerate(alternatives)
    )


def unnumbered(found: re.Match[str]) -> dict[str, str]:
    """Return the groups that took part in the match of a `numbered` pattern, by name."""
    return {
        re.sub(r"_\d+\Z", "", name): text
        for name, text in found.groupdict().items()
        if text is not None
    }
