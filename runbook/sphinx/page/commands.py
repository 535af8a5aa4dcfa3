"""Console blocks, dialogues and scripts as HTML, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from docutils import nodes
from sphinx.config import Config

from runbook.console import CONSOLE, SCRIPT, has_prompt
from runbook.console.layout import Line, Role, layout
from runbook.model import Turn
from runbook.sphinx.collect.blocks import block_text
from runbook.sphinx.page.element import el, html_element
from runbook.sphinx.page.operator_values import OperatorValues, mark_places
from runbook.sphinx.translation.interface import N_, _

_NOT_COMMANDS: Final = frozenset({"check", "file"})
_ANSWER_LABELS: Final = {Role.ENTER: N_("press Enter"), Role.SECRET: N_("type the secret")}
"""Shown instead of an answer that has no text."""
_HINTS: Final = {Role.KEY: N_("without Enter"), Role.EDIT: N_("in place of the proposal")}
"""Shown after an answer that is not typed as a line."""
_ANSWERS: Final = frozenset({Role.ANSWER, *_ANSWER_LABELS, *_HINTS})


def console_block(
    node: nodes.literal_block,
    config: Config,
    answers: Sequence[Turn] | None,
    values: OperatorValues,
) -> html_element | None:
    """Return the block as an element, or `None` if it has nothing to type."""
    if node.get("linenos") or any(not isinstance(child, nodes.Text) for child in node.children):
        return None
    text, default = block_text(node), config.highlight_language
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
    pre = el("pre", "")
    for number, line in enumerate(lines):
        span = _line(line, values)
        if number < len(lines) - 1:
            span += nodes.Text("\n")
        pre += span
    has_answers = not roles.isdisjoint(_ANSWERS)
    label = _("Commands and answers to type") if has_answers else _("Commands to type")
    return el("div", "runbook-block runbook-console", pre, role="group", aria_label=label)


def _line(line: Line, values: OperatorValues) -> html_element:
    span = el("span", "runbook-line")
    for piece in line:
        classes = f"runbook-{piece.role.value}"
        if piece.role in _ANSWER_LABELS:
            span += el("span", classes, el("span", "", _(_ANSWER_LABELS[piece.role])))
        elif piece.role in _HINTS:
            span += el("span", "runbook-answer", *mark_places(piece.text, values))
            span += el("span", "runbook-enter", el("span", "", _(_HINTS[piece.role])))
        elif piece.role is Role.PROMPT:
            span += el("span", classes, piece.text, data_fixed="")
        else:
            span += el("span", classes, *mark_places(piece.text, values))
    return span


def in_check_or_file(node: nodes.Node) -> bool:
    """Tell whether a block is the content of a check or a file."""
    parent = node.parent
    return isinstance(parent, nodes.Element) and parent.get("runbook") in _NOT_COMMANDS
