"""Where the lines of a block stand in its source file, and what exactly is written there.

docutils strips trailing blanks and expands tabs before it parses. A prompt's trailing blank
and the tab of a here-document matter, so blocks carry their exact text beside the shown one.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.transforms import SphinxTransform

TABS = 8
"""What docutils expands a tab to, unless a guide says otherwise."""

_REACH = 20
"""How many lines the head of an extension's directive may have."""


def locate(node: nodes.Element, content: StringList) -> None:
    """Record on `node` the source file, the first line and the exact text of `content`."""
    if not len(content):
        return
    # The stubs do not say so, but text that an extension made may come from nowhere.
    first: tuple[Any, Any] = content.items[0]
    source, offset = first
    if source is None or offset is None:
        return
    source = absolute(source)
    node["runbook_source"] = source
    node["runbook_line"] = offset + 1
    exact = exact_lines(content)
    if exact != "\n".join(content):
        node["runbook_exact"] = exact


def exact_lines(content: StringList) -> str:
    """Return the text of `content` with the tabs and trailing blanks that its files have."""
    items: list[tuple[Any, Any]] = content.items
    (source, offset), (last, end) = items[0], items[-1]
    if source is not None and (source, offset) == (last, end - len(items) + 1):
        return exact_text(list(content), absolute(source), offset + 1)
    # Lines of several files, or with something left out between them.
    return "\n".join(
        exact_text([shown], absolute(source), offset + 1) if source is not None else shown
        for (source, offset), shown in zip(items, content, strict=True)
    )


def absolute(source: str) -> str:
    """Return the path of a source file that docutils gave relative to the present directory."""
    return _absolute(source, os.getcwd())  # noqa: PTH109  # a path object for each block is slow


@functools.lru_cache(maxsize=64)
def _absolute(source: str, directory: str) -> str:
    path = Path(directory, source)
    return str(path) if path.is_file() else source


def exact_text(shown: list[str], source: str, line: int) -> str:
    """Return the text of the file `source` that docutils shows as `shown`, from `line` on.

    A line that cannot be found again, as after a change by another extension, stays as it is.
    """
    written = _written(source)
    exact = list(shown)
    for number, text in enumerate(shown):
        index = line - 1 + number
        if index < len(written):
            exact[number] = _exact_line(text, written[index])
    return "\n".join(exact)


def first_line(shown: str, source: str, line: int) -> int:
    """Return the number of the line that shows `shown`, at or soon after a directive's `line`."""
    written = _written(source)
    wanted = shown.strip()
    for number in range(line, min(line + _REACH, len(written) + 1)):
        if written[number - 1].expandtabs(TABS).strip() == wanted:
            return number
    return line


def _exact_line(shown: str, raw: str) -> str:
    expanded = raw.expandtabs(TABS).rstrip()
    if not shown or not expanded.endswith(shown):
        return shown
    indent = len(expanded) - len(shown)
    if "\t" in raw[:indent] or len(raw) < indent:
        return shown + raw[len(raw.rstrip()) :]
    return raw[indent:]


@functools.lru_cache(maxsize=8)
def _lines_of(source: str, _changed: int) -> tuple[str, ...]:
    try:
        return tuple(Path(source).read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()


def _written(source: str) -> tuple[str, ...]:
    try:
        return _lines_of(source, os.stat(source).st_mtime_ns)  # noqa: PTH116  # as above
    except OSError:
        return ()


class PlainBlocks(SphinxTransform):
    """Locate the blocks that no directive made, while paths still belong to this directory."""

    default_priority = 1

    def apply(self, **_: Any) -> None:
        """Give the blocks an absolute source and their exact text."""
        for block in self.document.findall(nodes.literal_block):
            if not block.source:
                continue
            block.source = absolute(block.source)
            if "runbook_source" not in block and "source" not in block and block.line:
                shown = block.astext()
                lines = shown.split("\n")
                line = first_line(lines[0], block.source, block.line)
                if line != block.line:
                    block["runbook_line"] = line
                exact = exact_text(lines, block.source, line)
                if exact != shown:
                    block["runbook_exact"] = exact
