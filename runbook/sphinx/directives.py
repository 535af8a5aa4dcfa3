"""The directives that authors mark steps with.

Each makes ordinary docutils nodes, so that every builder can write them. What the plan needs
travels as plain data in two attributes: `runbook` names the noun, `runbook_data` says more.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from runbook.sphinx import options
from runbook.sphinx.ids import slug, step_id
from runbook.sphinx.lines import locate


class _Noun(SphinxDirective):
    """What the directives have in common: a container that says which noun it is."""

    noun: ClassVar[str]
    has_content = True
    final_argument_whitespace = True

    def container(self, **data: Any) -> nodes.container:
        """Return the container of the noun at the directive's own line."""
        made = nodes.container(classes=[f"runbook-{self.noun}"])
        self.set_source_info(made)
        made["runbook"] = self.noun
        made["runbook_data"] = data
        return made

    def line_of(self, text: str, *classes: str) -> nodes.paragraph:
        """Return a paragraph of the inline markup `text`."""
        inline, messages = self.parse_inline(text, lineno=self.lineno)
        made = nodes.paragraph(text, "", *inline, *messages, classes=list(classes))
        self.set_source_info(made)
        return made

    def block(self, language: str) -> nodes.literal_block:
        """Return the content as a literal block that knows its exact lines."""
        text = "\n".join(self.content)
        made = nodes.literal_block(text, text, language=language)
        self.set_source_info(made)
        locate(made, self.content)
        return made

    def parsed(self, into: nodes.Element) -> nodes.Element:
        """Parse the content into the node `into` and return it."""
        self.state.nested_parse(self.content, self.content_offset, into)
        return into


class Step(_Noun):
    """`.. step:: Title`: what the operator does on which hosts."""

    noun = "step"
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
        "output": options.choice("shown", "compared"),
        "undo": directives.flag,
        "choice": options.alternatives,
        "name": options.name,
    }

    def run(self) -> list[nodes.Node]:
        """Return the step's card, anchored under its permanent id."""
        title = self.arguments[0]
        permanent = self.options.get("name") or slug(title)
        if not permanent:
            raise self.error("the title of a step needs a letter or a digit")
        flags = ("readonly", "serial", "undo")
        data = {k: v for k, v in self.options.items() if k not in flags}
        data |= {flag: True for flag in flags if flag in self.options}
        made = self.container(**data | {"id": permanent})
        made["ids"].append(self._anchor(permanent.rpartition("/")[2]))
        self.state.document.note_explicit_target(made)
        heading = self.line_of(title, "runbook-step-title")
        heading[:] = [nodes.strong("", "", *heading.children)]
        made += heading
        if facts := self._facts():
            made += nodes.paragraph(facts, facts, classes=["runbook-step-facts"])
        self.parsed(made)
        label = step_id(permanent, self.env.docname, self.config.root_doc)
        self.env.domains.standard_domain.note_hyperlink_target(
            label, self.env.docname, made["ids"][0], heading.astext()
        )
        return [made]

    def _anchor(self, wanted: str) -> str:
        """Return an id for the page; a section of the same name keeps the name for itself."""
        taken = self.state.document.ids
        anchor, number = wanted, 1
        while anchor in taken:
            anchor = f"step-{wanted}" if number == 1 else f"step-{wanted}-{number}"
            number += 1
        return anchor

    def _facts(self) -> str:
        said = self.options
        facts = []
        if "on" in said:
            facts.append("On " + ", ".join(said["on"]))
        if "user" in said:
            facts.append("as " + said["user"])
        if "serial" in said:
            facts.append("one host after another")
        if "platform" in said:
            facts.append("only for " + ", ".join(said["platform"]))
        if "choice" in said:
            facts += ["if you chose " + one.replace("=", ": ") for one in said["choice"]]
        if "requires" in said:
            facts.append("needs " + ", ".join(r.replace("!", "no ") for r in said["requires"]))
        if "readonly" in said:
            facts.append("changes nothing")
        if "undo" in said:
            facts.append("takes back what this chapter did")
        return " · ".join(facts)


class Check(_Noun):
    """`.. check:: sentence`: testinfra assertions that decide whether the sentence is true."""

    noun = "check"
    required_arguments = 1
    option_spec: ClassVar[Any] = {"within": options.duration}

    def run(self) -> list[nodes.Node]:
        """Return the sentence above its assertions."""
        self.assert_has_content()
        made = self.container(within=self.options.get("within", 0.0))
        sentence = self.line_of(self.arguments[0], "runbook-check-sentence")
        sentence[:] = [
            nodes.strong("", "Check:"),
            nodes.Text(" "),
            nodes.inline("", "", *sentence.children),
        ]
        made += sentence
        made += self.block("python")
        return [made]


class File(_Noun):
    """`.. file:: /path`: a file on the host, or an edit of one."""

    noun = "file"
    required_arguments = 1
    option_spec: ClassVar[Any] = {
        "mode": options.mode,
        "owner": options.owner,
        "edit": options.choice("whole", "lines", "keys"),
        "section": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the path above the text."""
        path = self.arguments[0].strip()
        if not path.startswith(("/", "|")) or "\n" in path:
            raise self.error(f"{path!r} is not the absolute path of one file")
        if "section" in self.options and self.options.get("edit") != "keys":
            raise self.error("the option 'section' needs ':edit: keys'")
        made = self.container(**self.options)
        caption = nodes.paragraph(path, "", classes=["runbook-file-path"])
        caption += [nodes.strong("", "File:"), nodes.Text(" "), nodes.literal(path, path)]
        self.set_source_info(caption)
        made += caption
        made += self.block("none")
        return [made]


class Manual(_Noun):
    """`.. manual::`: work that only a person can do."""

    noun = "manual"

    def run(self) -> list[nodes.Node]:
        """Return the words of the task."""
        self.assert_has_content()
        return [self.parsed(self.container())]


class Platform(_Noun):
    """`.. platform:: el9 el8`: steps for these platforms only."""

    noun = "platform"
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the steps below the platforms' names."""
        self.assert_has_content()
        names = options.words(self.arguments[0])
        made = self.container(platforms=names)
        made["classes"] += [f"runbook-platform-{slug(name)}" for name in names]
        shown = ", ".join(names)
        made += nodes.paragraph(shown, shown, classes=["runbook-platform-name"])
        return [self.parsed(made)]


class Choice(_Noun):
    """`.. choice:: engine=hosted`: steps for those who chose this alternative."""

    noun = "choice"
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the steps below the words of the choice."""
        self.assert_has_content()
        try:
            chosen = options.chosen(self.arguments[0])
        except ValueError as error:
            raise self.error(str(error)) from error
        made = self.container(choices=[chosen])
        name, _, value = chosen.partition("=")
        shown = f"If you chose {name}: {value}"
        made += nodes.paragraph(shown, shown, classes=["runbook-choice-name"])
        return [self.parsed(made)]
