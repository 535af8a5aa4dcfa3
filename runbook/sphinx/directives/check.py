"""The directive `check`."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes

from runbook.sphinx.directives import options
from runbook.sphinx.directives.base import RunbookDirective
from runbook.sphinx.directives.emphasis import CHECK_SENTENCE


class CheckDirective(RunbookDirective):
    """`.. check:: sentence`: testinfra assertions that decide whether the sentence is true."""

    directive_name = "check"
    required_arguments = 1
    option_spec: ClassVar[Any] = {"within": options.duration, "until": options.later_steps}

    def run(self) -> list[nodes.Node]:
        """Return the sentence, followed by its assertions."""
        self.assert_has_content()
        node = self.container(**{"within": 0.0} | self.options)
        node += self.inline_paragraph(self.arguments[0], CHECK_SENTENCE)
        node += self.content_block("python")
        return [node]
