"""What a run came to: counts, steps by chapter, vacuous checks and the exit status."""

from __future__ import annotations

import datetime
import enum
from collections import Counter
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from runbook.model import Chapter, Location, Step
from runbook.results.outcome import CheckResult, EndCheck, Outcome, Report, Verdict


class ExitStatus(enum.IntEnum):
    """How a run ends, as the shell sees it. The number 2 belongs to a wrong command line."""

    OK = 0
    FAILED = 1
    ERROR = 3
    NOTHING_PROVEN = 4
    INTERRUPTED = 130


_WEIGHT: Final = (
    Verdict.FAILED,
    Verdict.ERROR,
    Verdict.BLOCKED,
    Verdict.MANUAL,
    Verdict.PROVEN,
    Verdict.RAN,
    Verdict.PASSED,
    Verdict.REHEARSED,
    Verdict.CHECKED,
    Verdict.SATISFIED,
    Verdict.SKIPPED,
)
"""What decides about a step whose hosts differ, the heaviest first."""


@frozen
class StepResult:
    """A step and what it came to on each of its hosts; there is at least one outcome."""

    step: Step
    outcomes: tuple[Outcome, ...]

    @property
    def verdict(self) -> Verdict:
        """The heaviest verdict of any host: trouble first, then what says most."""
        return min((o.verdict for o in self.outcomes), key=_WEIGHT.index)

    @property
    def vacuous(self) -> tuple[CheckResult, ...]:
        """The checks that held after the actions and were red before them on no host.

        A step that only reads is exempt: its checks cannot have been red.
        """
        if self.step.readonly:
            return ()
        found = {(c.sentence, c.location): c for o in self.outcomes for c in o.after if c.held}
        red = {
            (c.sentence, c.location)
            for o in self.outcomes
            for c in (*o.before, *o.after)
            if not c.held
        }
        return tuple(check for key, check in found.items() if key not in red)


@frozen
class ChapterResult:
    """A chapter with those of its steps that came to an outcome, in reading order."""

    chapter: Chapter
    steps: tuple[StepResult, ...]


def counts(outcomes: Iterable[Outcome]) -> Counter[Verdict]:
    """Return how many outcomes there are of each verdict; one is one step on one host."""
    return Counter(outcome.verdict for outcome in outcomes)


def by_chapter(report: Report) -> tuple[ChapterResult, ...]:
    """Return the chapters that have outcomes, in order, with their steps.

    Outcomes of steps that the runbook does not have stand in a last chapter of their own:
    nothing that happened is left out.
    """
    by_step: dict[str, list[Outcome]] = {}
    for outcome in report.outcomes:
        by_step.setdefault(outcome.step, []).append(outcome)
    found: list[ChapterResult] = []
    for chapter in report.runbook.chapters:
        steps = tuple(
            StepResult(step, tuple(by_step.pop(step.id)))
            for step in chapter.steps
            if step.id in by_step
        )
        if steps:
            found.append(ChapterResult(chapter, steps))
    if by_step:
        unknown = tuple(
            StepResult(Step(id_, id_, Location("", 0)), tuple(outcomes))
            for id_, outcomes in by_step.items()
        )
        chapter = Chapter("", "Steps that the guide has no more", tuple(r.step for r in unknown))
        found.append(ChapterResult(chapter, unknown))
    return tuple(found)


def step_results(report: Report) -> tuple[StepResult, ...]:
    """Return all steps that came to an outcome, in reading order."""
    return tuple(result for chapter in by_chapter(report) for result in chapter.steps)


def unreached(report: Report) -> tuple[Step, ...]:
    """Return the steps that the run never came to."""
    reached = {outcome.step for outcome in report.outcomes}
    return tuple(step for step in report.runbook.steps() if step.id not in reached)


def vacuous(report: Report) -> tuple[tuple[Step, CheckResult], ...]:
    """Return the checks that never were red, each once, with the steps they stand in."""
    return tuple((r.step, check) for r in step_results(report) for check in r.vacuous)


def fallen(report: Report) -> tuple[EndCheck, ...]:
    """Return the checks of done steps that no longer hold though no step is known to be why."""
    return tuple(
        end
        for end in report.end_state
        if not end.check.held and end.check.evaluated and not end.broken_by
    )


def exit_status(report: Report, findings: int = 0) -> ExitStatus:
    """Return the exit status that the run has earned.

    A failure outweighs what could not be tried, and that outweighs all that went well. An
    outcome that an earlier run earned counts like one of this run. `findings` is the number of
    those that this run takes for errors.
    """
    found = counts(report.outcomes)
    if found[Verdict.FAILED] or fallen(report) or findings:
        return ExitStatus.FAILED
    unknown = any(not end.check.evaluated for end in report.end_state)
    if found[Verdict.ERROR] or found[Verdict.BLOCKED] or unknown or report.finished is None:
        return ExitStatus.ERROR
    if not found[Verdict.PROVEN] and not found[Verdict.PASSED]:
        return ExitStatus.NOTHING_PROVEN
    return ExitStatus.OK


def wall(outcomes: Iterable[Outcome]) -> float:
    """Return the seconds from the first start to the last end of `outcomes`.

    Hosts work side by side, so the sum of their seconds would say too much. What an earlier run
    did takes no time.
    """
    spans = [
        (begin, begin + outcome.seconds)
        for outcome in outcomes
        if not outcome.resumed and (begin := instant(outcome.started)) is not None
    ]
    if not spans:
        return 0.0
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


def instant(text: str) -> float | None:
    """Return the seconds since 1970 of a time in ISO 8601, or `None` if `text` is none."""
    try:
        return datetime.datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
