"""A second reading of shell text, by tree-sitter-bash, for comparison.

What two parsers that know nothing of each other read differently, a person may misread as well.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from runbook.shelltext.parsing.commands import ShellText

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Query

_NO_TEXT: Final = re.compile(r"[^\x20-\x7e\t\n]")
_PROGRAMS: Final = """
    (command_name) @program
    (declaration_command) @program
    (unset_command) @program
    (command_substitution "`") @unsure
    (heredoc_body) @unsure
"""
_NO_PROGRAM: Final = frozenset({"{", "}", "time", "coproc", "!"})
"""Reserved words that tree-sitter-bash takes for programs in some places."""


def doubt(text: str, shell: ShellText) -> str:
    """Return why bash may read `text` otherwise than `shell`, or an empty string."""
    if not shell.intricate:
        return ""
    # It counts bytes, and takes some characters for blanks that are none to bash.
    source = _NO_TEXT.sub(".", text).encode("ascii")
    parser, query = _bash()
    root = parser.parse(source).root_node
    if root.has_error:
        return "bash may read this otherwise than it looks"
    found = _captured(query, root)
    known = {command.words[0].offset for command in shell.commands if command.words}
    # It does not undo escapes, so what is within these is not where it seems to be.
    unsure = [(node.start_byte, node.end_byte) for node in found.get("unsure", ())]
    for node in found.get("program", ()):
        start, end = node.start_byte, node.end_byte
        if start in known or text[start:end] in _NO_PROGRAM:
            continue
        if not any(first <= start < last for first, last in unsure):
            return f"bash may read this otherwise than it looks: {text[start:end]}"
    return ""


@cache
def _bash() -> tuple[Parser, Query]:
    # Only here, because most texts do not need it.
    import tree_sitter_bash
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_bash.language())
    return Parser(language), Query(language, _PROGRAMS)


def _captured(query: Query, root: Node) -> dict[str, list[Node]]:
    from tree_sitter import QueryCursor

    return QueryCursor(query).captures(root)
