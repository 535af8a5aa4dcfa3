"""Another value in the place of one that a guide has: of an option, an argument, an answer."""

from __future__ import annotations

import re
from typing import Final

_PAIRS: Final = (
    ("yes", "no"),
    ("y", "n"),
    ("on", "off"),
    ("true", "false"),
    ("up", "down"),
    ("enable", "disable"),
    ("enabled", "disabled"),
    ("start", "stop"),
    ("allow", "deny"),
    ("rw", "ro"),
)
_OTHER: Final = {
    **{one: other for pair in _PAIRS for one, other in (pair, pair[::-1])},
    "restart": "stop",
}

_MODE: Final = re.compile(r"0[0-7]{3}")
_NUMBER: Final = re.compile(r"([1-9]\d*|0)(\D*)")
_LAST_NUMBER: Final = re.compile(r"\d+(?=\D*\Z)")
_ADDRESS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?")
_NAMED: Final = re.compile(r"([\w.:-]+=)(.+)", re.DOTALL)
_LETTER: Final = re.compile(r"\w")
_PROGRAM: Final = re.compile(r"[{}()|^$*?\\;<>\[\]]")
"""What a pattern or a program has that is an argument: more at its end is no other value."""


def other(value: str) -> str | None:
    """Return what to put in the place of `value`, or `None` if there is nothing to change.

    It is the opposite where there is one, another number, or a name that is not there.
    """
    if not _LETTER.search(value):
        return None
    if (opposite := opposite_of(value)) is not None:
        return opposite
    if _MODE.fullmatch(value):
        return "0700" if value != "0700" else "0755"
    if _ADDRESS.fullmatch(value):
        address, slash, width = value.partition("/")
        return f"{_LAST_NUMBER.sub(_another_byte, address)}{slash}{width}"
    if found := _NUMBER.fullmatch(value):
        # Twice as much, rather than one more: what is one more often is as good.
        return f"{2 * int(found[1]) + 1}{found[2]}"
    if (found := _NAMED.fullmatch(value)) and (inner := other(found[2])) is not None:
        return found[1] + inner
    return None if _PROGRAM.search(value) else f"{value}x"


def opposite_of(word: str) -> str | None:
    """Return the opposite of a word, written as that is, if it has one."""
    found = _OTHER.get(word.lower())
    if found is None:
        return None
    return found.upper() if word.isupper() else found.title() if word.istitle() else found


def _another_byte(found: re.Match[str]) -> str:
    return str((int(found[0]) + 7) % 254 or 1)
