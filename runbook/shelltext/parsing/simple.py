"""Read at once what most commands are: words, quotes and plain redirections on one line."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from runbook.shelltext.parsing.found import FoundCommand, FoundRedirect
from runbook.shelltext.parsing.lines import Span

_PIECE: Final = (
    r"(?>[^ \t;&|()<>\"'`\\$]++|'[^']*+'|\"(?>[^\"`\\$]++|\$(?:\w++|[@*?!#-]|\{\w++\}))*+\""
    r"|\$(?:\w++|[@*?!#-]|\{\w++\}))++"
)
_WORD: Final = re.compile(
    rf"[ \t]*+(\d*+(?:>>|>&|<&|>|<)|&>>?)?+[ \t]*+(?!#)({_PIECE})(?=[ \t;&|)<>]|\Z)"
)
_END: Final = re.compile(r"[ \t]*+(#.*)?(?=[;&|)]|\Z)(?!&>)")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*+\+?=")
_SUBSCRIPT: Final = re.compile(r"[A-Za-z_]\w*+\[")
_DESCRIPTOR: Final = re.compile(r"\{\w+\}\Z")
_QUOTED: Final = re.compile(r"'([^']*+)'|\"([^\"]*+)\"")
_BRACED: Final = re.compile(r"\$\{\w+\}")


@frozen
class SimpleCommandLine:
    """A simple command, the column behind it, and where its quotes and comments are."""

    command: FoundCommand
    column: int
    quoted: list[Span]


def simple_command(line: str, column: int, base: int) -> SimpleCommandLine | None:
    """Return the simple command at `column`, or `None` if it takes a closer look.

    `base` is the offset of the line in the whole text.
    """
    command = FoundCommand()
    words = command.words
    place = column
    for found in _WORD.finditer(line, column):
        start, end = found.span(2)
        before = found.start()
        if before != place:
            break
        place = end
        if operator := found[1]:
            if line[before - 1] == "}" and _DESCRIPTOR.search(line, column, before):
                return None
            span = base + start, base + end
            command.redirects.append(FoundRedirect(operator.lstrip("0123456789"), span))
        elif words:
            words.append((base + start, base + end))
        elif _ASSIGNMENT.match(line, start):
            command.assignments.append((base + start, base + end))
        elif _SUBSCRIPT.match(line, start):
            return None
        else:
            words.append((base + start, base + end))
    behind = _END.match(line, place)
    if behind is None or place == column:
        return None
    quoted: list[Span] = []
    if "'" in line or '"' in line:
        for one in _QUOTED.finditer(line, column, place):
            braces = one[2] is not None
            for start, end in _plain(line, *one.span(one.lastindex or 0), braces=braces):
                quoted.append((base + start, base + end))
    if behind[1]:
        quoted.append((base + behind.start(1), base + behind.end()))
    return SimpleCommandLine(command, behind.end(), quoted)


def _plain(line: str, start: int, end: int, *, braces: bool) -> list[Span]:
    """Return the parts between `start` and `end` that are not `${...}`."""
    found: list[Span] = []
    if braces and "${" in line:
        for one in _BRACED.finditer(line, start, end):
            found.append((start, one.start()))
            start = one.end()
    found.append((start, end))
    return [span for span in found if span[0] < span[1]]
