"""The directive `step`."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.domains.std import StandardDomain

from runbook.sphinx.directives import options
from runbook.sphinx.directives.base import RunbookDirective
from runbook.sphinx.directives.emphasis import STEP_TITLE
from runbook.sphinx.source.ids import slug, step_id
from runbook.sphinx.translation.interface import _


class StepDirective(RunbookDirective):
    """`.. step:: Title`: what the operator does, and on which hosts."""

    directive_name = "step"
    required_arguments = 1
    option_spec: ClassVar[Any] = {
        "on": options.words,
        "platform": options.words,
        "requires": options.capabilities,
        "timeout": options.duration,
        "readonly": directives.flag,
        "serial": directives.flag,
        "user": options.user,
        "needs": options.words_or_nothing,
        "status": options.statuses,
        "capture": options.capture,
        "output": options.one_of("shown", "compared"),
        "undo": directives.flag,
        "choice": options.alternatives,
        "tags": options.words,
        "retry": options.retry,
        "background": directives.flag,
        "until-output": options.output_text,
        "repeatable": options.one_of("yes", "no"),
        "sources": options.source_notes,
        "provides": options.things,
        "unchecked": options.unchecked,
        "name": options.name,
    }

    def run(self) -> list[nodes.Node]:
        """Return the step as a container, with its permanent id as the anchor."""
        title = self.arguments[0]
        permanent = self.options.get("name") or slug(title)
        if not permanent:
            raise self.error("the title of a step must contain a letter or a digit")
        flags = ("readonly", "serial", "undo", "background")
        data = {k: v for k, v in self.options.items() if k not in flags}
        data |= {flag: True for flag in flags if flag in self.options}
        node = self.container(**data | {"id": permanent})
        self._give_anchor(node, permanent.rpartition("/")[2])
        heading = self.inline_paragraph(title, STEP_TITLE)
        node += heading
        if facts := self._facts():
            node += nodes.paragraph(facts, facts, classes=["runbook-step-facts"])
        self.parse_content(node)
        for check in node.findall(nodes.container):
            if check.get("runbook") == "check":
                self._give_anchor(check, f"{node['ids'][0]}-{slug(check[0].astext())}")
        label = step_id(permanent, self.env.docname, self.config.root_doc)
        standard = cast("StandardDomain", self.env.get_domain("std"))
        standard.note_hyperlink_target(label, self.env.docname, node["ids"][0], heading.astext())
        return [node]

    def _give_anchor(self, node: nodes.container, wanted: str) -> None:
        """Give `node` an id that is free on the page; a section of the same title keeps its own."""
        taken = self.state.document.ids
        anchor, number = wanted, 1
        while anchor in taken:
            anchor = f"step-{wanted}" if number == 1 else f"step-{wanted}-{number}"
            number += 1
        node["ids"].append(anchor)
        self.state.document.note_explicit_target(node)

    def _facts(self) -> str:
        """Return the options in words, for the line below the title."""
        given = self.options
        facts = []
        if "on" in given:
            facts.append(_("On %s") % ", ".join(given["on"]))
        if "user" in given:
            facts.append(_("as %s") % given["user"])
        if "serial" in given:
            facts.append(_("one host after another"))
        if "platform" in given:
            facts.append(_("only for %s") % ", ".join(given["platform"]))
        if "choice" in given:
            facts += [_("if you chose %s") % one.replace("=", ": ") for one in given["choice"]]
        if "requires" in given:
            needed = (_("no %s") % r[1:] if r.startswith("!") else r for r in given["requires"])
            facts.append(_("needs %s") % ", ".join(needed))
        if "readonly" in given:
            facts.append(_("changes nothing"))
        if "undo" in given:
            facts.append(_("undoes this chapter"))
        return " · ".join(facts)
