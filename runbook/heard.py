"""What a program printed, as it was heard: where its lines begin, and which were one before.

Programs wrap their questions to the terminal's width, and say nowhere that they did.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import field, frozen

_SENTENCE_END: Final = re.compile(r"(?:[.:;?!)\]=>#]|[-=*_]{2})$")
_NO_WRAP: Final = re.compile(r"\s*\[[ A-Z]+\]")
_OFFER_ONLY: Final = re.compile(r"\s*[(\[]")
_NUMBER_ONLY: Final = re.compile(r"\s*\(\w+\)\s*\Z")
_CUT: Final = re.compile(r"\w-\Z")
_MARGIN: Final = 24
"""Columns that programs leave free at most when they wrap; otopi leaves 16."""
_ROW: Final = 4
"""Lines of one word, one after the other, that show a terminal without a width."""
_MOST: Final = 400
"""Words that a question has at most."""


@frozen
class Heard:
    """What a program printed, without blanks.

    `begins` are the offsets of lines; `wraps` those of lines that may continue the one before.
    `places` maps an offset to that in the text with its blanks.
    """

    text: str
    squeezed: str
    begins: frozenset[int]
    wraps: frozenset[int]
    places: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str, columns: int) -> Heard:
        """Hear plain text; `columns` is the width that the program takes its terminal to have."""
        text = text.rstrip()
        places = tuple(place for place, char in enumerate(text) if not char.isspace())
        begins: set[int] = set()
        wraps: set[int] = set()
        offset = 0
        before = ""
        for line in text.split("\n"):
            if line.strip():
                (wraps if _may_wrap(before, line, columns) else begins).add(offset)
            offset += sum(not char.isspace() for char in line)
            before = line
        squeezed = "".join(text[place] for place in places)
        return cls(text, squeezed, frozenset(begins), frozenset(wraps), places)

    def since(self, offset: int) -> str:
        """Return the text from a squeezed offset on, with its blanks."""
        return self.text[self.places[offset] :] if offset < len(self.places) else ""


def question(text: str, columns: int) -> str:
    """Return the question that plain text ends with, in one line, as it was before it was wrapped.

    What is nothing but an offer (`(1, 2)[1]:`) belongs to the line before, and so do the lines
    of a menu.
    """
    lines = text.strip("\n").split("\n")
    if len(lines) >= _ROW and all(len(line.split()) == 1 for line in lines[-_ROW:]):
        columns = 0
    parts = [lines.pop()]
    while lines and len(parts) < _MOST:
        before, first = lines.pop(), parts[0]
        if not before.strip() or _NO_WRAP.match(before):
            break
        numbered = _NUMBER_ONLY.match(before) and _may_wrap("a", first, columns)
        if not (_OFFER_ONLY.match(first) or numbered or _may_wrap(before, first, columns)):
            break
        parts.insert(0, before)
    joined = ""
    for part in parts:
        words = " ".join(part.split())
        joined += words if not joined or _CUT.search(joined) else f" {words}"
    return joined


def _may_wrap(before: str, line: str, columns: int) -> bool:
    """Tell whether `line` may be the continuation of the line `before`."""
    if not before.strip() or _SENTENCE_END.search(before.rstrip()) or _NO_WRAP.match(before):
        return False
    first = line.split(maxsplit=1)[0]
    # The first word would have had room on the line before.
    return len(before.rstrip()) + 1 + len(first) > columns - _MARGIN
