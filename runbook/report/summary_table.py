"""The summary of a run: a table of its chapters, and its result in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from runbook.report.styles import STYLES
from runbook.report.text import format_duration, format_location, join_words, pluralize, sanitize
from runbook.results import Report, Verdict, summary
from runbook.results.findings import exit_status, findings
from runbook.results.summary import ChapterResult, ExitStatus, StepResult


def table(report: Report) -> Table:
    """Return the summary table: a row for each chapter, a column for each verdict that occurs.

    A step counts once, under the worst verdict of its hosts. The time is elapsed time.
    """
    chapters = summary.by_chapter(report)
    found = {result.verdict for chapter in chapters for result in chapter.steps}
    shown = [verdict for verdict in STYLES if verdict in found]
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    drawn.add_column("chapter", overflow="fold")
    drawn.add_column("steps", justify="right")
    for verdict in shown:
        drawn.add_column(verdict.value, justify="right", style=STYLES[verdict].terminal)
    drawn.add_column("vacuous", justify="right")
    drawn.add_column("time", justify="right")
    for chapter in chapters:
        drawn.add_row(
            Text(sanitize(chapter.chapter.title)),
            *_numbers(chapter.steps, shown, chapters=[chapter]),
        )
    if len(chapters) > 1:
        steps = [result for chapter in chapters for result in chapter.steps]
        drawn.add_row(Text("all"), *_numbers(steps, shown, chapters=chapters), style="bold")
    return drawn


def _numbers(
    steps: Iterable[StepResult], shown: list[Verdict], *, chapters: Iterable[ChapterResult]
) -> list[str]:
    steps = list(steps)
    counted = Counter(result.verdict for result in steps)
    vacuous = sum(len(result.vacuous) for result in steps)
    return [
        str(len(steps)),
        *(str(counted[verdict] or "") for verdict in shown),
        str(vacuous),
        format_duration(
            sum(summary.wall(o for r in c.steps for o in r.outcomes) for c in chapters)
        ),
    ]


def duration(report: Report) -> float | None:
    """Return how long the run took, in seconds, or `None` if it did not finish."""
    begin, end = summary.instant(report.run.started), summary.instant(report.finished or "")
    return None if begin is None or end is None else end - begin


def sentence(report: Report) -> str:
    """Return the result of the run in a sentence, failures first."""
    results = summary.step_results(report)
    steps = Counter(result.verdict for result in results)
    status = exit_status(report)
    parts: list[str] = []
    if failed := steps[Verdict.FAILED]:
        first = next(r for r in results if r.verdict is Verdict.FAILED)
        hosts = [o.host for o in first.outcomes if o.verdict is Verdict.FAILED]
        where = format_location(first.step.location) or first.step.id
        parts.append(
            f"{pluralize(failed, 'step')} failed, the first at {where} on {join_words(hosts)}"
        )
    if error := steps[Verdict.ERROR]:
        parts.append(f"{pluralize(error, 'step')} could not be tried")
    if blocked := steps[Verdict.BLOCKED]:
        parts.append(f"{pluralize(blocked, 'step')} blocked")
    if fallen := summary.fallen(report):
        hold = "holds" if len(fallen) == 1 else "hold"
        parts.append(f"{pluralize(len(fallen), 'check')} of finished steps no longer {hold}")
    if status is ExitStatus.FAILED and not parts:
        count = pluralize(len(findings(report)), "finding")
        parts.append(f"{count} that this run takes for errors")
    if report.finished is None:
        left = len(summary.unreached(report))
        parts.append(f"the run did not finish ({pluralize(left, 'step')} not reached)")
    if parts:
        parts.append(f"{pluralize(steps[Verdict.PROVEN], 'step')} proven")
        return sanitize(_capital("; ".join(parts)) + ".")
    if steps[Verdict.REHEARSED] or steps[Verdict.CHECKED]:
        count = pluralize(len(results), "step")
        return f"{count}: {join_words(_rest(steps))}; nothing failed. This proves nothing."
    if status is ExitStatus.NOTHING_PROVEN:
        return "Nothing failed, but nothing was proven or passed: " + (
            join_words(_rest(steps)) + "." if steps else "no step was run."
        )
    return sanitize(_good(report, steps))


def _good(report: Report, steps: Counter[Verdict]) -> str:
    counted = (Verdict.PROVEN, Verdict.PASSED)
    hosts = {o.host for o in report.outcomes if o.verdict in counted}
    words = [f"{pluralize(steps[v], 'step')} {v.value}" for v in counted if steps[v]]
    text = f"{join_words(words)} on {pluralize(len(hosts), 'host')}"
    if rest := _rest(steps):
        text += f", {join_words(rest)}"
    resumed = [o for o in report.outcomes if o.verdict in counted and o.resumed]
    if resumed and len(resumed) == sum(o.verdict in counted for o in report.outcomes):
        text += ", all by an earlier run"
        if report.end_state and all(end.check.held for end in report.end_state):
            text += ": their checks still hold"
    elif resumed:
        text += f", {len({o.step for o in resumed})} by an earlier run"
    if found := findings(report):
        return (
            f"{text}; nothing failed, but there {'is' if len(found) == 1 else 'are'} "
            f"{pluralize(len(found), 'finding')}."
        )
    return f"{text}; nothing failed."


def _rest(steps: Counter[Verdict]) -> list[str]:
    others = (
        Verdict.RAN,
        Verdict.REHEARSED,
        Verdict.CHECKED,
        Verdict.SATISFIED,
        Verdict.SKIPPED,
        Verdict.MANUAL,
    )
    words = {
        Verdict.RAN: "ran without a check",
        Verdict.SATISFIED: "already satisfied",
        Verdict.MANUAL: "left to do by hand",
    }
    return [f"{steps[v]} {words.get(v, v.value)}" for v in others if steps[v]]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
