"""Source notes on pages: folds below steps and prose, and a table of all notes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx

from runbook.model import SourceNote, Step
from runbook.sphinx.directives.source_notes import notes_of, notes_placeholder
from runbook.sphinx.page.assets import PAGE_BUILDERS
from runbook.sphinx.page.element import el, html_element
from runbook.sphinx.page.tables import linked_title
from runbook.sphinx.planning.collected import collect_guide
from runbook.sphinx.translation.interface import _


def notes_named(app: Sphinx, names: Iterable[str]) -> list[SourceNote]:
    """Return the notes of these ids, as far as there are such."""
    known = {note.id: note for note in notes_of(app)}
    return [known[name] for name in names if name in known]


def fold(notes: list[SourceNote]) -> list[html_element]:
    """Return what a page shows of notes, folded; nothing if there are none."""
    if not notes:
        return []
    items = []
    for note in notes:
        item = el(
            "li", "", el("strong", "", f"{note.program} {note.release}"), ", ", _file(note), ": "
        )
        item += nodes.Text(note.says)
        if note.ran:
            item += el("span", "runbook-note", " " + _("Compared with %s.") % note.ran)
        items.append(item)
    summary = el("summary", "", _("Facts from"))
    folded = el("details", "runbook-sources", summary, el("ul", "", *items))
    # Names of hosts in a program's own text are not the operator's.
    folded["html"]["data-fixed"] = ""
    return [folded]


def _file(note: SourceNote) -> html_element:
    code = el("code", "", note.file)
    return el("a", "reference external", code, href=note.url) if note.url else code


def _list(notes: list[SourceNote]) -> list[nodes.Node]:
    """Return the notes as writers of other formats than HTML pages can show them."""
    items = nodes.bullet_list()
    for note in notes:
        text = nodes.Text(f"{note.program} {note.release}, ")
        said = nodes.Text(
            f": {note.says}" + (" " + _("Compared with %s.") % note.ran if note.ran else "")
        )
        items += nodes.list_item(
            "", nodes.paragraph("", "", text, nodes.literal("", note.file), said)
        )
    return [nodes.paragraph("", _("Facts from:")), items] if notes else []


def fill_tables(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace the placeholders of notes in a document that is about to be written."""
    placeholders = list(doctree.findall(notes_placeholder))
    show = fold if app.builder.name in PAGE_BUILDERS else _list
    for placeholder in placeholders:
        if placeholder["notes"]:
            placeholder.replace_self(show(notes_named(app, placeholder["notes"])))
    tables = [one for one in placeholders if not one["notes"]]
    if not tables:
        return
    steps: dict[str, list[Step]] = {}
    for step in collect_guide(app).runbook.steps():
        for name in step.sources:
            steps.setdefault(name, []).append(step)
    for placeholder in tables:
        placeholder.replace_self(_tables(app, steps, docname))


def _tables(app: Sphinx, steps: dict[str, list[Step]], docname: str) -> list[nodes.Node]:
    def release(note: SourceNote) -> tuple[str, str, str]:
        return note.program, note.release, note.repository

    found: list[nodes.Node] = []
    for (program, number, repository), notes in groupby(
        sorted(notes_of(app), key=release), release
    ):
        found.append(nodes.rubric("", f"{program} {number}"))
        link = nodes.reference("", repository, refuri=repository)
        found.append(nodes.paragraph("", "", link))
        found.append(_table(app, list(notes), steps, docname))
    return found


def _table(
    app: Sphinx, notes: list[SourceNote], steps: dict[str, list[Step]], docname: str
) -> nodes.table:
    group = nodes.tgroup(cols=3)
    group += [nodes.colspec(colwidth=width) for width in (40, 30, 30)]
    heads = (nodes.paragraph("", text) for text in (_("what it says"), _("file"), _("steps")))
    group += nodes.thead("", nodes.row("", *(nodes.entry("", head) for head in heads)))
    body = nodes.tbody()
    for note in notes:
        file: nodes.Node = nodes.literal("", note.file)
        if note.url:
            file = nodes.reference("", "", file, refuri=note.url)
        says = note.says + (" " + _("(compared with %s)") % note.ran if note.ran else "")
        used = [linked_title(app, step, docname) for step in steps.get(note.id, ())]
        body += nodes.row(
            "",
            nodes.entry("", nodes.paragraph("", says)),
            nodes.entry("", nodes.paragraph("", "", file)),
            nodes.entry("", *used),
        )
    group += body
    return nodes.table("", group, classes=["runbook-source-notes", "colwidths-given"])
