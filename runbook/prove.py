"""One step on one host: red, actions, green. Each function is one phase of the rule.

The runner decides whether a step is tried at all; here it is tried, and judged.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve, frozen

from runbook import secrets, values
from runbook.check import await_, evaluate
from runbook.errors import RunbookError
from runbook.faults import HostLost
from runbook.live import HostMap, LiveHost
from runbook.model import Action, Command, Dialogue, FileContent, Manual, Step
from runbook.perform import perform
from runbook.result import CheckResult, Outcome, Performed, Phase, Started, Verdict
from runbook.returning import Leave, leaves
from runbook.shared import NOTHING, SharedChecks

_LOG: Final = logging.getLogger(__name__)

_RETURN: Final = 300.0
"""Seconds that a host may at least take to come back; an emulated one needs them."""

Tell = Callable[[Started], None]
Attend = Callable[[Step, str, Manual], bool]
"""Ask a person to do a manual task of a step on a host; true if it was done."""


@frozen
class Trial:
    """A step that is being tried on one host: the outcome so far, and whether it is settled.

    `clock` is the monotonic time at which the trial began.
    """

    step: Step
    host: str
    outcome: Outcome
    clock: float
    settled: bool = False

    def settle(self, verdict: Verdict, reason: str = "") -> Trial:
        """Return the trial ended with `verdict`."""
        seconds = round(time.monotonic() - self.clock, 3)
        outcome = evolve(self.outcome, verdict=verdict, reason=reason, seconds=seconds)
        return evolve(self, outcome=outcome, settled=True)


def check_before(
    trial: Trial,
    live: Mapping[str, LiveHost],
    earlier: Outcome | None,
    *,
    again: bool,
    tell: Tell,
    shared: SharedChecks = NOTHING,
) -> Trial:
    """Evaluate the checks; settle the trial if that shows that nothing need be done.

    `earlier` is what an earlier run on this lab came to with the same text of the step.
    With `again` the actions run even where all checks hold.
    """
    step = trial.step
    tell(Started(step.id, trial.host, Phase.CHECKING))
    before = _evaluate_all(step, live, trial.host, shared, evaluate)
    trial = evolve(trial, outcome=evolve(trial.outcome, before=before))
    if again or not all(check.held for check in before):
        return trial
    if earlier is not None and earlier.verdict in (Verdict.PROVEN, Verdict.PASSED):
        return _resume(trial, earlier)
    if not before:
        return trial
    if any(isinstance(action, Manual) for action in step.actions):
        return trial.settle(Verdict.PASSED, "its checks hold: somebody has done it")
    if step.readonly:
        return trial
    return trial.settle(Verdict.SATISFIED)


def _resume(trial: Trial, earlier: Outcome) -> Trial:
    settled = trial.settle(earlier.verdict, earlier.reason)
    return evolve(
        settled,
        outcome=evolve(
            settled.outcome,
            before=earlier.before,
            after=trial.outcome.before,
            actions=earlier.actions,
            captured=earlier.captured,
            recording=earlier.recording,
            resumed=True,
        ),
    )


def act(trial: Trial, live: LiveHost, *, attend: Attend | None, tell: Tell) -> Trial:
    """Carry out the step's actions in order; settle the trial at the first that goes wrong."""
    with live.recorded(trial.step.id) as recording:
        done = _act(trial, live, attend=attend, tell=tell)
    return evolve(done, outcome=evolve(done.outcome, recording=recording))


def _act(trial: Trial, live: LiveHost, *, attend: Attend | None, tell: Tell) -> Trial:
    step = trial.step
    done: list[Performed] = []
    for number, action in enumerate(step.actions, 1):
        detail = f"{number}/{len(step.actions)} {_headline(action)}"
        tell(Started(step.id, trial.host, Phase.ACTING, detail))
        if isinstance(action, Manual):
            if attend is None:
                why = "a person must do this; run with --attended"
                return _with_actions(trial, done).settle(Verdict.MANUAL, why)
            if not attend(step, trial.host, action):
                why = "a person must do this; who was asked has not done it"
                return _with_actions(trial, done).settle(Verdict.MANUAL, why)
            done.append(Performed(action.text, action.location))
            continue
        last = number == len(step.actions)
        try:
            performed = _perform(action, step, live, step.statuses if last else (0,))
        except HostLost as error:
            why = f"{action.location}: {error}{live.last_words()}"
            return _with_actions(trial, done).settle(Verdict.ERROR, why)
        except RunbookError as error:
            return _with_actions(trial, done).settle(Verdict.ERROR, f"{action.location}: {error}")
        done.append(performed)
        if performed.complaint:
            return _with_actions(trial, done).settle(
                Verdict.FAILED, f"{action.location}: {performed.complaint}"
            )
    trial = _with_actions(trial, done)
    if step.capture is None:
        return trial
    value = values.captured(step.capture, done[-1].output if done else "")
    if value is None:
        return trial.settle(
            Verdict.FAILED,
            f"{step.location}: nothing in the output matches the capture of "
            f"{step.capture.name!r}: {step.capture.pattern or 'any text'}",
        )
    outcome = evolve(trial.outcome, captured={step.capture.name: value})
    return evolve(trial, outcome=outcome)


def _perform(action: Action, step: Step, live: LiveHost, statuses: tuple[int, ...]) -> Performed:
    """Carry out `action`; one that takes the connection away is followed until the host is back.

    Raises:
        HostLost: the host is gone, or does not come back.
        RunbookError: it could not be tried.

    """
    leave = leaves(action.text) if isinstance(action, Command) else None
    before = live.boot() if leave is not None else ""
    # A shell that does not open is no command that has left.
    session = live.session(step.user)
    began = time.monotonic()
    try:
        performed = perform(
            action,
            session,
            timeout=step.timeout * live.patience,
            statuses=statuses,
            secrets=secrets.resolve,
            leaving=leave is not None,
        )
    except HostLost:
        if leave is None:
            raise
        # How a command ended that took the connection with it is not known; the checks are the
        # judges.
        performed = Performed(action.text, action.location)
    if leave is None or performed.complaint:
        return performed
    timeout = max(step.timeout, _RETURN) * live.patience
    live.returned(before, anew=leave is Leave.REBOOT, timeout=timeout)
    return evolve(performed, seconds=round(time.monotonic() - began, 6))


def check_after(
    trial: Trial,
    live: Mapping[str, LiveHost],
    *,
    tell: Tell,
    shared: SharedChecks = NOTHING,
) -> Trial:
    """Evaluate the checks again, each for as long as it may take, and judge the step."""
    step = trial.step
    tell(Started(step.id, trial.host, Phase.PROVING))
    patiently = functools.partial(await_, patience=live[trial.host].patience)
    after = _evaluate_all(step, live, trial.host, shared, patiently)
    trial = evolve(trial, outcome=evolve(trial.outcome, after=after))
    broken = [check for check in after if not check.held]
    if broken:
        count = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        return trial.settle(
            Verdict.FAILED,
            f"{broken[0].location}: after the actions it is not true that "
            f"{broken[0].sentence}{count}",
        )
    was_red = any(not check.held for check in trial.outcome.before)
    if step.readonly or not was_red:
        return trial.settle(Verdict.PASSED)
    return trial.settle(Verdict.PROVEN)


def guarded(phase: Callable[[Trial], Trial], trial: Trial, live: LiveHost | None = None) -> Trial:
    """Run a phase of `trial`; what keeps it from being tried is an error, never a failure.

    `live` is the trial's host, whose console may tell more when it is lost.
    """
    if trial.settled:
        return trial
    try:
        return phase(trial)
    except HostLost as error:
        said = "" if live is None else live.last_words()
        return trial.settle(Verdict.ERROR, f"{error}{said}")
    except RunbookError as error:
        return trial.settle(Verdict.ERROR, str(error))
    except Exception as error:
        # A defect of ours must not look like one of the guide, and must not end the run.
        _LOG.exception("%s on %s", trial.step.id, trial.host)
        return trial.settle(Verdict.ERROR, f"the harness is at fault: {error!r}")


def _evaluate_all(
    step: Step,
    live: Mapping[str, LiveHost],
    host: str,
    shared: SharedChecks,
    how: Callable[..., CheckResult],
) -> tuple[CheckResult, ...]:
    if not step.checks:
        return ()
    hosts = HostMap(live)
    return tuple(how(check, hosts, host, shared) for check in step.checks)


def _with_actions(trial: Trial, done: list[Performed]) -> Trial:
    return evolve(trial, outcome=evolve(trial.outcome, actions=tuple(done)))


def _headline(action: Action) -> str:
    match action:
        case FileContent():
            return f"write {action.path}"
        case Command() | Dialogue() | Manual():
            return action.text.strip().partition("\n")[0]
