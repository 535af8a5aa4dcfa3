"""What is proven, on the page: a line in each step, and a table of all steps and platforms.

Evidence is read when a page is written, never when it is parsed: `page.fresh` says which pages
a change of the evidence concerns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from runbook import evidence
from runbook.evidence import Evidence, Proof, Standing
from runbook.model import Runbook, Step

SHOWS_ALL: Final = "runbook-proven"
"""What the metadata of a document says that shows the evidence of all."""

_CLASS: Final = {
    Standing.PROVEN: "proven",
    Standing.PASSED: "passed",
    Standing.REHEARSED: "rehearsed",
    Standing.FAILING: "failing",
    Standing.STALE: "stale",
    Standing.NEVER: "never",
}


class matrix(nodes.General, nodes.Element):  # noqa: N801  # docutils names its nodes like this
    """The place of the table, which is made when all documents have been read."""


class Proven(SphinxDirective):
    """`.. proven::`: a table of all steps by platform, with what is known of each."""

    def run(self) -> list[nodes.Node]:
        """Return the table's place, and note that the page shows all evidence."""
        self.env.metadata[self.env.docname][SHOWS_ALL] = "yes"
        made = matrix()
        self.set_source_info(made)
        return [made]


def platforms_of(runbook: Runbook) -> list[str]:
    """Return the platforms that the steps name, in the order in which they first come."""
    return list(dict.fromkeys(p for step in runbook.steps() for p in step.platforms))


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the tables into a document that is about to be written."""
    places = list(doctree.findall(matrix))
    if not places:
        return
    from runbook.sphinx.validate import collect

    runbook = collect(app).runbook
    for place in places:
        place.replace_self(_tables(app, runbook, docname))


def _tables(app: Sphinx, runbook: Runbook, docname: str) -> list[nodes.Node]:
    everywhere = platforms_of(runbook)
    made: list[nodes.Node] = []
    for chapter in runbook.chapters:
        marked = [step for step in chapter.steps if step.marked]
        if not marked:
            continue
        known = evidence.load(Path(app.confdir), chapter.document)
        made.append(nodes.rubric("", chapter.title))
        platforms = list(dict.fromkeys(p for step in marked for p in step.platforms))
        if not all(step.platforms for step in marked):
            platforms = everywhere
        made.append(_table(app, marked, known, platforms, docname))
    return made


def _table(
    app: Sphinx,
    steps: list[Step],
    known: Evidence,
    platforms: list[str],
    docname: str,
) -> nodes.table:
    columns = ["step", *platforms]
    group = nodes.tgroup(cols=len(columns))
    widths = [40, *(60 // max(1, len(platforms)) for _ in platforms)]
    group += [nodes.colspec(colwidth=width) for width in widths]
    group += nodes.thead("", _row([nodes.paragraph("", column) for column in columns]))
    body = nodes.tbody()
    for step in steps:
        cells = [_title(app, step, docname)]
        for platform in platforms:
            if step.platforms and platform not in step.platforms:
                words = nodes.inline("", "not for it", classes=["runbook-not"])
                cells.append(nodes.paragraph("", "", words))
                continue
            cells.append(words_of(*evidence.standing(step, platform, known)))
        body += _row(cells)
    group += body
    return nodes.table("", group, classes=["runbook-proven", "colwidths-given"])


def _row(cells: list[nodes.paragraph]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


def _title(app: Sphinx, step: Step, docname: str) -> nodes.paragraph:
    labels = app.env.domains.standard_domain.anonlabels
    target = labels.get(step.id)
    if target is None:
        return nodes.paragraph("", step.title)
    document, anchor = target
    link = nodes.reference("", step.title, internal=True)
    link["refuri"] = f"{app.builder.get_relative_uri(docname, document)}#{anchor}"
    return nodes.paragraph("", "", link)


def words_of(found: Standing, proof: Proof | None) -> nodes.paragraph:
    """Return in words what is known, in a class of its own for the page's style."""
    text = found.value
    if proof is not None:
        text += f" {proof.started[:10]}"
    if proof is not None and proof.hosts and found in (Standing.PROVEN, Standing.PASSED):
        text += f", {len(proof.hosts)} host{'s' * (len(proof.hosts) != 1)}, {proof.seconds:.1f} s"
    badge = nodes.inline("", text, classes=["runbook-badge", f"runbook-{_CLASS[found]}"])
    return nodes.paragraph("", "", badge)
