"""The parts of a card: files, checks, answers and manual tasks."""

from __future__ import annotations

from typing import Final

from docutils import nodes

from runbook.sphinx.collect.blocks import block_text
from runbook.sphinx.page.element import el, html_element
from runbook.sphinx.page.operator_values import OperatorValues, mark_places, mark_values
from runbook.sphinx.translation.interface import N_, _, duration

_EDIT_LABELS: Final = {
    "whole": N_("whole file"),
    "lines": N_("contains these lines"),
    "keys": N_("sets these keys"),
}


def file_block(node: nodes.container, values: OperatorValues) -> html_element:
    """Return a file with its path, kind of edit, mode and owner."""
    data, block = node["runbook_data"], node[1]
    path = node[0].children[-1].astext()
    edit = _(_EDIT_LABELS[data.get("edit", "whole")])
    if section := data.get("section"):
        edit = _("%(edit)s in [%(section)s]") % {"edit": edit, "section": section}
    facts = [edit]
    facts += [_("mode %s") % data["mode"]] if "mode" in data else []
    facts += [_("owner %s") % data["owner"]] if "owner" in data else []
    head = el(
        "div",
        "runbook-file-head",
        el("code", "runbook-file-path", *mark_values(path, values)),
        *(el("span", "runbook-fact", fact) for fact in facts),
    )
    text = el("pre", "", el("code", "", *mark_places(block_text(block), values)), tabindex="0")
    block_element = el("div", "runbook-block runbook-file", head, text, role="group")
    block_element["html"]["aria-label"] = _("File %s") % path
    if data.get("edit", "whole") == "whole":
        block_element["html"]["data-download"] = path.rpartition("/")[2]
    return block_element


def fold_checks(step: nodes.Element, level: int) -> None:
    """Group adjacent checks of a step under a heading, each folded behind its sentence."""
    group: html_element | None = None
    for node in list(step.children):
        if not isinstance(node, nodes.container) or node.get("runbook") != "check":
            group = None
            continue
        if group is None:
            head = el(f"h{level}", "runbook-checks-title", _("How to tell it worked"))
            group = el("div", "runbook-checks", head)
            step.replace(node, group)
        else:
            step.remove(node)
        group += _check(node)


def _check(node: nodes.container) -> html_element:
    sentence, block = node[0], node[1]
    words = sentence.children[-1].children
    summary = el("summary", "", el("span", "runbook-check-sentence", *words))
    for name in node["ids"][1:]:
        summary += el("span", "", id=name)
    note = _("The check itself, in Python.")
    if within := node["runbook_data"]["within"]:
        summary += el("span", "runbook-fact", _("may take %s") % duration(within))
    anchor = {"id": node["ids"][0]} if node["ids"] else {}
    return el("details", "runbook-check", summary, el("p", "runbook-note", note), block, **anchor)


def answer_table(node: nodes.container) -> html_element:
    """Return the table of answers in a box that scrolls."""
    name = el("p", "runbook-answers-title", _("What to answer"))
    return el("div", "runbook-answers", name, *node.children)


def manual_task(node: nodes.container) -> html_element:
    """Return the description of a manual task."""
    name = el("p", "runbook-manual-title", _("By hand"))
    return el("div", "runbook-manual", name, *node.children)
