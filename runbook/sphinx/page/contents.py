"""Steps in the list of a page's contents, below the section in which they stand."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def list_steps(app: Sphinx, doctree: nodes.document) -> None:
    """Add the steps of the document that was just read to its table of contents."""
    toc = app.env.tocs.get(app.env.docname)
    if toc is None:
        return
    for step in doctree.findall(nodes.container):
        if step.get("runbook") != "step" or not step["ids"]:
            continue
        item = _item(toc, _section(step), app.env.docname)
        if item is None:
            continue
        title = step[0].astext()
        link = nodes.reference(
            "", "", nodes.Text(title), internal=True, refuri=app.env.docname,
            anchorname=f"#{step['ids'][0]}",
        )  # fmt: skip
        entry = nodes.list_item("", addnodes.compact_paragraph("", "", link))
        entry["classes"].append("runbook-toc-step")
        below = next((c for c in item.children if isinstance(c, nodes.bullet_list)), None)
        if below is None:
            below = nodes.bullet_list()
            item += below
        # Steps stand before the sections below theirs, as on the page.
        steps = sum(
            "runbook-toc-step" in other["classes"] for other in below.findall(nodes.list_item)
        )
        below.insert(steps, entry)


def _section(node: nodes.Node) -> nodes.section | None:
    parent = node.parent
    while parent is not None and not isinstance(parent, nodes.section):
        parent = parent.parent
    return parent


def _item(
    toc: nodes.Element, section: nodes.section | None, docname: str
) -> nodes.list_item | None:
    """Return the entry of a section; a document's first one is named without an anchor."""
    if section is None:
        return None
    top = isinstance(section.parent, nodes.document)
    names = {f"#{name}" for name in section["ids"]} | ({""} if top else set())
    for item in toc.findall(nodes.list_item):
        link = next(iter(item[0].findall(nodes.reference)), None) if len(item) else None
        if link is not None and link.get("refuri") == docname and link["anchorname"] in names:
            return item
    return None
