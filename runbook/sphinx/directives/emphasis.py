"""Bold titles of steps and labelled sentences of checks, for builders without style sheets."""

from __future__ import annotations

from typing import Any, Final

from docutils import nodes
from sphinx.transforms import SphinxTransform

from runbook.sphinx.translation.interface import _
from runbook.sphinx.translation.originals import ORIGINAL

STEP_TITLE: Final = "runbook-step-title"
CHECK_SENTENCE: Final = "runbook-check-sentence"


class Emphasis(SphinxTransform):
    """Write titles of steps in bold, and a label before the sentences of checks.

    It comes after Sphinx's `Locale`, which puts a translated text in the place of all that a
    paragraph has.
    """

    default_priority = 21

    def apply(self, **_options: Any) -> None:
        """Add the markup."""
        for paragraph in list(self.document.findall(nodes.paragraph)):
            if not {STEP_TITLE, CHECK_SENTENCE}.isdisjoint(paragraph["classes"]):
                is_title = STEP_TITLE in paragraph["classes"]
                paragraph[:] = _marked(paragraph.children, title=is_title)
                if ORIGINAL in paragraph:
                    paragraph[ORIGINAL] = _marked(paragraph[ORIGINAL], title=is_title)


def _marked(words: list[nodes.Node], *, title: bool) -> list[nodes.Node]:
    if title:
        return [nodes.strong("", "", *words)]
    return [nodes.strong("", _("Check:")), nodes.Text(" "), nodes.inline("", "", *words)]
