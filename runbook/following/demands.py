"""What must be typed before a step runs: the names of its hosts, where it may do damage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from runbook.errors import RunbookError
from runbook.following.position import StepPosition, StepState
from runbook.lint.consent import with_stand_ins
from runbook.model import Step
from runbook.shelltext.dangers import Written, step_dangers


@frozen
class Demand:
    """Why the names of `hosts` must be typed before a step runs there; no `reasons`, no names."""

    hosts: tuple[str, ...]
    reasons: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything must be typed."""
        return bool(self.reasons)

    def is_met_by(self, typed: str) -> bool:
        """Return whether somebody has `typed` the names of all hosts, and no others.

        They may stand in any order, with blanks or commas between them.
        """
        return not self or set(re.split(r"[\s,]+", typed.strip())) == set(self.hosts)


class ConfirmationNeeded(RunbookError):  # noqa: N818  # it names what is the case
    """A step needs the names of its hosts typed; `demand` says why."""

    def __init__(self, step: str, demand: Demand) -> None:
        super().__init__(
            f"{step}: {'; '.join(demand.reasons)}; to let it run, type the names of its hosts: "
            f"{' '.join(demand.hosts)}"
        )
        self.demand = demand


def dangers_of(steps: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    """Return by id the dangers of all steps, in their order: one may run what another wrote."""
    written = Written()
    captured: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for step in steps:
        found[step.id] = step_dangers(with_stand_ins(step, captured), written)
        if step.capture is not None:
            captured.add(f"<{step.capture.name.replace('_', '-')}>")
    return found


def demand(
    position: StepPosition,
    hosts: Sequence[str],
    dangers: Mapping[str, tuple[str, ...]],
    filled: Iterable[Step],
) -> Demand:
    """Return what must be typed before a step runs on `hosts`.

    `dangers` are those of the guide by step; `filled` is the step as it is for each host, where a
    value may have made it dangerous.
    """
    step = position.step
    reasons = dict.fromkeys(dangers.get(step.id, ()))
    for here in dict.fromkeys(filled):
        reasons |= dict.fromkeys(step_dangers(with_stand_ins(here), Written()))
    again = "" if step.repeatable else ", and its author says that it must not be repeated"
    for one in position.hosts:
        if one.host not in hosts:
            continue
        match one.state:
            case StepState.BEGUN:
                reasons[f"it was begun on {one.host} and did not come to its end{again}"] = None
            case StepState.CHANGED:
                reasons[f"on {one.host}: {one.why}{again}"] = None
            case StepState.DONE | StepState.SATISFIED | StepState.BY_HAND:
                reasons[f"it is done on {one.host} already{again}"] = None
            case StepState.UNTOUCHED | StepState.SKIPPED:
                pass
    return Demand(tuple(hosts), tuple(reasons))
