"""What a file is to contain after an edit: pure functions of the text before it."""

from __future__ import annotations

import re
from typing import Final

from runbook.model import Edit, FileContent

_SECTION: Final = re.compile(r"\s*\[(.*)\]\s*$")


def apply(content: FileContent, current: str | None) -> str:
    """Return the text of the file after the edit; `current` is `None` if there is no file.

    Applied to its own result, an edit changes nothing. The text always ends a line.
    """
    match content.edit:
        case Edit.WHOLE:
            return _ended(content.text)
        case Edit.LINES:
            return _with_lines(content.text, current or "")
        case Edit.KEYS:
            return _with_keys(content.text, content.section, current or "")


def not_overridden(earlier: FileContent, later: FileContent) -> str:
    """Return the lines of an `earlier` edit that a `later` edit of the same file leaves alone.

    A line for a key that the later one sets to another value is gone. Neither is of a whole file.
    """
    if earlier.edit is later.edit and (
        earlier.edit is Edit.LINES or _name(earlier.section) != _name(later.section)
    ):
        return earlier.text
    values = dict(_parts(line) for line in _lines(later.text) if _key(line))
    lines = [line for line in _lines(earlier.text) if line.strip()]
    left = [line for line in lines if values.get(_key(line), _parts(line)[1]) == _parts(line)[1]]
    if len(left) == len(lines):
        return earlier.text
    if earlier.edit is Edit.KEYS:
        left = [line for line in left if _key(line)]
    return _joined(left)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _lines(text: str) -> list[str]:
    # Not `splitlines`: a form feed or a separator in a line is part of it.
    return _ended(text).split("\n")[:-1]


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _with_lines(text: str, current: str) -> str:
    lines = _lines(current)
    present = {line.rstrip() for line in lines}
    for line in _lines(text):
        if line.strip() and line.rstrip() not in present:
            lines.append(line)
            present.add(line.rstrip())
    return _joined(lines)


def _with_keys(text: str, section: str | None, current: str) -> str:
    lines = _lines(current)
    for wanted in _lines(text):
        if _key(wanted):
            lines = _with_key(lines, section, wanted)
    return _joined(lines)


def _with_key(lines: list[str], section: str | None, wanted: str) -> list[str]:
    """Return `lines` with the one line `wanted` for its key in the section."""
    start, end = _extent(lines, section)
    if start is None:
        gap = [""] if lines and lines[-1].strip() else []
        return [*lines, *gap, f"[{section}]", wanted]
    body = lines[start:end]
    places = [n for n, line in enumerate(body) if _key(line) == _key(wanted)]
    if places:
        first = places[0]
        if _parts(body[first]) != _parts(wanted):
            body[first] = wanted
        # A second line for the key would undo the first in most programs.
        body = [line for n, line in enumerate(body) if n == first or n not in places]
    else:
        last = len(body)
        while last and not body[last - 1].strip():
            last -= 1
        body.insert(last, wanted)
    return [*lines[:start], *body, *lines[end:]]


def _extent(lines: list[str], section: str | None) -> tuple[int | None, int]:
    """Return where the lines of the section begin and end; `None` if there is no such section."""
    heads = [
        (n, match[1].strip()) for n, line in enumerate(lines) if (match := _SECTION.match(line))
    ]
    if section is None:
        return 0, heads[0][0] if heads else len(lines)
    for place, (number, name) in enumerate(heads):
        if name == section.strip():
            end = heads[place + 1][0] if place + 1 < len(heads) else len(lines)
            return number + 1, end
    return None, len(lines)


def _name(section: str | None) -> str | None:
    return section if section is None else section.strip()


def _parts(line: str) -> tuple[str, str]:
    """Return key and value of a line `key = value` or `key value`; no key for any other."""
    line = line.strip()
    if not line or line[0] in "#;[":
        return "", ""
    if "=" in line:
        key, _, value = line.partition("=")
        return key.strip(), value.strip()
    key, *rest = line.split(maxsplit=1)
    return key, rest[0] if rest else ""


def _key(line: str) -> str:
    return _parts(line)[0]
