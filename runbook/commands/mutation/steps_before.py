"""The steps that come before the one whose mutants are tried, and have to hold there."""

from __future__ import annotations

from runbook.errors import RunbookError
from runbook.execution.keys import KeyedStep
from runbook.execution.phases import BROKEN
from runbook.execution.schedule import Schedule
from runbook.model import Manual, Runbook, Step
from runbook.mutation.excerpt import steps_before
from runbook.results import Outcome


class UntriedError(RunbookError):
    """The hosts cannot be brought to where a step begins, so nothing is known of its mutants."""


def before(plan: Schedule, step: str) -> tuple[KeyedStep, ...]:
    """Return the steps of a plan that come before the one of that id.

    Raises:
        UntriedError: it is not in the plan.

    """
    ids = [one.step.id for one in plan.steps]
    if step not in ids:
        raise UntriedError("it is for no host of this lab")
    return plan.steps[: ids.index(step)]


def just_before(plan: Schedule, runbook: Runbook, step: str, count: int) -> tuple[Step, ...] | None:
    """Return the last `count` steps of a plan before that one, in its chapter.

    There is nothing to return if there are fewer, or if a person has to do one of them.
    """
    here = plan.by_id()
    known = [here[one.id].step for one in steps_before(runbook, step) if one.id in here]
    found = tuple(known[len(known) - count :]) if count <= len(known) else None
    if found and any(isinstance(action, Manual) for one in found for action in one.actions):
        return None
    return found


def must_hold(outcome: Outcome) -> None:
    """Refuse the outcome of a step that comes before the one whose mutants are to be tried.

    Raises:
        UntriedError: the step does not hold.

    """
    if outcome.verdict in BROKEN:
        raise UntriedError(
            f"{outcome.step}, which comes before it, does not hold on {outcome.host}: "
            f"{outcome.reason.partition(chr(10))[0]}"
        )
