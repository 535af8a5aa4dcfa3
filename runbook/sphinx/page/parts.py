"""What stands inside of a step's card: files, checks, answers, and work by hand."""

from __future__ import annotations

from typing import Final

from docutils import nodes

from runbook.sphinx.blocks import text_of
from runbook.sphinx.page.element import el, element
from runbook.sphinx.page.own import Values, pieces

_HOW: Final = {
    "whole": "the whole file",
    "lines": "these lines are in it",
    "keys": "these keys are set",
}


def file_of(node: nodes.container, values: Values) -> element:
    """Return a file with its path, how it is changed, owner and mode."""
    data, block = node["runbook_data"], node[1]
    path = node[0].children[-1].astext()
    how = _HOW[data.get("edit", "whole")]
    if section := data.get("section"):
        how += f" in [{section}]"
    facts = [how]
    facts += [f"mode {data['mode']}"] if "mode" in data else []
    facts += [f"owner {data['owner']}"] if "owner" in data else []
    head = el(
        "div",
        "runbook-file-head",
        el("code", "runbook-file-path", *pieces(path, values)),
        *(el("span", "runbook-fact", fact) for fact in facts),
    )
    text = el("pre", "", el("code", "", *pieces(text_of(block), values)), tabindex="0")
    made = el("div", "runbook-block runbook-file", head, text, role="group")
    made["html"]["aria-label"] = f"File {path}"
    if data.get("edit", "whole") == "whole":
        made["html"]["data-download"] = path.rpartition("/")[2]
    return made


def checks(step: nodes.Element, level: int) -> None:
    """Fold the checks of a step under one heading, each behind its sentence."""
    together: element | None = None
    for node in list(step.children):
        if not isinstance(node, nodes.container) or node.get("runbook") != "check":
            together = None
            continue
        if together is None:
            head = el(f"h{level}", "runbook-checks-title", "How to tell it worked")
            together = el("div", "runbook-checks", head)
            step.replace(node, together)
        else:
            step.remove(node)
        together += _check(node)


def _check(node: nodes.container) -> element:
    sentence, block = node[0], node[1]
    words = sentence.children[-1].children
    summary = el("summary", "", el("span", "runbook-check-sentence", *words))
    note = "The test that decides it, in Python."
    if within := node["runbook_data"]["within"]:
        summary += el("span", "runbook-fact", f"may take {duration(within)}")
    return el("details", "runbook-check", summary, el("p", "runbook-note", note), block)


def answers_of(node: nodes.container) -> element:
    """Return the table of what to answer, which may be wider than a telephone."""
    name = el("p", "runbook-answers-title", "What to answer")
    return el("div", "runbook-answers", name, *node.children)


def manual_of(node: nodes.container) -> element:
    """Return the words of a task for a person."""
    name = el("p", "runbook-manual-title", "By hand")
    return el("div", "runbook-manual", name, *node.children)


def duration(seconds: float) -> str:
    """Return a duration in words, as exactly as an operator needs it."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
