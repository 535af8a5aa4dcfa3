"""A run as one page that needs nothing else: no scripts, no fonts, no other files."""

from __future__ import annotations

from typing import Final

import jinja2

from runbook import summary
from runbook.report import closing
from runbook.report.words import LOOKS, inert, place, seconds, shortened
from runbook.result import CheckResult, Outcome, Report, Verdict
from runbook.summary import ChapterResult, StepResult

OUTPUT_CHARACTERS: Final = 40_000
"""How much of one command's output the page shows; the journal has what was kept of it."""

TROUBLE: Final = frozenset({Verdict.FAILED, Verdict.ERROR})
"""Verdicts that stand first on the page, and open."""


def render(report: Report) -> str:
    """Return the page of `report`: a summary, what went wrong, then every step in order."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("runbook.report", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        seconds=seconds, place=place, checks=_checks, output=_output, wall=_wall
    )
    chapters = summary.by_chapter(report)
    results = [result for chapter in chapters for result in chapter.steps]
    return environment.get_template("report.html.j2").render(
        report=report,
        looks=LOOKS,
        verdicts=Verdict,
        chapters=chapters,
        counted=_counted(results),
        trouble=[result for result in results if result.verdict in TROUBLE],
        troubled=TROUBLE,
        vacuous=summary.vacuous(report),
        unreached=summary.unreached(report),
        sentence=closing.sentence(report),
        duration=closing.duration(report),
        good=summary.exit_status(report) is summary.ExitStatus.OK,
    )


def _finalize(value: object) -> object:
    """Make every text harmless that the template prints; the template's own text is left."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return inert(value)
    return value


def _counted(results: list[StepResult]) -> list[tuple[Verdict, int]]:
    return [
        (verdict, count)
        for verdict in LOOKS
        if (count := sum(result.verdict is verdict for result in results))
    ]


def _checks(
    outcome: Outcome,
) -> list[tuple[CheckResult, CheckResult | None, CheckResult | None]]:
    """Return every check that was evaluated, with how it was before the actions and after."""
    before = {(c.sentence, c.location): c for c in outcome.before}
    after = {(c.sentence, c.location): c for c in outcome.after}
    return [(check, before.get(key), after.get(key)) for key, check in {**before, **after}.items()]


def _output(text: str) -> str:
    return shortened(inert(text), OUTPUT_CHARACTERS)


def _wall(chapter: ChapterResult | StepResult) -> float:
    if isinstance(chapter, StepResult):
        return summary.wall(chapter.outcomes)
    return summary.wall(o for result in chapter.steps for o in result.outcomes)
