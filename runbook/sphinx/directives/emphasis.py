"""Bold titles of steps and labelled sentences of checks, for builders without style sheets."""

from __future__ import annotations

from typing import Any, Final

from docutils import nodes
from sphinx.transforms import SphinxTransform

STEP_TITLE: Final = "runbook-step-title"
CHECK_SENTENCE: Final = "runbook-check-sentence"


class Emphasis(SphinxTransform):
    """Write titles of steps in bold, and a label before the sentences of checks.

    It comes after Sphinx's `Locale`, which puts a translated text in the place of all that a
    paragraph has.
    """

    default_priority = 21

    def apply(self, **_: Any) -> None:
        """Add the markup."""
        for paragraph in list(self.document.findall(nodes.paragraph)):
            if STEP_TITLE in paragraph["classes"]:
                paragraph[:] = [nodes.strong("", "", *paragraph.children)]
            elif CHECK_SENTENCE in paragraph["classes"]:
                paragraph[:] = [
                    nodes.strong("", "Check:"),
                    nodes.Text(" "),
                    nodes.inline("", "", *paragraph.children),
                ]
