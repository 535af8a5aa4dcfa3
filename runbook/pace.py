"""How long a run may still take, by what its steps took before.

An estimate is only as good as the past: a step that no run has tried counts like the median
of those that were, and where nothing was ever tried there is no estimate.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from runbook import codec, summary
from runbook.model import Step
from runbook.result import Outcome, Report, Verdict

_TRIED: Final = frozenset({Verdict.PROVEN, Verdict.PASSED, Verdict.FAILED, Verdict.REHEARSED})
_EARNED: Final = frozenset({Verdict.PROVEN, Verdict.PASSED})


@frozen
class Pace:
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


def expected(
    steps: Iterable[Step],
    past: Iterable[Report],
    earned: Mapping[tuple[str, str], Outcome],
) -> Pace:
    """Return the pace of a run that will try `steps`.

    `past` are the reports of earlier runs, oldest first. `earned` is what steps and hosts came
    to on this very lab, by step id and host: steps that will only be checked take as long as
    their checks.
    """
    known = _took(past)
    if not known:
        return Pace()
    median = statistics.median(known.values())
    by_step: dict[str, list[Outcome]] = {}
    for outcome in earned.values():
        by_step.setdefault(outcome.step, []).append(outcome)
    found: dict[str, float] = {}
    for step in steps:
        mine = by_step.get(step.id, [])
        digest = codec.digest(step) if mine else ""
        if mine and all(o.verdict in _EARNED and o.digest == digest for o in mine):
            found[step.id] = max(_checking(outcome) for outcome in mine)
        else:
            found[step.id] = known.get(step.id, median)
    return Pace(found)


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


def _checking(outcome: Outcome) -> float:
    if outcome.resumed:
        return outcome.seconds
    return max(0.0, outcome.seconds - sum(action.seconds for action in outcome.actions))
