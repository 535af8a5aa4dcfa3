"""What in a command stands for something else: placeholders, and the marks of a synopsis."""

from __future__ import annotations

import re
from typing import Final

from runbook.console.words import known

_QUOTED: Final = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_OPTIONAL: Final = re.compile(
    r"(?:^|\s)\[(?:-{1,2}[A-Za-z]|<|\{|[a-z]+(?:[-_ ][\w-]+)*(?:\s*\.\.\.)?\]|[A-Z][A-Z_-]+\]|OPTIONS|\.\.\.)"
    r"|(?:^|\s)<(?:options?|commands?|args?|arguments?|flags?)>|[\w>]\[ ?<|\{<[^>]+>\}"
    r"|\w\[[-,:/@=](?:<|\{|\w)[^\]\d]*\]|\]\s*\[|(?:^|\s)\[[^\]]*\|[^\]]*\]"
)
_REPEATED: Final = re.compile(r"[\]>}\w]\s*\.\.\.\s*(?:\Z|[-\[<{])")
_EITHER: Final = re.compile(
    r"(?:^|[\s={(])[({]?(?P<one>[a-z][\w-]*|-{1,2}[\w-]+|<[^>]+>)(?: ?\| ?|\|)(?P<two>[a-z][\w-]*|-{1,2}[\w-]+|<[^>]+>)"
    r"|(?:^|[\s=])(?P<one_>[A-Z][A-Z_]+)\|(?P<two_>[A-Z][A-Z_]+)"
)
_PLACEHOLDERS: Final = re.compile(
    r"(?P<angle><[A-Za-z][\w ./:@#|'-]*>)"
    r"|(?<![$\w{%])(?P<brace>\{[A-Za-z][\w /.:-]*\})(?!\})"
    r"|(?<![\w$-])(?P<upper>(?:[A-Z][A-Z0-9]*_)+(?:PASS\w*|IP\w*|ID|UUID|NAME|HOST\w*|ADDRESS|URL|KEY|TOKEN|SECRET|DBPASS|INTERFACE\w*|NETWORK\w*|DEVICE|USER\w*|DIR|PATH|FILE|VERSION|PORT|DOMAIN)|(?:YOUR|MY)_[A-Z_]+)(?![\w=])"
    r"|(?P<percent>%[a-z][\w.-]*%)"
)


def bare(text: str) -> str:
    """Return `text` without what stands in quotation marks."""
    return _QUOTED.sub("''", text)


def is_synopsis(command: str) -> bool:
    """Tell whether `command` is the general form of a command rather than one to type."""
    text = bare(command.splitlines()[0] if "<<" in command else command)
    if re.search(r"(?:^|[\s;&|(])\[\[? ", text) or text.startswith(
        ("for ", "while ", "if ", "case ")
    ):
        return False
    if text.startswith("-"):
        return True
    if _OPTIONAL.search(text) or _REPEATED.search(text):
        return True
    for found in _EITHER.finditer(text):
        tight = "| " not in found[0] and " |" not in found[0]
        if tight and not known(found["two"] or ""):
            return True
    return False


def placeholders(command: str) -> tuple[str, ...]:
    """Return what the reader of `command` has to replace, in order, each once."""
    found = [
        m[0]
        for m in _PLACEHOLDERS.finditer(command)
        if "{{" not in command[max(0, m.start() - 1) : m.end()]
    ]
    # A tag of XML is closed again.
    return tuple(dict.fromkeys(p for p in found if f"</{p[1:]}" not in command))
