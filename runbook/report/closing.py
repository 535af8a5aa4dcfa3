"""How a report ends: the table of the chapters, and one sentence that says it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from runbook import summary
from runbook.report.words import LOOKS, inert, listed, number, place, seconds
from runbook.result import Report, Verdict
from runbook.summary import ChapterResult, ExitStatus, StepResult


def table(report: Report) -> Table:
    """Return the closing table: a row for each chapter, a column for each verdict there is.

    It counts steps, each once, under the heaviest verdict of its hosts; the time is that
    on the wall.
    """
    chapters = summary.by_chapter(report)
    found = {result.verdict for chapter in chapters for result in chapter.steps}
    shown = [verdict for verdict in LOOKS if verdict in found]
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    drawn.add_column("chapter", overflow="fold")
    drawn.add_column("steps", justify="right")
    for verdict in shown:
        drawn.add_column(verdict.value, justify="right", style=LOOKS[verdict].style)
    drawn.add_column("vacuous", justify="right")
    drawn.add_column("time", justify="right")
    for chapter in chapters:
        drawn.add_row(
            Text(inert(chapter.chapter.title)), *_numbers(chapter.steps, shown, chapters=[chapter])
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
        seconds(sum(summary.wall(o for r in c.steps for o in r.outcomes) for c in chapters)),
    ]


def duration(report: Report) -> float | None:
    """Return the seconds that the whole run took, or `None` if it did not end."""
    begin, end = summary.instant(report.run.started), summary.instant(report.finished or "")
    return None if begin is None or end is None else end - begin


def sentence(report: Report) -> str:
    """Return in words what the run came to, the worst first."""
    results = summary.step_results(report)
    steps = Counter(result.verdict for result in results)
    status = summary.exit_status(report)
    parts: list[str] = []
    if failed := steps[Verdict.FAILED]:
        first = next(r for r in results if r.verdict is Verdict.FAILED)
        hosts = [o.host for o in first.outcomes if o.verdict is Verdict.FAILED]
        where = place(first.step.location) or first.step.id
        parts.append(f"{number(failed, 'step')} failed, the first at {where} on {listed(hosts)}")
    if error := steps[Verdict.ERROR]:
        parts.append(f"{number(error, 'step')} could not be tried")
    if blocked := steps[Verdict.BLOCKED]:
        parts.append(f"{number(blocked, 'step')} stood on what did not hold")
    if report.finished is None:
        left = len(summary.unreached(report))
        parts.append(f"the run did not come to its end ({number(left, 'step')} not reached)")
    if parts:
        parts.append(f"{number(steps[Verdict.PROVEN], 'step')} proven")
        return inert(_capital("; ".join(parts)) + ".")
    if rehearsed := steps[Verdict.REHEARSED]:
        words = [word for word in _rest(steps) if Verdict.REHEARSED.value not in word]
        rest = f", {listed(words)}" if words else ""
        return f"{number(rehearsed, 'step')} rehearsed{rest}; nothing failed. That proves nothing."
    if status is ExitStatus.NOTHING_PROVEN:
        return "Nothing failed, but nothing was proven or passed: " + (
            listed(_rest(steps)) + "." if steps else "no step was run."
        )
    return inert(_good(report, steps))


def _good(report: Report, steps: Counter[Verdict]) -> str:
    counted = (Verdict.PROVEN, Verdict.PASSED)
    hosts = {o.host for o in report.outcomes if o.verdict in counted}
    words = [f"{number(steps[v], 'step')} {v.value}" for v in counted if steps[v]]
    text = f"{listed(words)} on {number(len(hosts), 'host')}"
    if rest := _rest(steps):
        text += f", {listed(rest)}"
    resumed = [o for o in report.outcomes if o.verdict in counted and o.resumed]
    if resumed and len(resumed) == sum(o.verdict in counted for o in report.outcomes):
        text += ", all by an earlier run on this lab"
        if all(outcome.after for outcome in resumed):
            text += ": their checks still hold"
    elif resumed:
        text += f", {len({o.step for o in resumed})} by an earlier run on this lab"
    return f"{text}; nothing failed."


def _rest(steps: Counter[Verdict]) -> list[str]:
    others = (Verdict.REHEARSED, Verdict.SATISFIED, Verdict.SKIPPED, Verdict.MANUAL)
    words = {Verdict.SATISFIED: "satisfied already", Verdict.MANUAL: "left to a person"}
    return [f"{steps[v]} {words.get(v, v.value)}" for v in others if steps[v]]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
