"""Joins the lines of questions that a program has wrapped to the width of its terminal.

Programs do not mark wrapped lines, so these are told by their length and form.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import field, frozen

_SENTENCE_END: Final = re.compile(r"(?:[.:;?!)\]=>#]|[-=*_]{2})$")
_NO_WRAP: Final = re.compile(r"\s*\[[ A-Z]+\]")
_CHOICES_ONLY: Final = re.compile(r"\s*[(\[]")
_NUMBER_ONLY: Final = re.compile(r"\s*\(\w+\)\s*\Z")
_WORD: Final = re.compile(r"\w")
_CUT: Final = re.compile(r"\w-\Z")
_MARGIN: Final = 24
"""Maximum columns that programs leave free when they wrap; otopi leaves 16."""
WORD_LINES: Final = 4
"""Consecutive lines of one word that indicate a terminal without a width."""
_MAX_LINES: Final = 400
"""Maximum lines of a question."""


@frozen
class UnwrappedOutput:
    """Output with and without its whitespace.

    `line_starts` and `wraps` are offsets into `compact`, the text without whitespace: of lines
    that are new, and of those that may continue the line before. `offsets` maps an offset into
    `compact` to the one into `text`.
    """

    text: str
    compact: str
    line_starts: frozenset[int]
    wraps: frozenset[int]
    offsets: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str, columns: int) -> UnwrappedOutput:
        """Unwrap plain text; `columns` is the width that the program assumes, 0 for none."""
        text = text.rstrip()
        offsets = tuple(offset for offset, char in enumerate(text) if not char.isspace())
        line_starts: set[int] = set()
        wraps: set[int] = set()
        offset = 0
        before = ""
        for line in text.split("\n"):
            if line.strip():
                (wraps if _may_wrap(before, line, columns) else line_starts).add(offset)
            offset += sum(not char.isspace() for char in line)
            before = line
        compact = "".join(text[offset] for offset in offsets)
        return cls(text, compact, frozenset(line_starts), frozenset(wraps), offsets)

    def text_from(self, offset: int) -> str:
        """Return the text from an offset into `compact` on, with its whitespace."""
        return self.text[self.offsets[offset] :] if offset < len(self.offsets) else ""


def last_question(text: str, columns: int) -> str:
    """Return the question at the end of plain text, unwrapped into one line.

    A line with only choices or a default (`(1, 2)[1]:`) belongs to the line before, as do the
    lines of a menu.
    """
    lines = text.strip("\n").split("\n")
    if len(lines) >= WORD_LINES and all(len(line.split()) == 1 for line in lines[-WORD_LINES:]):
        columns = 0
    parts = [lines.pop()]
    while lines and len(parts) < _MAX_LINES:
        before, first = lines.pop(), parts[0]
        if not before.strip() or _NO_WRAP.match(before):
            break
        numbered = _NUMBER_ONLY.match(before) and _may_wrap("a", first, columns)
        if not (_CHOICES_ONLY.match(first) or numbered or _may_wrap(before, first, columns)):
            break
        parts.insert(0, before)
    joined = ""
    for part in parts:
        words = " ".join(part.split())
        joined += words if not joined or _CUT.search(joined) else f" {words}"
    return joined


def _may_wrap(before: str, line: str, columns: int) -> bool:
    """Return whether `line` may continue the line `before`."""
    if _SENTENCE_END.search(before.rstrip()) or _NO_WRAP.match(before):
        return False
    if not _WORD.search(before):
        return False  # it is empty, or shows progress
    first = line.split(maxsplit=1)[0]
    # A program wraps only where the first word would not have fitted on the line before.
    return len(before.rstrip()) + 1 + len(first) > columns - _MARGIN
