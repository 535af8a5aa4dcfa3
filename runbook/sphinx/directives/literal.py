"""Code block directives that record what the author wrote, and where.

The attribute `runbook_block` of a block holds the name, language and options of its directive.
Each class is a mixin: other extensions replace these directives too, and theirs still work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.parsers.rst.directives.body import ParsedLiteral
from docutils.parsers.rst.directives.misc import Include
from docutils.statemachine import StateMachine, StringList
from sphinx.directives.code import CodeBlock, LiteralInclude
from sphinx.directives.other import Include as SphinxInclude
from sphinx.directives.patches import Code

from runbook.sphinx.source import inclusion
from runbook.sphinx.source.lines import (
    absolute,
    exact_lines,
    first_line,
    line_of_text,
    locate,
    located_content,
)
from runbook.sphinx.source.parsed_literal import split_parts


class _LocatedCode(Directive):
    """`code-block` and `code` with exact source lines."""

    def run(self) -> list[nodes.Node]:
        """Return the block that the directive makes, annotated."""
        content = located_content(self)
        language, options = first_argument(self.arguments), dict(self.options)
        return annotate(super().run(), self.name, content, options, language)


class _LocatedInclude(Directive):
    """`literalinclude` that records its options, and its line if it shows all lines of a part."""

    def run(self) -> list[nodes.Node]:
        """Return the block that the directive makes, annotated."""
        given = dict(self.options)
        result = list(super().run())
        for block in _blocks(result):
            record(block, self.name, given.get("language"), given | {"file": self.arguments[0]})
            source = absolute(block.get("source") or "")
            if Path(source).is_absolute() and (line := line_of_text(block.astext(), source)):
                block["runbook_source"], block["runbook_line"] = source, line
        return result


class _ExactParsedLiteral(Directive):
    """`parsed-literal` that also records the text as a shell would read it."""

    def run(self) -> list[nodes.Node]:
        """Return the block that the directive makes, annotated, with the parts of its text."""
        content = located_content(self)
        result = list(super().run())
        for block in _blocks(result):
            locate(block, content)
            _refer_to_secrets(block)
            block["runbook_parts"] = split_parts(block, exact_lines(content))
            block.attributes.pop("runbook_exact", None)
            record(block, self.name, None, self.options)
        return result


def _refer_to_secrets(block: nodes.literal_block) -> None:
    """Write secrets as in other blocks; the role is made for prose."""
    secrets = [one for one in block.findall(nodes.inline) if "runbook-secret" in one["classes"]]
    others = [one for one in block.children if not isinstance(one, nodes.Text)]
    for node in secrets:
        text = f"<secret:{node[-1].astext()}>"
        # A block with other markup makes no card, so that the place has to be marked here.
        marked = nodes.inline(text, text, classes=["runbook-fill"])
        only = all(one in secrets for one in others)
        node.parent.replace(node, nodes.Text(text) if only else marked)


class _LocatedText(Directive):
    """`include` whose lines keep their numbers, also if only a part of the file is included.

    docutils numbers them from the first that is included. Each inclusion is noted on the document.
    """

    def run(self) -> list[nodes.Node]:
        """Return what the directive makes; its text, if it is parsed, is in the input by then."""
        machine: Any = self.state_machine
        if not isinstance(machine, StateMachine):
            return list(super().run())
        place = machine.get_source_and_line(self.lineno)
        clipping = dict(self.options)
        lines: Any = machine.input_lines
        before = len(lines)
        result = list(super().run())
        count = len(lines) - before
        if count > 0:
            inclusion.renumber(machine, count, clipping)
            inclusion.note(self.state.document, machine, place)
        for block in _blocks(result):
            source = absolute(block.get("source") or "")
            block["runbook_source"] = source
            line = inclusion.lines_before(source, clipping) + 1
            shown = block.astext().partition("\n")[0]
            # A highlighter leaves out blank lines at the beginning.
            block["runbook_line"] = first_line(shown, source, line) if shown.strip() else line
            record(block, "literalinclude", clipping.get("code"), {"file": self.arguments[0]})
        return result


MIXINS: Final[Mapping[str, tuple[type[Directive], type[Directive]]]] = {
    "code-block": (_LocatedCode, CodeBlock),
    "sourcecode": (_LocatedCode, CodeBlock),
    "code": (_LocatedCode, Code),
    "literalinclude": (_LocatedInclude, LiteralInclude),
    "parsed-literal": (_ExactParsedLiteral, ParsedLiteral),
    "include": (_LocatedText, SphinxInclude),
}
"""The mixin and the original of each directive, by name."""


def located(name: str, base: type[Directive] | None = None) -> type[Directive]:
    """Return the directive `name` that records; `base` is what another extension made of it."""
    mixin, original = MIXINS[name]
    base = base or original
    # MyST tells the directives of docutils by their class.
    suitable = issubclass(base, Include) if name == "include" else issubclass(base, Directive)
    base = base if suitable else original
    return base if issubclass(base, mixin) else type(base.__name__, (mixin, base), {})


def annotate(
    result: Sequence[nodes.Node],
    name: str,
    content: StringList,
    options: dict[str, Any],
    language: str | None,
) -> list[nodes.Node]:
    """Record name, lines and options of a directive on the blocks it made; return its nodes."""
    shown = "\n".join(content)
    for block in _blocks(result):
        locate(block, content)
        if block.astext() != shown:
            # Dedented, or with values in place of names.
            block.attributes.pop("runbook_exact", None)
        record(block, name, language, options)
    return list(result)


def record(
    block: nodes.Element, directive: str, language: str | None, options: dict[str, Any]
) -> None:
    """Record the directive and its options on the block."""
    shown = {
        name: " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
        for name, value in options.items()
    }
    block["runbook_block"] = {"directive": directive, "language": language, "options": shown}


def _blocks(result: Sequence[nodes.Node]) -> list[nodes.literal_block]:
    return [block for node in result for block in node.findall(nodes.literal_block)]


def first_argument(arguments: list[str]) -> str | None:
    """Return the first argument, if there is one."""
    return arguments[0] if arguments else None
