"""The directive `proven`: a table of all steps and platforms with their evidence.

Above it stands what became of the mutants of these steps, if any were tried.

Evidence is read when a page is written, never when it is parsed; `page.rebuild` decides which
pages a change of the evidence concerns.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from runbook.model import Runbook, Step
from runbook.results import evidence
from runbook.results.basis import ProofKeys
from runbook.results.believed import Believed
from runbook.results.evidence import REHEARSED_ON, Proof, Standing
from runbook.sphinx.directives.source_notes import SHOWS_ALL_STEPS
from runbook.sphinx.page import mutation
from runbook.sphinx.page.evidence import BADGE_CLASSES, keys_of, label, load
from runbook.sphinx.page.tables import linked_title, row, table
from runbook.sphinx.planning.collected import collect_guide
from runbook.sphinx.source.ids import document_id
from runbook.sphinx.translation.interface import _, exact_seconds, ngettext

_RAN_HERE: Final = (Standing.PROVEN, Standing.PASSED, Standing.RAN)
"""Statuses of steps that ran on real hosts to their end."""


class proven_table(nodes.General, nodes.Element):  # noqa: N801  # docutils' naming style
    """The placeholder of the table, which is made when all documents have been read."""


class ProvenDirective(SphinxDirective):
    """`.. proven::`: a table of all steps by platform, with the evidence of each."""

    def run(self) -> list[nodes.Node]:
        """Return a placeholder, and note that the page shows all evidence."""
        self.env.metadata[self.env.docname][SHOWS_ALL_STEPS] = "yes"
        placeholder = proven_table()
        self.set_source_info(placeholder)
        return [placeholder]


def platforms_of(runbook: Runbook, known: Iterable[Believed]) -> list[str]:
    """Return the platforms that the steps name, then those on which they ran."""
    named = [platform for step in runbook.steps() for platform in step.platforms]
    ran = [proof.platform for one in known for proof in one.evidence.proofs]
    return [one for one in dict.fromkeys((*named, *ran)) if one != REHEARSED_ON]


def fill_tables(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace the placeholders of a document that is about to be written."""
    placeholders = list(doctree.findall(proven_table))
    if not placeholders:
        return
    runbook = collect_guide(app).runbook
    for placeholder in placeholders:
        placeholder.replace_self([*mutation.figures(app, docname), *_tables(app, runbook, docname)])


def _tables(app: Sphinx, runbook: Runbook, docname: str) -> list[nodes.Node]:
    keys = keys_of(app)
    names = {document_id(name, app.config.root_doc): name for name in app.env.all_docs}
    documents = [chapter.document for chapter in runbook.chapters]
    found = {document: load(app, names.get(document, document)) for document in documents}
    all_platforms = platforms_of(runbook, found.values())
    tables: list[nodes.Node] = []
    for chapter in runbook.chapters:
        marked = [step for step in chapter.steps if step.marked]
        if not marked:
            continue
        known = found[chapter.document]
        tables.append(nodes.rubric("", chapter.title))
        platforms = list(dict.fromkeys(p for step in marked for p in step.platforms))
        if not all(step.platforms for step in marked):
            # A guide that names no platform and never ran has rehearsals at best.
            platforms = all_platforms or [REHEARSED_ON]
        tables.append(_table(app, marked, known, keys, platforms, docname))
    return tables


def _table(
    app: Sphinx,
    steps: list[Step],
    known: Believed,
    keys: ProofKeys,
    platforms: list[str],
    docname: str,
) -> nodes.container:
    columns = [_("step"), *(platform or _("status") for platform in platforms)]
    widths = [40, *(60 // max(1, len(platforms)) for _ in platforms)]
    rows: list[nodes.row] = []
    for step in steps:
        cells = [linked_title(app, step, docname)]
        for platform in platforms:
            if step.platforms and platform not in step.platforms:
                not_applicable = nodes.inline("", _("not applicable"), classes=["runbook-not"])
                cells.append(nodes.paragraph("", "", not_applicable))
                continue
            status, proof = evidence.standing(step, platform, known.evidence, keys)
            signer = known.signers.get(proof.receipt, "") if proof is not None else ""
            cells.append(_status_badge(status, proof, signer))
        rows.append(row(cells))
    return table(columns, widths, rows, "runbook-proven")


def _status_badge(status: Standing, proof: Proof | None, signer: str) -> nodes.paragraph:
    """Return the status as a badge, with date, signer, hosts and duration if known."""
    text = label(status)
    if proof is not None:
        text += f" {proof.started[:10]}"
    if signer:
        text += " " + _("by %s") % signer
    if proof is not None and proof.hosts and status in _RAN_HERE:
        hosts = ngettext("%s host", "%s hosts", len(proof.hosts))
        text += _(", ") + hosts + _(", ") + exact_seconds(proof.seconds)
    badge = nodes.inline("", text, classes=["runbook-badge", f"runbook-{BADGE_CLASSES[status]}"])
    return nodes.paragraph("", "", badge)
