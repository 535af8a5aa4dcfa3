"""Steps in the table of contents of a page, below their section."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def add_steps_to_toc(app: Sphinx, doctree: nodes.document) -> None:
    """Add the steps of the document that was just read to its local table of contents."""
    toc = app.env.tocs.get(app.env.docname)
    if toc is None:
        return
    for step in doctree.findall(nodes.container):
        if step.get("runbook") != "step" or not step["ids"]:
            continue
        parent_entry = _toc_entry(toc, _enclosing_section(step), app.env.docname)
        if parent_entry is None:
            continue
        title = step[0].astext()
        link = nodes.reference(
            "", "", nodes.Text(title), internal=True, refuri=app.env.docname,
            anchorname=f"#{step['ids'][0]}",
        )  # fmt: skip
        entry = nodes.list_item("", addnodes.compact_paragraph("", "", link))
        entry["classes"].append("runbook-toc-step")
        sublist = next((c for c in parent_entry.children if isinstance(c, nodes.bullet_list)), None)
        if sublist is None:
            sublist = nodes.bullet_list()
            parent_entry += sublist
        # Steps come before subsections, as on the page.
        steps = sum(
            "runbook-toc-step" in other["classes"] for other in sublist.findall(nodes.list_item)
        )
        sublist.insert(steps, entry)


def _enclosing_section(node: nodes.Node) -> nodes.section | None:
    parent = node.parent
    while parent is not None and not isinstance(parent, nodes.section):
        parent = parent.parent
    return parent


def _toc_entry(
    toc: nodes.Element, section: nodes.section | None, docname: str
) -> nodes.list_item | None:
    """Return the entry of a section; the one of the document's title has no anchor."""
    if section is None:
        return None
    top = isinstance(section.parent, nodes.document)
    names = {f"#{name}" for name in section["ids"]} | ({""} if top else set())
    for parent_entry in toc.findall(nodes.list_item):
        link = (
            next(iter(parent_entry[0].findall(nodes.reference)), None)
            if len(parent_entry)
            else None
        )
        if link is not None and link.get("refuri") == docname and link["anchorname"] in names:
            return parent_entry
    return None
