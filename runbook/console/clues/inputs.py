"""What is typed into programs with commands of their own: whole inputs among lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.console.clues.interactive import is_input, is_own, language, quits
from runbook.shelltext.pattern import any_of

_STATEMENT: Final = re.compile(r".*;\s*\Z|.*\\[gG]\s*\Z")
_ALONE: Final = any_of(
    r"(?i:exit|quit|use|source|status|help|connect)\b",
    r"[\\.]\w",
)
"""What needs no semicolon in a database."""

_PRINTED: Final = any_of(r"[+|]", r"\(?\d+ rows?\b", r"Query OK|ERROR|Empty set|Bye\b|Database ch")
_SQL_COMMENT: Final = re.compile(r"\s*--(?:\s|\Z)")
_MOST_LINES: Final = 60
"""How many lines a statement may have."""


@frozen
class Input:
    """What is typed into a program, and the position of the line after it."""

    text: str
    position: int


def statement(
    name: str, lines: Sequence[str], start: int, first: str, end: int | None = None
) -> Input:
    """Return the whole input that begins with `first` at line `start`, in one line.

    A backslash continues it, and so does the lack of a semicolon in a database. It ends before
    line `end`.
    """
    end = len(lines) if end is None else end
    parts = [first.strip()]
    position = start + 1
    while parts[-1].endswith("\\") and position < end and lines[position].strip():
        parts[-1] = parts[-1].rstrip("\\").rstrip()
        parts.append(lines[position].strip())
        position += 1
    if language(name) == "sql" and not _ALONE.match(first.strip()):
        more = _until_semicolon(lines, position, end, parts[-1])
        parts += [line.strip() for line in lines[position:more] if not _SQL_COMMENT.match(line)]
        position = more
    return Input(" ".join(part for part in parts if part), position)


def _until_semicolon(lines: Sequence[str], start: int, end: int, last: str) -> int:
    """Return the position after the line that ends the statement, or `start` if none does."""
    if _STATEMENT.match(last):
        return start
    for position in range(start, min(start + _MOST_LINES, end)):
        line = lines[position]
        if not line.strip() or _PRINTED.match(line):
            return start
        if _STATEMENT.match(line):
            return position + 1
    return start


def statements(name: str, lines: Sequence[str]) -> list[str]:
    """Return the `lines`, all of which are input for the program `name`, as whole inputs."""
    found: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if not line or _SQL_COMMENT.match(line):
            position += 1
            continue
        typed = statement(name, lines, position, line)
        found.append(typed.text)
        position = typed.position
    return found


def shown_inputs(name: str, lines: Sequence[str]) -> list[tuple[int, Input]]:
    """Return the inputs for the program `name` among `lines`, which show no prompts, with place.

    The other lines are what the program prints.
    """
    found: list[tuple[int, Input]] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if line and is_own(name, line):
            typed = statement(name, lines, position, line)
            if _is_whole(name, typed.text):
                found.append((position, typed))
                position = typed.position
                continue
        position += 1
    return found


def _is_whole(name: str, text: str) -> bool:
    if language(name) != "sql":
        return True
    return bool(_STATEMENT.match(text)) or bool(_ALONE.match(text))


def session(name: str, lines: Sequence[str], start: int) -> tuple[list[str], int]:
    """Return what is typed into the program `name` from line `start` on, and the position after.

    The lines show no prompts. They end with one that leaves the program, or before one that is
    certainly typed at the shell.
    """
    found: list[str] = []
    position = start
    while position < len(lines):
        line = lines[position].strip()
        if not line or line.startswith(("#", "--")):
            position += 1
            continue
        if not is_input(name, line):
            break
        typed = statement(name, lines, position, line)
        found.append(typed.text)
        position = typed.position
        if quits(typed.text) and not _goes_on(name, lines, position):
            break
    return found, position


def _goes_on(name: str, lines: Sequence[str], start: int) -> bool:
    """Return whether the program has left only one of its modes, as routers do with `exit`."""
    if language(name) != "network":
        return False
    following = next((line for line in lines[start:] if line.strip()), "")
    return is_own(name, following.strip()) and not following.startswith(("#", "$"))
