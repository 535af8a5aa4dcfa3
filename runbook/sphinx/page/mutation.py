"""What became of the guide's mutants: the figure and the survivors, above the proven steps."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx

from runbook.model import shared_source
from runbook.model.guide_python import SharedChecksError
from runbook.mutation import explained, record
from runbook.mutation.keys import MutationKeys
from runbook.mutation.summary import Figure, Survivor, by_chapter, platforms
from runbook.sphinx.directives.values import load_cluster
from runbook.sphinx.page.tables import linked_title, row, table
from runbook.sphinx.planning.collected import collect_guide
from runbook.sphinx.translation.interface import N_, _

_COLUMNS: Final = (
    N_("chapter"), N_("mutants"), N_("tried"), N_("killed by a check"), N_("by a command"),
    N_("by a later step"), N_("explained"), N_("survived"),
)  # fmt: skip


def shown(app: Sphinx) -> str:
    """Return what changes whenever `figures` may."""
    guide = Path(app.confdir)
    paths = (guide / record.PLACE, guide / explained.PLACE)
    return repr([path.read_bytes() if path.is_file() else b"" for path in paths])


def figures(app: Sphinx, docname: str) -> list[nodes.Node]:
    """Return what is known of the mutants, for each platform on which some were tried."""
    guide = Path(app.confdir)
    known = record.load(guide)
    found: list[nodes.Node] = []
    if not known.steps:
        return found
    runbook, reasons = collect_guide(app).runbook, explained.load(guide)
    try:
        keys = MutationKeys(runbook, load_cluster(app), shared_source.read(guide))
    except SharedChecksError as error:
        # The badges have said what is wrong.
        unreadable = shared_source.SharedSource.unreadable(error)
        keys = MutationKeys(runbook, load_cluster(app), unreadable)
    for platform in platforms(known):
        chapters = by_chapter(runbook, platform, known, keys, reasons)
        total = Figure()
        for _document, figure in chapters:
            total = total.plus(figure)
        if not total.tried and not total.untried:
            continue
        titles = {one.document: one.title for one in runbook.chapters}
        found.append(nodes.rubric("", _heading(platform, total)))
        found.append(nodes.paragraph("", _sentence(total)))
        rows = [_row(titles[document], figure) for document, figure in chapters]
        rows.append(_row(_("all"), total))
        found.append(table(map(_, _COLUMNS), (37, *(9,) * 7), rows, "runbook-proven"))
        found += _survivors(app, docname, total.unexplained)
    return found


def _heading(platform: str, total: Figure) -> str:
    made_of = f" ({', '.join(total.made_of)})" if total.made_of else ""
    return _("Mutants on %s") % f"{platform}{made_of}"


def _sentence(total: Figure) -> str:
    said = _(
        "%(tried)s of %(all)s mutants (%(percent)s %%) were tried, the last on %(day)s. Killed by "
        "a check: %(by_check)s. Killed by a command that went wrong: %(by_command)s. Killed only "
        "by a later step of the chapter: %(by_later_step)s. Survived: %(survived)s, of these for "
        "a known reason: %(explained)s. Could not be tried: %(untried)s. Of the others nothing is "
        "known."
    )
    return said % {
        "tried": total.tried,
        "all": total.all,
        "percent": f"{100 * total.tried / total.all:.0f}",
        "day": total.started[:10],
        "by_check": total.by_check,
        "by_command": total.by_command,
        "by_later_step": total.by_later_step,
        "survived": len(total.survivors),
        "explained": total.explained,
        "untried": total.untried,
    }


def _row(title: str, figure: Figure) -> nodes.row:
    counts = (
        figure.all, figure.tried, figure.by_check, figure.by_command, figure.by_later_step,
        figure.explained, len(figure.unexplained),
    )  # fmt: skip
    return row([nodes.paragraph("", text) for text in (title, *map(str, counts))])


def _survivors(app: Sphinx, docname: str, survivors: tuple[Survivor, ...]) -> list[nodes.Node]:
    if not survivors:
        return []
    steps = {step.id: step for step in collect_guide(app).runbook.steps()}
    rows = []
    for one in survivors:
        told = nodes.literal("", one.told)
        rows.append(
            row([linked_title(app, steps[one.step], docname), nodes.paragraph("", "", told)])
        )
    return [table((_("step"), _("not noticed by any check")), (50, 50), rows, "runbook-proven")]
