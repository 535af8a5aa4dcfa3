"""A step as a card: number, title, hosts, how long it takes, and what is known of it."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from docutils import nodes
from sphinx.application import Sphinx

from runbook import console
from runbook.evidence import Evidence
from runbook.model import Step, Turn
from runbook.sphinx.answers import turns_of
from runbook.sphinx.ids import step_id
from runbook.sphinx.page import parts, standing
from runbook.sphinx.page.commands import block_of, elsewhere
from runbook.sphinx.page.element import el, element
from runbook.sphinx.page.own import Values
from runbook.sphinx.validate import chapter_of


@define
class Cards:
    """Makes the cards of one document."""

    app: Sphinx
    docname: str
    values: Values
    _steps: dict[str, Step] = field(factory=dict)
    _known: Evidence | None = None

    def dress(self, doctree: nodes.document) -> None:
        """Replace the blocks and the steps of `doctree`."""
        steps = [one for one in doctree.findall(nodes.container) if one.get("runbook") == "step"]
        if steps:
            self._steps = {step.id: step for step in chapter_of(self.app, self.docname).steps}
            self._known = standing.load(self.app, self.docname)
        for step in steps:
            self._blocks(step, _answers(step))
        self._blocks(doctree, None)
        for number, step in enumerate(steps, 1):
            step.replace_self(self._card(step, number))

    def _blocks(self, within: nodes.Element, answers: list[Turn] | None) -> None:
        for block in list(within.findall(nodes.literal_block)):
            if elsewhere(block):
                continue
            made = block_of(block, self.app.config, answers, self.values)
            if made is not None:
                block.replace_self(made)

    def _card(self, node: nodes.container, number: int) -> element:
        data = node["runbook_data"]
        id_ = step_id(data["id"], self.docname, self.app.config.root_doc)
        step = self._steps.get(id_)
        anchor = node["ids"][0]
        level = min(_depth(node) + 1, 5)
        for part in list(node.findall(nodes.container)):
            self._part(part)
        parts.checks(node, level + 1)
        words = node[0].children[0].children
        title = el(
            f"h{level}",
            "runbook-step-title",
            el("span", "runbook-step-number", str(number)),
            " ",
            el("span", "", *words),
            el("a", "headerlink", "\u00b6", href=f"#{anchor}", title="Link to this step"),
            id=f"{anchor}-title",
        )
        shown = standing.of(step, self._known) if step is not None and self._known else []
        head = el("header", "runbook-step-head", title, *standing.badges(shown))
        body = [child for child in node.children[1:] if "runbook-step-facts" not in _classes(child)]
        facts = _facts(data, standing.expected(shown))
        card = el(
            "article",
            "runbook-step",
            *(el("span", "", id=name) for name in node["ids"][1:]),
            head,
            *([el("ul", "runbook-facts", *facts)] if facts else []),
            *body,
            *standing.told(self.app, self.docname, shown),
            id=anchor,
            aria_labelledby=f"{anchor}-title",
            data_step=id_,
        )
        platforms = step.platforms if step is not None else tuple(data.get("platform", ()))
        if platforms:
            card["html"]["data-platforms"] = " ".join(platforms)
        return card

    def _part(self, part: nodes.container) -> None:
        match part.get("runbook"):
            case "file":
                part.replace_self(parts.file_of(part, self.values))
            case "answers":
                part.replace_self(parts.answers_of(part))
            case "manual":
                part.replace_self(parts.manual_of(part))


def _answers(step: nodes.container) -> list[Turn] | None:
    found = [
        turn
        for about in step.findall(nodes.container)
        if about.get("runbook") == "answers"
        for turn in turns_of(about["runbook_data"])
    ]
    return list(console.merged(found)) or None


def _depth(node: nodes.Node) -> int:
    depth, parent = 0, node.parent
    while parent is not None:
        depth += isinstance(parent, nodes.section)
        parent = parent.parent
    return depth


def _classes(node: nodes.Node) -> list[str]:
    return node["classes"] if isinstance(node, nodes.Element) and "classes" in node else []


def _facts(data: dict[str, Any], expected: str) -> list[element]:
    """Return what is known of a step before it is read, each as an item of a list."""
    hosts = data.get("on", ())
    made = [
        el("li", "runbook-host", host)
        if host != "all"
        else el("li", "runbook-host runbook-host-all", "all hosts", data_fixed="")
        for host in hosts
    ]
    said = list(data.get("platform", ()))
    said += [f"if you chose {one.replace('=', ': ')}" for one in data.get("choice", ())]
    said += [f"as {data['user']}"] if "user" in data else []
    said += ["one host after another"] if "serial" in data else []
    said += [
        f"only without {name[1:]}" if name.startswith("!") else f"needs {name}"
        for name in data.get("requires", ())
    ]
    said += ["changes nothing"] if "readonly" in data else []
    said += ["takes back what this chapter did"] if "undo" in data else []
    said += [f"about {expected}"] if expected else []
    return made + [el("li", "runbook-fact", text, data_fixed="") for text in said]
