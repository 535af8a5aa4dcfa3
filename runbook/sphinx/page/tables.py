"""Tables that pages show, made of plain cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from docutils import nodes
from sphinx.application import Sphinx

from runbook.model import Step
from runbook.sphinx.domain import DOMAIN, RunbookDomain


def table(
    columns: Iterable[str], widths: Iterable[int], rows: Iterable[nodes.row], name: str
) -> nodes.container:
    """Return a table with these titles of columns, which can be scrolled to the side.

    `name` is its class.
    """
    titles = [nodes.paragraph("", column) for column in columns]
    group = nodes.tgroup(cols=len(titles))
    group += [nodes.colspec(colwidth=width) for width in widths]
    group += nodes.thead("", row(titles))
    group += nodes.tbody("", *rows)
    made = nodes.table("", group, classes=[name, "colwidths-given"])
    return nodes.container("", made, classes=["runbook-scroll"])


def row(cells: Sequence[nodes.paragraph]) -> nodes.row:
    """Return a row of these cells."""
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


def linked_title(app: Sphinx, step: Step, docname: str) -> nodes.paragraph:
    """Return the title of `step` with a link to it from the document `docname`.

    The title is that of the page, which may be translated.
    """
    domain = cast("RunbookDomain", app.env.get_domain(DOMAIN))
    target = domain.targets("step").get(step.id)
    if target is None:
        return nodes.paragraph("", step.title)
    link = nodes.reference("", target.title, internal=True)
    link["refuri"] = f"{app.builder.get_relative_uri(docname, target.docname)}#{target.anchor}"
    return nodes.paragraph("", "", link)
