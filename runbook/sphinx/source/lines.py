"""The source lines of a block and their exact text.

docutils strips trailing spaces and expands tabs before it parses. The trailing space of a prompt
and the tabs of a here-document matter, so blocks also carry their exact text.
"""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StateMachine, StringList
from sphinx.transforms import SphinxTransform

from runbook.model import Location

TAB_WIDTH = 8
"""docutils' default of the setting `tab_width`."""

_MAX_HEADER_LINES = 20
"""How many lines the argument and options of an extension's directive may have."""


_NEAR = (0, -1, 1, -2, 2, -3, 3)
"""How far the line that a parser tells may be from the real one."""


def located_content(directive: Directive) -> StringList:
    """Return the content of `directive`, each line with its source file and line.

    Parsers other than docutils' own, such as MyST's, number the lines of the content from zero.
    """
    content: StringList = directive.content
    machine: Any = directive.state_machine
    if not len(content) or isinstance(machine, StateMachine):
        return content
    source, line = machine.get_source_and_line(directive.lineno)
    if source is None:
        return content
    start = line + directive.content_offset + 1
    shown = next((number for number, text in enumerate(content) if text.strip()), 0)
    text = "\n".join(list(content)[shown:])
    found = _near_line(content[shown], absolute(source), start + shown, text) - shown
    items = [(source, found - 1 + number) for number in range(len(content))]
    return StringList(list(content), items=items)


def directive_line(directive: Directive) -> tuple[str | None, int | None]:
    """Return the absolute source and the line of `directive`.

    MyST counts a line too much for one that follows the beginning of another without a gap.
    """
    machine: Any = directive.state_machine
    source, line = machine.get_source_and_line(directive.lineno)
    if source is None or line is None:
        return source, line
    source = absolute(source)
    if not isinstance(machine, StateMachine):
        lines, opening = _source_lines(source), f"{{{directive.name}}}"
        near = (line + distance for distance in _NEAR)
        found = [n for n in near if 0 < n <= len(lines) and opening in lines[n - 1]]
        title = str(directive.arguments[0]) if directive.arguments else ""
        # Old versions of MyST count wrongly in files of which a part is included.
        found += [n for n, text in enumerate(lines, 1) if opening in text and title in text]
        line = found[0] if found else line
    return source, line


def heading_line(location: Location, directory: Path, text: str) -> Location:
    """Return the location of a heading of which a parser tells the line, or that of its underline.

    `location` is relative to `directory`.
    """
    lines = _source_lines(absolute(str(directory / location.document)))
    words = re.findall(r"\w+", text)[:3]
    for number in (location.line, location.line - 1, location.line + 1):
        if 0 < number <= len(lines) and all(word in lines[number - 1] for word in words):
            return Location(location.document, number)
    return location


def _near_line(shown: str, source: str, line: int, text: str) -> int:
    """Return the line number of the line `shown`, with which `text` begins, nearest to `line`."""
    lines, wanted = _source_lines(source), shown.strip()
    for number in (line + distance for distance in _NEAR):
        if 0 < number <= len(lines) and lines[number - 1].strip() == wanted:
            return number
    return first_line(shown, source, max(line, 1), text)


def locate(node: nodes.Element, content: StringList) -> None:
    """Record on `node` the source file, the first line and the exact text of `content`."""
    if not len(content):
        return
    # Unlike the stubs say, lines that an extension generated may have no source.
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
    """Return the text of `content` with the tabs and trailing spaces of its source files."""
    items: list[tuple[Any, Any]] = content.items
    (source, offset), (last, end) = items[0], items[-1]
    if source is not None and (source, offset) == (last, end - len(items) + 1):
        return exact_text(list(content), absolute(source), offset + 1)
    # The lines are from several files, or not consecutive.
    return "\n".join(
        exact_text([shown], absolute(source), offset + 1) if source is not None else shown
        for (source, offset), shown in zip(items, content, strict=True)
    )


def absolute(source: str) -> str:
    """Return the absolute path of a source file that docutils names relative to the directory."""
    return _absolute(source, os.getcwd())  # noqa: PTH109  # pathlib is slow for every block


@functools.lru_cache(maxsize=64)
def _absolute(source: str, directory: str) -> str:
    path = os.path.normpath(os.path.join(directory, source))  # noqa: PTH118  # without symlinks
    return path if source and Path(path).is_file() else source


def exact_text(shown: list[str], source: str, line: int) -> str:
    """Return the text of the file `source` that docutils shows as `shown`, from `line` on.

    A line that does not match its source, as after a change by another extension, is kept.
    """
    lines = _source_lines(source)
    exact = list(shown)
    for number, text in enumerate(shown):
        index = line - 1 + number
        if index < len(lines):
            exact[number] = _exact_line(text, lines[index])
    return "\n".join(exact)


def first_line(shown: str, source: str, line: int, text: str = "") -> int:
    """Return the line number of the line `shown`, at or soon after a directive's `line`.

    If it is not there, it is the only place in the file where all of `text` stands.
    """
    lines = _source_lines(source)
    wanted = shown.strip()
    for number in range(line, min(line + _MAX_HEADER_LINES, len(lines) + 1)):
        if lines[number - 1].expandtabs(TAB_WIDTH).strip() == wanted:
            return number
    return (line_of_text(text, source) if text.strip() else None) or line


def line_of_text(shown: str, source: str) -> int | None:
    """Return the line of `source` where the lines of `shown` follow one another.

    It is `None` if they do not, or in more than one place. Indentation does not matter.
    """
    wanted = [line.strip() for line in shown.strip("\n").split("\n")]
    leading = len(shown) - len(shown.lstrip("\n"))
    lines = [line.expandtabs(TAB_WIDTH).strip() for line in _source_lines(source)]
    size = len(wanted)
    found = [n for n in range(len(lines) - size + 1) if lines[n : n + size] == wanted]
    return found[0] + 1 - leading if len(found) == 1 and found[0] >= leading else None


def _exact_line(shown: str, raw: str) -> str:
    expanded = raw.expandtabs(TAB_WIDTH).rstrip()
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


_unsaved: dict[str, tuple[str, ...]] = {}
"""The lines of files as an editor shows them, where they differ from the disk."""


def set_unsaved(source: str, text: str | None) -> None:
    """Let `text` stand for the content of the file `source`; `None` for what is on the disk."""
    if text is None:
        _unsaved.pop(source, None)
    else:
        _unsaved[source] = tuple(text.splitlines())


def _source_lines(source: str) -> tuple[str, ...]:
    if (unsaved := _unsaved.get(source)) is not None:
        return unsaved
    try:
        return _lines_of(source, os.stat(source).st_mtime_ns)  # noqa: PTH116  # as above
    except OSError:
        return ()


class LocateBlocks(SphinxTransform):
    """Locate the blocks that no directive made, while relative paths are still valid."""

    default_priority = 1

    def apply(self, **_: Any) -> None:
        """Record absolute source and exact text on the blocks."""
        for block in self.document.findall(_has_lines):
            if not block.source:
                continue
            block.source = absolute(block.source)
            if not isinstance(block, nodes.literal_block):
                continue
            if "runbook_source" not in block and "source" not in block and block.line:
                shown = block.astext()
                lines = shown.split("\n")
                line = first_line(lines[0], block.source, block.line, shown)
                if line != block.line:
                    block["runbook_line"] = line
                exact = exact_text(lines, block.source, line)
                if exact != shown:
                    block["runbook_exact"] = exact


def _has_lines(node: nodes.Node) -> bool:
    return isinstance(node, nodes.literal_block | nodes.paragraph)
