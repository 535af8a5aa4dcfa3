"""The directive `manual`."""

from __future__ import annotations

from docutils import nodes

from runbook.sphinx.directives.base import RunbookDirective


class ManualDirective(RunbookDirective):
    """`.. manual::`: work that only a person can do."""

    directive_name = "manual"

    def run(self) -> list[nodes.Node]:
        """Return the description of the task."""
        self.assert_has_content()
        return [self.parse_content(self.container())]
