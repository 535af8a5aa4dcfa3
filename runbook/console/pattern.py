"""Long patterns as lists of their alternatives, so that each stands on its own line."""

from __future__ import annotations

import re


def any_of(*alternatives: str, flags: int = 0) -> re.Pattern[str]:
    """Return the pattern that matches what the first fitting one of `alternatives` matches."""
    return re.compile("|".join(f"(?:{one})" for one in alternatives), flags)


def numbered(*alternatives: str) -> str:
    """Return the source of a pattern whose `alternatives` have groups of the same names.

    The groups of the n-th get the ending `_n`; `named` takes it off again.
    """
    return "|".join(
        re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{number}>", one)
        for number, one in enumerate(alternatives)
    )


def named(found: re.Match[str]) -> dict[str, str]:
    """Return the groups of a match of a `numbered` pattern that took part in it, by name."""
    return {
        re.sub(r"_\d+\Z", "", name): text
        for name, text in found.groupdict().items()
        if text is not None
    }
