"""How many cells of a terminal characters take: none, one or two."""

from __future__ import annotations

import unicodedata
from typing import Final

FIRST_JOINED: Final = "\u0300"
"""All characters before this one take one cell."""


def width(character: str) -> int:
    """Return how many cells a character takes; what is joined to another one takes none."""
    if character < FIRST_JOINED:
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cells_of(text: str) -> list[str]:
    """Return the cells of `text`: a wide character has an empty one after it.

    What has no width is in the cell of the character before it.
    """
    found: list[str] = []
    place = 0
    for character in text:
        wide = width(character)
        if not wide and found:
            found[place] += character
            continue
        place = len(found)
        found += [character, ""] if wide == 2 else [character]
    return found


def fitting(text: str, room: int) -> int:
    """Return how many characters of `text`, with what is joined to them, fit into `room` cells."""
    if text.isascii():
        return min(len(text), room)
    for place, character in enumerate(text):
        room -= width(character)
        if room < 0:
            return place
    return len(text)
