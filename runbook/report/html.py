"""A run as one page that needs nothing else: no fonts, no other files, nothing is fetched.

It has a script only if there are recordings to play, and says all that it says without it.
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

from runbook import summary
from runbook.report import closing
from runbook.report.playback import compact
from runbook.report.timeline import clock, timeline
from runbook.report.words import LOOKS, inert, last_lines, place, seconds, shortened
from runbook.result import CheckResult, Outcome, Report, Verdict
from runbook.summary import ChapterResult, StepResult

OUTPUT_CHARACTERS: Final = 40_000
"""How much of one command's output the page shows; the journal has what was kept of it."""

ALL_OUTPUT_CHARACTERS: Final = 500_000
"""How much output the page shows of all steps with trouble together, and of all without."""

LEAST_CHARACTERS: Final = 2_000
"""How much of one command's output the page shows however many there are."""

RECORDING_CHARACTERS: Final = 150_000
"""How long a recording may be to be played in the page."""

ALL_RECORDINGS_CHARACTERS: Final = 700_000
"""How long the page's recordings may be together; those of trouble come first."""

TELLING_LINES: Final = 15
"""How much of the last command's output stands where the page says what went wrong."""

TROUBLE: Final = frozenset({Verdict.FAILED, Verdict.ERROR})
"""Verdicts that stand first on the page, and open."""


@frozen
class Around:
    """What there is around a page: what it embeds, and what it leads to.

    `recordings` are the texts of recordings by their paths. `documents` are addresses of the
    guide's documents by their names, `steps` those of steps on the rendered pages by step id;
    both are relative to the page.
    """

    recordings: Mapping[str, str] = field(factory=dict)
    documents: Mapping[str, str] = field(factory=dict)
    steps: Mapping[str, str] = field(factory=dict)


def render(report: Report, around: Around | None = None) -> str:
    """Return the page of `report`: what went wrong, when what ran, then every step in order."""
    around = around or Around()
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
    limits = {trouble: _output_limit(results, trouble=trouble) for trouble in (True, False)}
    recordings = _embedded(results, around.recordings)
    player = resources.files("runbook.report").joinpath("page/player.js").read_text("utf-8")
    environment.filters.update(
        seconds=seconds,
        clock=clock,
        place=place,
        address=urllib.parse.quote,
        checks=_checks,
        wall=_wall,
        alike=_alike,
        last=lambda text: "\n".join(last_lines(inert(text), TELLING_LINES)),
        output=lambda text, trouble: shortened(inert(text), limits[trouble]),
    )
    return environment.get_template("page.html.j2").render(
        report=report,
        around=around,
        looks=LOOKS,
        verdicts=Verdict,
        chapters=chapters,
        counted=_counted(results),
        numbers={result.step.id: number for number, result in enumerate(results, 1)},
        trouble=[result for result in results if result.verdict in TROUBLE],
        troubled=TROUBLE,
        timeline=timeline(results, report.run.hosts),
        vacuous=summary.vacuous(report),
        unreached=summary.unreached(report),
        sentence=closing.sentence(report),
        duration=closing.duration(report),
        good=summary.exit_status(report) is summary.ExitStatus.OK,
        played={path: number for number, path in enumerate(recordings)},
        recordings=f"[{','.join(recordings.values())}]",
        player=player,
        fingerprint=base64.b64encode(hashlib.sha256(player.encode()).digest()).decode(),
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


def _output_limit(results: Iterable[StepResult], *, trouble: bool) -> int:
    """Return how much of each output may be shown for all with, or without, trouble to fit."""
    lengths = [
        min(len(text), OUTPUT_CHARACTERS)
        for result in results
        for outcome in result.outcomes
        if (outcome.verdict in TROUBLE) is trouble
        for text in (
            *(action.output for action in outcome.actions),
            *(check.detail for check in (*outcome.before, *outcome.after)),
        )
    ]
    if sum(lengths) <= ALL_OUTPUT_CHARACTERS:
        return OUTPUT_CHARACTERS
    return max(LEAST_CHARACTERS, ALL_OUTPUT_CHARACTERS // len(lengths))


def _embedded(results: Iterable[StepResult], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the recordings that the page embeds, by path; those of trouble have precedence."""
    outcomes = [o for result in results for o in result.outcomes if o.recording in texts]
    outcomes.sort(key=lambda outcome: outcome.verdict not in TROUBLE)
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
    """Return every check that was evaluated, with how it was before the actions and after."""
    before = {(c.sentence, c.location): c for c in outcome.before}
    after = {(c.sentence, c.location): c for c in outcome.after}
    return [(check, before.get(key), after.get(key)) for key, check in {**before, **after}.items()]


def _alike(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """Return the outcomes with those together of which only the same reason is to be told."""
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
