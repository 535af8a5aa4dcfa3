"""The directives that make code blocks: their blocks know what the author wrote, and where.

A block carries its directive's name, language and options in the attribute `runbook_block`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst.directives.body import ParsedLiteral
from sphinx.directives.code import CodeBlock, LiteralInclude
from sphinx.directives.patches import Code
from sphinx.util.docutils import SphinxDirective

from runbook.sphinx.lines import exact_lines, locate
from runbook.sphinx.parsed import parts_of


class LocatedCodeBlock(CodeBlock):
    """The directive `code-block`, whose blocks know their exact lines."""

    option_spec: ClassVar[Any] = CodeBlock.option_spec

    def run(self) -> list[nodes.Node]:
        """Return the block as Sphinx makes it, with its lines."""
        return told(super().run(), self, first(self.arguments))


class LocatedCode(Code):
    """The directive `code`, whose blocks know their exact lines."""

    option_spec: ClassVar[Any] = Code.option_spec

    def run(self) -> list[nodes.Node]:
        """Return the block as Sphinx makes it, with its lines."""
        return told(super().run(), self, first(self.arguments))


class LocatedInclude(LiteralInclude):
    """The directive `literalinclude`, whose blocks say how they were included."""

    option_spec: ClassVar[Any] = LiteralInclude.option_spec

    def run(self) -> list[nodes.Node]:
        """Return the block as Sphinx makes it."""
        said = dict(self.options)
        made = super().run()
        for block in _blocks(made):
            _say(block, self.name, said.get("language"), said | {"file": self.arguments[0]})
        return made


class ExactParsedLiteral(ParsedLiteral):
    """The directive `parsed-literal`, whose blocks also hold what the shell would have read."""

    option_spec: ClassVar[Any] = ParsedLiteral.option_spec

    def run(self) -> list[nodes.Node]:
        """Return the block as docutils makes it, with its lines and the text of its source."""
        made: list[nodes.Node] = super().run()  # type: ignore[no-untyped-call]
        for block in _blocks(made):
            locate(block, self.content)
            block["runbook_parts"] = parts_of(block, exact_lines(self.content))
            block.attributes.pop("runbook_exact", None)
            _say(block, self.name, None, self.options)
        return made


def told(
    made: list[nodes.Node], directive: SphinxDirective, language: str | None
) -> list[nodes.Node]:
    """Return the nodes that a directive made, after its blocks were told what it said."""
    for block in _blocks(made):
        locate(block, directive.content)
        if "dedent" in directive.options:
            block.attributes.pop("runbook_exact", None)
        _say(block, directive.name, language, directive.options)
    return made


def _say(
    block: nodes.Element, directive: str, language: str | None, options: dict[str, Any]
) -> None:
    """Record on the block what its author wrote above it."""
    shown = {
        name: " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
        for name, value in options.items()
    }
    block["runbook_block"] = {"directive": directive, "language": language, "options": shown}


def _blocks(made: list[nodes.Node]) -> list[nodes.literal_block]:
    return [block for node in made for block in node.findall(nodes.literal_block)]


def first(arguments: list[str]) -> str | None:
    """Return the first argument, if there is one."""
    return arguments[0] if arguments else None
