"""Console blocks, dialogues and scripts as the eye needs them, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from docutils import nodes
from sphinx.config import Config

from runbook.console import CONSOLE, SCRIPT, has_prompt
from runbook.console.layout import Line, Role, layout
from runbook.model import Turn
from runbook.sphinx.blocks import text_of
from runbook.sphinx.page.element import el, element
from runbook.sphinx.page.own import Values, pieces

_ELSEWHERE: Final = frozenset({"check", "file"})
_SPOKEN: Final = {Role.ENTER: "press Enter", Role.SECRET: "type the secret"}
"""What stands in the place of an answer that has no text."""


def block_of(
    node: nodes.literal_block, config: Config, answers: Sequence[Turn] | None, values: Values
) -> element | None:
    """Return the block for the page, or `None` if it shows nothing to type."""
    if node.get("linenos") or any(not isinstance(child, nodes.Text) for child in node.children):
        return None
    text, default = text_of(node), config.highlight_language
    language = str(node.get("language") or default)
    if language not in CONSOLE | SCRIPT:
        if language not in ("default", "none", default) or not has_prompt(text):
            return None
        language = "console"
    lines = layout(text, language=language, answers=answers)
    if lines is None:
        return None
    roles = {piece.role for line in lines for piece in line}
    if Role.COMMAND not in roles:
        return None
    shown = el("pre", "")
    for number, line in enumerate(lines):
        made = _line(line, values)
        if number < len(lines) - 1:
            made += nodes.Text("\n")
        shown += made
    asks = not roles.isdisjoint({Role.ANSWER, Role.ENTER, Role.SECRET})
    label = "Commands and answers to type" if asks else "Commands to type"
    return el("div", "runbook-block runbook-console", shown, role="group", aria_label=label)


def _line(line: Line, values: Values) -> element:
    made = el("span", "runbook-line")
    for piece in line:
        classes = f"runbook-{piece.role.value}"
        if piece.role in _SPOKEN:
            made += el("span", classes, el("span", "", _SPOKEN[piece.role]))
        elif piece.role is Role.PROMPT:
            made += el("span", classes, piece.text, data_fixed="")
        else:
            made += el("span", classes, *pieces(piece.text, values))
    return made


def elsewhere(node: nodes.Node) -> bool:
    """Tell whether a block belongs to a check or is a file's content."""
    parent = node.parent
    return isinstance(parent, nodes.Element) and parent.get("runbook") in _ELSEWHERE
