"""Where a line of a text stands after the text was edited."""

from __future__ import annotations

from collections.abc import Sequence


def moved(line: int, before: str, after: str) -> int | None:
    """Return the number of a line of `before` in `after`, `None` if it was edited itself.

    Lines count from 1. The edit is taken to be at one place.
    """
    old, new = before.splitlines(), after.splitlines()
    head = _common(old, new)
    if line <= head:
        return line
    tail = _common(old[head:][::-1], new[head:][::-1])
    return line + len(new) - len(old) if line > len(old) - tail else None


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts have in common from the beginning."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
