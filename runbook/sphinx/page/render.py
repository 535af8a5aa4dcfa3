"""Replace the nodes of steps by cards when a page is written."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from runbook.sphinx.page import operator_values, systems
from runbook.sphinx.page.assets import PAGE_BUILDERS
from runbook.sphinx.page.cards import CardRenderer
from runbook.sphinx.page.tabs import group_alternatives


def render_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make cards of the steps of a document that is about to be written."""
    if app.builder.name not in PAGE_BUILDERS:
        return
    values = operator_values.configured_values(app)
    CardRenderer(app, docname, values).render(doctree)
    group_alternatives(doctree)
    operator_values.mark_document(doctree, values)
    systems.list_platforms(app, doctree, docname)
    # Themes that wrap tables copy the table's ids to the wrapper.
    for wrapper in doctree.findall(nodes.container):
        if "table-wrapper" in wrapper["classes"]:
            wrapper["ids"] = []
