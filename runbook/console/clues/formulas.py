"""Lines that resemble commands but are formulas, or lines of well-known files."""

from __future__ import annotations

import re
from typing import Final

from runbook.console.clues.wordlists import words
from runbook.shelltext.pattern import any_of

_FILES: Final = any_of(
    r"(?:# )?CONFIG_[A-Z0-9_]+(?:=(?:[ymn]|\d\w*|\"[^\"]*\")?\s*\Z| is not set\b)",  # a kernel
    r"[\w%+#@.-]+\s+[\w%,.-]+\s*=\s*(?:\([\w%:,. -]+\)|NOPASSWD|PASSWD|SETENV|ALL\b)",  # sudoers
    r"Defaults(?:[:@>!]\S+)?\s+!?\w|(?:User|Runas|Host|Cmnd)_Alias\s",
    r"\S+\s+/\S*\s+\w+\s+\S+\s+\d\s+\d\s*\Z",  # a table of file systems
    r"(?:LABEL|UUID|PARTUUID)=\S+\s+(?:/|swap\b|none\b)",
    r"(?:@(?:reboot|hourly|daily|weekly|monthly|yearly)|(?:[\d*/,-]+\s+){4}[\w*/,-]+)\s+\S",  # cron
)
_COMPARES: Final = frozenset({"<", ">"})
_OPERATORS: Final = _COMPARES | {
    "<=", ">=", "==", "!=", "=", ":=", "+", "-", "*", "/", "%", "^", "**", "~", "=~", "&&", "||",
}  # fmt: skip
_ONLY_IN_FORMULAS: Final = frozenset({"<=", ">=", "==", "!="})
_QUOTES: Final = frozenset("'\"`$")
_OPERAND: Final = re.compile(r"[\w.,\[\]()\u0370-\u03ff]+\Z")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?%?\w?\Z")
_MOST: Final = 30


def is_setting_of_known_file(text: str) -> bool:
    """Return whether `text` is a line of a kernel configuration, sudoers, fstab or crontab."""
    return bool(_FILES.match(text))


def is_expression(text: str) -> bool:
    """Return whether `text` is a formula, such as `a < 2 * b`, rather than a command."""
    parts = text.split(maxsplit=_MOST)
    if len(parts) < 3 or parts[0] in words("commands"):
        return False
    if any(part in _ONLY_IN_FORMULAS for part in parts) and not _QUOTES & set(text):
        return True
    if parts[1] not in _OPERATORS:
        return False
    operators = [part for part in parts if part in _OPERATORS]
    operands = [part for part in parts if part not in _OPERATORS]
    if not all(map(_OPERAND.match, operands)):
        return False
    # A program may read and write files: `tool < a > b`.
    return not _COMPARES.issuperset(operators) or any(map(_NUMBER.match, operands[1:]))
