"""The lines of included files: their numbers, and which directive included them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList

from runbook.sphinx.source.lines import absolute

_PADDING = 2
"""docutils puts an empty line before what it inserts into its input."""


def lines_before(source: str, options: Mapping[str, Any]) -> int:
    """Return how many lines of `source` precede what an `include` with `options` includes.

    A line of which only the end is included does not precede it.
    """
    start, after = options.get("start-line"), options.get("start-after")
    if not start and not after:
        return 0
    encoding = options.get("encoding") or "utf-8-sig"
    try:
        text = Path(source).read_text(encoding=encoding, errors="replace")
    except OSError:
        return 0
    lines = text.splitlines()
    count = len(range(*slice(start or 0).indices(len(lines))))
    text = "\n".join(lines[start : options.get("end-line")])
    found = text.find(after) if after else -1
    return count if found < 0 else count + text.count("\n", 0, found + len(after or ""))


def renumber(machine: Any, count: int, options: Mapping[str, Any]) -> None:
    """Give the `count` lines that were just inserted the numbers that they have in their file."""
    lines: StringList | None = machine.input_lines
    assert lines is not None  # noqa: S101  # a directive runs on its input
    start: int = machine.line_offset + _PADDING
    source = lines.items[start][0]
    before = lines_before(absolute(source), options)
    # What a directive parses is a view of the lines around it, which keep their own numbers.
    while before and lines is not None:
        for index in range(start, start + count - _PADDING):
            name, offset = lines.items[index]
            if name == source and offset is not None:
                lines.items[index] = (name, offset + before)
        start += lines.parent_offset or 0
        lines = lines.parent


def note(document: nodes.document, machine: Any, place: tuple[str | None, int | None]) -> None:
    """Note that the directive at `place` has inserted lines; later notes of a file prevail."""
    source, line = place
    inserted = machine.input_lines.items[machine.line_offset + _PADDING][0]
    if source and line:
        document.attributes.setdefault("runbook_inclusions", {})[absolute(inserted)] = (
            absolute(source),
            line,
        )


def included_by(document: nodes.document, source: str) -> tuple[str, int] | None:
    """Return source and line of the directive that includes `source`, if one does."""
    found: dict[str, tuple[str, int]] = document.get("runbook_inclusions") or {}
    return found.get(source)
