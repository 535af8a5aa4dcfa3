"""How long a run may still take, by what its steps took before.

An estimate is only as good as the past: a step that no run has tried counts like the median
of those that were, and where nothing was ever tried there is no estimate.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from runbook.model import Step
from runbook.results import Outcome, Report, Verdict, summary

_TRIED: Final = frozenset(
    {
        Verdict.PROVEN,
        Verdict.PASSED,
        Verdict.RAN,
        Verdict.FAILED,
        Verdict.REHEARSED,
        Verdict.CHECKED,
    }
)


@frozen
class Estimate:
    """What each step that will be tried may take, in seconds by step id, in their order."""

    seconds: Mapping[str, float] = field(factory=dict)

    def left(self, step: str, elapsed: float, order: Iterable[str]) -> float | None:
        """Return what is left of a run that is `elapsed` seconds into `step`, or `None`.

        `order` are all steps of the run; those after `step` are still to come.
        """
        if not self.seconds:
            return None
        total, reached = 0.0, False
        for id_ in order:
            if id_ == step:
                reached = True
                total += max(0.0, self.seconds.get(id_, 0.0) - elapsed)
            elif reached:
                total += self.seconds.get(id_, 0.0)
        return total if reached else None


def expected(steps: Iterable[Step], past: Iterable[Report]) -> Estimate:
    """Return the estimate of a run that will type `steps`; `past` are reports, oldest first."""
    known = _took(past)
    if not known:
        return Estimate()
    median = statistics.median(known.values())
    return Estimate({step.id: known.get(step.id, median) for step in steps})


def _took(past: Iterable[Report]) -> dict[str, float]:
    """Return what each step took on the wall when it was last carried out."""
    found: dict[str, float] = {}
    for report in past:
        by_step: dict[str, list[Outcome]] = {}
        for outcome in report.outcomes:
            if outcome.verdict in _TRIED and not outcome.resumed:
                by_step.setdefault(outcome.step, []).append(outcome)
        found.update({id_: summary.wall(outcomes) for id_, outcomes in by_step.items()})
    return found
