"""Tell what a guide's author says to the reader, in or behind a command, from the command."""

from __future__ import annotations

import re
from typing import Final

from runbook.console.words import LIKELY, sentence, typed

_ARROW: Final = re.compile(r"\s+<(?:-{2,}|={2,}|-) +[A-Z].*\Z")
"""A remark that points back to the command: `useradd bob   <-- Choose a name`."""

_SEVERAL_WORDS: Final = re.compile(r"([\"'])[^\"']*\s[^\"']*\1")
"""No program has a name of several words."""

_ELISION: Final = re.compile(r"\s*(?:\.\.\.|\[\.\.\.\]|<snip>|\u2026)\s*\Z")
_ASIDE: Final = re.compile(r"\s*\[[A-Za-z]\w* [^\]]*\]\s*\Z")
"""What the reader is to do in between: `[edit the file]`."""


def is_elision(line: str) -> bool:
    """Tell whether `line` stands for lines that the author left out."""
    return bool(_ELISION.match(line))


def is_aside(line: str) -> bool:
    """Tell whether `line` is none to type: a remark, what was left out, what to do in between."""
    line = line.lstrip()
    return not line or line[0] == "#" or is_elision(line) or bool(_ASIDE.match(line))


def is_remark(text: str) -> bool:
    """Tell whether what follows a prompt is the author's remark, or nothing."""
    text = without_remark(text)
    if not text or text.startswith("#") or not text[0].isascii() or is_elision(text):
        return True
    if _SEVERAL_WORDS.match(text):
        return True
    return sentence(text) and typed(text) < LIKELY


def without_remark(text: str) -> str:
    """Return the command `text` without an author's remark at its end."""
    text = _ARROW.sub("", text) if "<" in text else text
    if " #" not in text and "\t#" not in text:
        return text
    if "\n" in text and not text.partition("\n")[0].endswith("\\"):
        # What goes on after its first line by itself is quoted, or a here-document.
        return text
    quote = ""
    escaped = False
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            escaped = True
            position += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == "#" and text[position - 1 : position].isspace() and not escaped:
            last = "\n" not in text[position:]
            return text[:position].rstrip() if last else text
        escaped = False
        position += 1
    return text
