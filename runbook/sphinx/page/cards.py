"""A step as a card with number, title, hosts, expected duration and evidence."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from docutils import nodes
from sphinx.application import Sphinx

from runbook import console
from runbook.model import Step, Turn
from runbook.results.believed import Believed
from runbook.sphinx.directives.answers import turns_from
from runbook.sphinx.page import evidence, parts, source_notes
from runbook.sphinx.page.commands import console_block, in_check_or_file
from runbook.sphinx.page.element import el, html_element
from runbook.sphinx.page.operator_values import OperatorValues
from runbook.sphinx.planning.collected import chapter_from
from runbook.sphinx.source.ids import step_id
from runbook.sphinx.translation.interface import _


@define
class CardRenderer:
    """Renders the steps of one document as cards."""

    app: Sphinx
    docname: str
    values: OperatorValues
    _steps: dict[str, Step] = field(factory=dict)
    _evidence: Believed | None = None

    def render(self, doctree: nodes.document) -> None:
        """Replace the blocks and steps of `doctree`."""
        steps = [one for one in doctree.findall(nodes.container) if one.get("runbook") == "step"]
        if steps:
            self._steps = {step.id: step for step in chapter_from(self.app, self.docname).steps}
            self._evidence = evidence.load(self.app, self.docname)
        for step in steps:
            self._blocks(step, _answers_in(step))
        self._blocks(doctree, None)
        for number, step in enumerate(steps, 1):
            step.replace_self(self._card(step, number))

    def _blocks(self, within: nodes.Element, answers: list[Turn] | None) -> None:
        for block in list(within.findall(nodes.literal_block)):
            if in_check_or_file(block):
                continue
            rendered = console_block(block, self.app.config, answers, self.values)
            if rendered is not None:
                block.replace_self(rendered)

    def _card(self, node: nodes.container, number: int) -> html_element:
        data = node["runbook_data"]
        id_ = step_id(data["id"], self.docname, self.app.config.root_doc)
        step = self._steps.get(id_)
        anchor = node["ids"][0]
        level = min(_depth(node) + 1, 5)
        for part in list(node.findall(nodes.container)):
            self._replace_part(part)
        parts.fold_checks(node, level + 1)
        title_nodes = node[0].children[0].children
        title = el(
            f"h{level}",
            "runbook-step-title",
            el("span", "runbook-step-number", str(number)),
            " ",
            el("span", "", *title_nodes),
            el("a", "headerlink", "\u00b6", href=f"#{anchor}", title=_("Link to this step")),
            id=f"{anchor}-title",
        )
        known = self._evidence
        results = evidence.step_results(self.app, step, known) if step and known else []
        head = el("header", "runbook-step-head", title, *evidence.badges(results))
        body = [child for child in node.children[1:] if "runbook-step-facts" not in _classes(child)]
        facts = _facts(data, evidence.expected_duration(results))
        card = el(
            "article",
            "runbook-step",
            *(el("span", "", id=name) for name in node["ids"][1:]),
            head,
            *([el("ul", "runbook-facts", *facts)] if facts else []),
            *body,
            *(evidence.details(self.app, self.docname, results, known) if known else []),
            *(source_notes.fold(source_notes.notes_named(self.app, step.sources)) if step else []),
            id=anchor,
            aria_labelledby=f"{anchor}-title",
            data_step=id_,
        )
        platforms = step.platforms if step is not None else tuple(data.get("platform", ()))
        if platforms:
            card["html"]["data-platforms"] = " ".join(platforms)
        return card

    def _replace_part(self, part: nodes.container) -> None:
        match part.get("runbook"):
            case "file":
                part.replace_self(parts.file_block(part, self.values))
            case "answers":
                part.replace_self(parts.answer_table(part))
            case "manual":
                part.replace_self(parts.manual_task(part))


def _answers_in(step: nodes.container) -> list[Turn] | None:
    found = [
        turn
        for table in step.findall(nodes.container)
        if table.get("runbook") == "answers"
        for turn in turns_from(table["runbook_data"])
    ]
    return list(console.merge_answers(found)) or None


def _depth(node: nodes.Node) -> int:
    depth, parent = 0, node.parent
    while parent is not None:
        depth += isinstance(parent, nodes.section)
        parent = parent.parent
    return depth


def _classes(node: nodes.Node) -> list[str]:
    return node["classes"] if isinstance(node, nodes.Element) and "classes" in node else []


def _facts(data: dict[str, Any], expected: str) -> list[html_element]:
    """Return hosts, conditions and duration of a step, each as a list item."""
    hosts = data.get("on", ())
    rendered = [
        el("li", "runbook-host", host)
        if host != "all"
        else el("li", "runbook-host runbook-host-all", _("all hosts"), data_fixed="")
        for host in hosts
    ]
    texts = list(data.get("platform", ()))
    texts += [_("if you chose %s") % one.replace("=", ": ") for one in data.get("choice", ())]
    texts += [_("as %s") % data["user"]] if "user" in data else []
    texts += [_("one host after another")] if "serial" in data else []
    texts += [
        _("only without %s") % name[1:] if name.startswith("!") else _("needs %s") % name
        for name in data.get("requires", ())
    ]
    texts += [_("changes nothing")] if "readonly" in data else []
    texts += [_("undoes this chapter")] if "undo" in data else []
    texts += [_("about %s") % expected] if expected else []
    return rendered + [el("li", "runbook-fact", text, data_fixed="") for text in texts]
