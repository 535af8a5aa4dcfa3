"""Expand braces: `{a,b}c` is `ac` and `bc`, and `{1..3}` is three words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from runbook.shelltext.parsing.words import Literal, Part

_RANGE: Final = re.compile(r"(?:([A-Za-z])\.\.([A-Za-z])|(-?\d{1,4})\.\.(-?\d{1,4}))")
_MOST: Final = 256


def expanded(parts: Sequence[Part]) -> list[tuple[Part, ...]] | None:
    """Return the words that braces in `parts` stand for; `None` if there are too many."""
    items: list[Part] = []
    for part in parts:
        if isinstance(part, Literal) and not part.quoted:
            items += (Literal(char, quoted=False) for char in part.written)
        else:
            items.append(part)
    found = _alternatives(items)
    return None if len(found) > _MOST else [tuple(one) for one in found]


def _alternatives(items: list[Part]) -> list[list[Part]]:
    signs = [p.written if isinstance(p, Literal) and not p.quoted else "" for p in items]
    for first in (n for n, sign in enumerate(signs) if sign == "{"):
        commas, last = _closing(signs, first)
        if last < 0:
            continue
        inside = "".join(signs[first + 1 : last])
        chosen = _chosen(items, [first, *commas, last], inside)
        if not chosen:
            # Not a range: the braces are ordinary characters.
            chosen = [items[first : last + 1]]
            inner = chosen
        else:
            inner = [one for choice in chosen for one in _alternatives(choice)]
        after = _alternatives(items[last + 1 :])
        if len(inner) * len(after) > _MOST:
            return [items] * (_MOST + 1)
        return [[*items[:first], *one, *rest] for one in inner for rest in after]
    return [items]


def _closing(signs: Sequence[str], first: int) -> tuple[list[int], int]:
    """Return where the commas and the end of the brace at `first` are; -1 if it has no end.

    A brace does not end before a comma, or the dots of a range.
    """
    level, commas, separated = 0, list[int](), False
    for place in range(first + 1, len(signs)):
        sign = signs[place]
        if sign == "}" and level == 0 and separated:
            return commas, place
        if sign == "{":
            level += 1
        elif sign == "}" and level:
            level -= 1
        elif sign == "," and level == 0:
            commas.append(place)
            separated = True
        elif sign == "." and level == 0 and signs[place + 1 : place + 2] == ["."]:
            separated = separated or signs[place + 2 : place + 3] != ["}"]
    return [], -1


def _chosen(items: list[Part], marks: list[int], inside: str) -> list[list[Part]]:
    """Return the alternatives between the `marks`, or of a range such as `a..e`."""
    if len(marks) > 2:
        return [items[a + 1 : b] for a, b in pairwise(marks)]
    found = _RANGE.fullmatch(inside)
    if not found or len(inside) != marks[-1] - marks[0] - 1:
        return []
    first, last = (ord(found[1]), ord(found[2])) if found[1] else (int(found[3]), int(found[4]))
    step = 1 if last >= first else -1
    numbers = range(first, last + step, step)[: _MOST + 1]
    return [[Literal(chr(n) if found[1] else str(n), quoted=False)] for n in numbers]
