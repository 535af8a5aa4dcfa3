"""Characters that look right on a page and mean nothing to a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.console.shell import Reader
from runbook.lint.finding import Finding, Flaw
from runbook.lint.lines import Line

_DASH: Final = re.compile(r"(?<!\S)([‐‑‒–—―−]+)([^\W_][\w-]*)?")  # noqa: RUF001
_QUOTES: Final = re.compile(r"[“”„‟«»‘’‚‛]")  # noqa: RUF001
_STRAIGHT: Final = str.maketrans("“”„‟«»‘’‚‛", '""""""\'\'\'\'')  # noqa: RUF001
_SPACE: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_UNSEEN: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]+")
_WIDE: Final = re.compile("[\uff01-\uff5e]+")


def look(line: Line) -> Iterator[Finding]:
    """Yield dashes, quotes, blanks and full-width characters outside of quotations."""
    # With a quotation left open, nothing tells which characters are quoted.
    text = line.text if _is_open(line.text) else line.bare
    for found in _DASH.finditer(text):
        word = found[2] or ""
        # An author who typed `--` got one dash of it, and of `-` none.
        right = f"{'--' if len(word) > 1 or found[1] == '—' else '-'}{word}"
        if word or found[1] in "–—":  # noqa: RUF001
            message = f"{found[0]!r} begins with a typographer's dash, so it is no option"
            yield line.finding(found.start(), Flaw.DASH, message, right if word else "")
    for found in _QUOTES.finditer(text):
        message = f"{found[0]} is no quotation mark of the shell"
        yield line.finding(found.start(), Flaw.QUOTE, message, found[0].translate(_STRAIGHT))
        break
    for found in _SPACE.finditer(text):
        message = f"a blank that parts no words (U+{ord(found[0][0]):04X})"
        yield line.finding(found.start(), Flaw.SPACE, message, "an ordinary one")
    for found in _UNSEEN.finditer(line.text):
        message = f"a character that nobody sees (U+{ord(found[0][0]):04X})"
        yield line.finding(found.start(), Flaw.SPACE, message)
    for found in _WIDE.finditer(text):
        right = "".join(chr(ord(char) - 0xFEE0) for char in found[0])
        message = f"the full-width {found[0]!r} is another character than the shell's"
        yield line.finding(found.start(), Flaw.WIDTH, message, repr(right))


def _is_open(text: str) -> bool:
    reader = Reader()
    for one in text.split("\n"):
        reader.feed(one)
    return reader.awaits is not None and reader.awaits.opener in "'\""
