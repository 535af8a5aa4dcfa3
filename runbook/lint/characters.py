"""Characters that look right on a page but mean nothing to a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.console.shell import Reader
from runbook.lint.commands import GuideCommand
from runbook.lint.finding import Finding, FindingKind

_DASH: Final = re.compile(r"(?<!\S)([‐‑‒–—―−]+)([^\W_][\w-]*)?")  # noqa: RUF001
_QUOTES: Final = re.compile(r"[“”„‟«»‘’‚‛]")  # noqa: RUF001
_STRAIGHT: Final = str.maketrans("“”„‟«»‘’‚‛", '""""""\'\'\'\'')  # noqa: RUF001
_SPACE: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_UNSEEN: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]+")
_WIDE: Final = re.compile("[\uff01-\uff5e]+")


def character_findings(command: GuideCommand) -> Iterator[Finding]:
    """Yield typographic dashes and quotes, odd spaces and full-width characters outside quotes."""
    if command.text.isascii():
        return
    # With an unterminated quote, the mask does not tell which characters are quoted.
    text = command.text if _is_open(command.text) else command.masked
    for found in _DASH.finditer(text):
        word = found[2] or ""
        # Smart punctuation turns `--` into one dash, and leaves `-` alone.
        right = f"{'--' if len(word) > 1 or found[1] == '—' else '-'}{word}"
        if word or found[1] in "–—":  # noqa: RUF001
            message = f"{found[0]!r} starts with a typographic dash, so it is not an option"
            yield command.finding(found.start(), FindingKind.DASH, message, right if word else "")
    for found in _QUOTES.finditer(text):
        message = f"{found[0]} is not a quotation mark of the shell"
        yield command.finding(
            found.start(), FindingKind.QUOTE, message, found[0].translate(_STRAIGHT)
        )
        break
    for found in _SPACE.finditer(text):
        message = f"a space character that does not separate words (U+{ord(found[0][0]):04X})"
        yield command.finding(found.start(), FindingKind.SPACE, message, "an ordinary space")
    for found in _UNSEEN.finditer(command.text):
        message = f"an invisible character (U+{ord(found[0][0]):04X})"
        yield command.finding(found.start(), FindingKind.SPACE, message)
    for found in _WIDE.finditer(text):
        right = "".join(chr(ord(char) - 0xFEE0) for char in found[0])
        message = f"the full-width {found[0]!r} is not the ASCII character"
        yield command.finding(found.start(), FindingKind.WIDTH, message, repr(right))


def _is_open(text: str) -> bool:
    reader = Reader()
    for one in text.split("\n"):
        reader.feed(one)
    return reader.awaits is not None and reader.awaits.opener in "'\""
