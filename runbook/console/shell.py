"""Cut the lines of a script into commands, as bash does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.shelltext.parsing.lines import Construct
from runbook.shelltext.parsing.reader import Reader, explain

__all__ = ["Construct", "Reader", "ScriptCommand", "explain", "script_commands"]

_COMPLETE: Final = re.compile(r"[\w./:=@%+, -]*[\w./:=@%+,]\Z")
_COMPOUND: Final = re.compile(
    r"(?:\A|.* )(?:if|while|until|for|select|case|function|coproc)(?: |\Z)"
)
"""What makes a line of plain words the start of a longer command."""


@frozen
class ScriptCommand:
    """One command of a script: its `text` and the `offset` of its first line in the block."""

    text: str
    offset: int


def script_commands(lines: Sequence[str]) -> tuple[list[ScriptCommand], tuple[int, str] | None]:
    """Return the commands in the `lines` of a script, and the error in the last one.

    Blank lines and comments between commands are dropped. The error is the offset of the line
    that opened something and a message, or `None`.
    """
    found: list[ScriptCommand] = []
    position = 0
    while position < len(lines):
        line = lines[position].rstrip()
        if not line or line.lstrip().startswith("#"):
            position += 1
            continue
        start = position
        position += 1
        if _COMPLETE.match(line) and not _COMPOUND.match(line):
            found.append(ScriptCommand(line, start))
            continue
        reader = Reader()
        typed = [_fed(reader, lines[start])]
        while reader.awaits and position < len(lines):
            typed.append(_fed(reader, lines[position]))
            position += 1
        if reader.awaits:
            return found, (start + reader.awaits.line, explain(reader.awaits))
        found.append(ScriptCommand("\n".join(typed).rstrip(), start))
    return found, None


def _fed(reader: Reader, line: str) -> str:
    """Let `reader` read `line`; return it without the blanks at its end that mean nothing."""
    was_text = reader.in_text
    if not was_text and line.rstrip().endswith("\\"):
        line = line.rstrip()
    reader.feed(line)
    return line if was_text or reader.in_text else line.rstrip()
