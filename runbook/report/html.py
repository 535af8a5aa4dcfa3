"""A run as one self-contained HTML page that loads no other files.

It has a script only if there are recordings to play; everything else works without it.
"""

from __future__ import annotations

import base64
import hashlib
import urllib.parse
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Final

import jinja2
from attrs import field, frozen

from runbook.report import observed, summary_table
from runbook.report.playback import compact
from runbook.report.styles import FAILURES, STYLES
from runbook.report.text import format_duration, format_location, last_lines, sanitize, shorten
from runbook.report.timeline import clock, timeline
from runbook.results import CheckResult, Outcome, Report, Verdict, summary
from runbook.results.findings import exit_status, findings
from runbook.results.summary import ChapterResult, StepResult

OUTPUT_CHARACTERS: Final = 40_000
"""Most output of one command on the page; the journal has more of it."""

ALL_OUTPUT_CHARACTERS: Final = 500_000
"""Most output on the page: of all failures together, and of all other steps together."""

MIN_OUTPUT_CHARACTERS: Final = 2_000
"""Output of one command that is always on the page, however many there are."""

RECORDING_CHARACTERS: Final = 150_000
"""Longest recording that is embedded."""

ALL_RECORDINGS_CHARACTERS: Final = 700_000
"""Most text of all embedded recordings together; those of failures come first."""

FAILURE_LINES: Final = 15
"""Lines of the last command's output in the summary of a failure."""


@frozen
class PageContext:
    """What a page embeds and links to.

    `recordings` are texts of recordings by path. `documents` are URLs of the guide's documents
    by name, `steps` URLs of steps on the rendered pages by step id; both relative to the page.
    """

    recordings: Mapping[str, str] = field(factory=dict)
    documents: Mapping[str, str] = field(factory=dict)
    steps: Mapping[str, str] = field(factory=dict)


def render(report: Report, context: PageContext | None = None) -> str:
    """Return the page of `report`: its failures, a timeline, then every step in order."""
    context = context or PageContext()
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("runbook.report", "page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    chapters = summary.by_chapter(report)
    results = [result for chapter in chapters for result in chapter.steps]
    limits = {failed: _output_limit(results, failed=failed) for failed in (True, False)}
    recordings = _embedded(results, context.recordings)
    counted = observed.of_report(report)
    player = resources.files("runbook.report").joinpath("page/player.js").read_text("utf-8")
    environment.filters.update(
        duration=format_duration,
        clock=clock,
        location=format_location,
        address=urllib.parse.quote,
        checks=_checks,
        wall=_wall,
        grouped=_grouped,
        not_seen=observed.not_seen,
        last=lambda text: "\n".join(last_lines(sanitize(text), FAILURE_LINES)),
        output=lambda text, failed: shorten(sanitize(text), limits[failed]),
    )
    return environment.get_template("page.html.j2").render(
        report=report,
        context=context,
        styles=STYLES,
        verdicts=Verdict,
        chapters=chapters,
        counted=_counted(results),
        numbers={result.step.id: number for number, result in enumerate(results, 1)},
        failures=[result for result in results if result.verdict in FAILURES],
        failure_verdicts=FAILURES,
        timeline=timeline(results, report.run.hosts),
        findings=findings(report),
        changes=None if counted is None else observed.sentence(counted),
        uncovered=tuple(observed.uncovered(report)),
        fallen=summary.fallen(report),
        unreached=summary.unreached(report),
        sentence=summary_table.sentence(report),
        duration=summary_table.duration(report),
        good=exit_status(report) is summary.ExitStatus.OK,
        played={path: number for number, path in enumerate(recordings)},
        recordings=f"[{','.join(recordings.values())}]",
        player=player,
        fingerprint=base64.b64encode(hashlib.sha256(player.encode()).digest()).decode(),
    )


def _finalize(value: object) -> object:
    """Sanitize every value that the template prints, but not the template's own text."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return sanitize(value)
    return value


def _counted(results: list[StepResult]) -> list[tuple[Verdict, int]]:
    return [
        (verdict, count)
        for verdict in STYLES
        if (count := sum(result.verdict is verdict for result in results))
    ]


def _output_limit(results: Iterable[StepResult], *, failed: bool) -> int:
    """Return the most characters of each output so that those of all such outcomes fit."""
    lengths = [
        min(len(text), OUTPUT_CHARACTERS)
        for result in results
        for outcome in result.outcomes
        if (outcome.verdict in FAILURES) is failed
        for text in (
            *(action.output for action in outcome.actions),
            *(check.detail for check in (*outcome.before, *outcome.after)),
        )
    ]
    if sum(lengths) <= ALL_OUTPUT_CHARACTERS:
        return OUTPUT_CHARACTERS
    return max(MIN_OUTPUT_CHARACTERS, ALL_OUTPUT_CHARACTERS // len(lengths))


def _embedded(results: Iterable[StepResult], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the recordings to embed, by path; those of failures take precedence."""
    outcomes = [o for result in results for o in result.outcomes if o.recording in texts]
    outcomes.sort(key=lambda outcome: outcome.verdict not in FAILURES)
    left = ALL_RECORDINGS_CHARACTERS
    found: dict[str, str] = {}
    for outcome in outcomes:
        recording = compact(texts[outcome.recording])
        if recording and len(recording) <= min(left, RECORDING_CHARACTERS):
            found[outcome.recording] = recording
            left -= len(recording)
    return found


def _checks(
    outcome: Outcome,
) -> list[tuple[CheckResult, CheckResult | None, CheckResult | None]]:
    """Return every check that was evaluated, with its results before and after the actions."""
    before = {(c.sentence, c.location): c for c in outcome.before}
    after = {(c.sentence, c.location): c for c in outcome.after}
    return [(check, before.get(key), after.get(key)) for key, check in {**before, **after}.items()]


def _grouped(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """Group outcomes of which nothing but the same verdict and reason is known."""
    found: dict[object, list[Outcome]] = {}
    for outcome in outcomes:
        more = outcome.before or outcome.after or outcome.actions or outcome.recording
        key = outcome.host if more else (outcome.verdict, outcome.reason, outcome.resumed)
        found.setdefault(key, []).append(outcome)
    return list(found.values())


def _wall(chapter: ChapterResult | StepResult) -> float:
    if isinstance(chapter, StepResult):
        return summary.wall(chapter.outcomes)
    return summary.wall(o for result in chapter.steps for o in result.outcomes)
