"""The checks of a step on one host, before and after its actions, and the verdict.

The runner decides whether a step is tried at all; here it is judged.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import evolve

from runbook.errors import RunbookError
from runbook.execution.actions.act import Notify
from runbook.execution.checks.check import await_, evaluate
from runbook.execution.checks.file_checks import checks_of, explained
from runbook.execution.checks.shared_checks import NOTHING, SharedChecks
from runbook.execution.checks.unit_log import with_unit_log
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.execution.trial import Trial
from runbook.model import Check, Manual
from runbook.observation.cover import Evidence, texts_of
from runbook.results import CheckResult, Phase, Started, Verdict
from runbook.terminal.faults import HostLost

_LOG: Final = logging.getLogger(__name__)


def check_before(
    trial: Trial,
    hosts: Mapping[str, HostConnection],
    *,
    converging: bool,
    notify: Notify,
    shared: SharedChecks = NOTHING,
) -> Trial:
    """Evaluate the checks of a step that was never begun on this host.

    If all hold, a manual task is done. So is any other step on a machine that is somebody's
    (`converging`); on a host of ours its actions run all the same, and prove nothing. Checks that
    assert nothing hold everywhere, so they alone never make a step done.
    """
    step = trial.step
    notify(Started(step.id, trial.host, Phase.CHECKING))
    before = tuple(result for result, _ in _evaluate_all(trial, hosts, shared, evaluate))
    trial = evolve(trial, outcome=evolve(trial.outcome, before=before))
    if not any(check.asserts for check in before) or not all(check.held for check in before):
        return trial
    if any(isinstance(action, Manual) for action in step.actions):
        return trial.settle(Verdict.PASSED, "its checks hold: somebody has done it")
    if converging and not step.readonly:
        return trial.settle(Verdict.SATISFIED)
    return trial


def check_after(
    trial: Trial,
    hosts: Mapping[str, HostConnection],
    *,
    notify: Notify,
    shared: SharedChecks = NOTHING,
) -> Trial:
    """Evaluate the checks again, each for as long as it may take, and judge the step.

    A check may rely on what the one before it has waited for, so its time begins when that holds.
    Once one does not, the step has failed, and the time of the others began with the first: a step
    with five checks that wait a minute each fails after a minute, and not after five.
    """
    step = trial.step
    notify(Started(step.id, trial.host, Phase.PROVING))
    factor = hosts[trial.host].timeout_factor
    began = time.monotonic()
    all_hold = True

    def patiently(check: Check, reached: HostMap, host: str, shared: SharedChecks) -> CheckResult:
        nonlocal all_hold
        since = None if all_hold else began
        result = await_(check, reached, host, shared, factor, since=since)
        all_hold = all_hold and result.held
        return with_unit_log(explained(result, check, step), check, reached, host)

    evaluated = _evaluate_all(trial, hosts, shared, patiently)
    after = tuple(result for result, _ in evaluated)
    trial = evolve(
        trial,
        outcome=evolve(trial.outcome, after=after),
        evidence=_turned(trial.outcome.before, evaluated),
    )
    broken = [check for check in after if not check.held]
    if broken:
        count = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        ended = hosts[trial.host].ended_in_background(step.id) if step.background else ""
        return trial.settle(
            Verdict.FAILED,
            f"{broken[0].location}: after the actions it is not true that "
            f"{broken[0].sentence}{count}{ended}",
        )
    if not after:
        return trial.settle(Verdict.RAN)
    was_red = any(not check.held for check in trial.outcome.before)
    if step.readonly or not was_red:
        return trial.settle(Verdict.PASSED)
    return trial.settle(Verdict.PROVEN)


def guarded(phase: Callable[[Trial], Trial], trial: Trial, host: HostConnection | None) -> Trial:
    """Run a phase of `trial`; what keeps it from being tried is an error, never a failure.

    `host` is the trial's, whose console may tell more when it is lost.
    """
    if trial.settled:
        return trial
    try:
        return phase(trial)
    except HostLost as error:
        said = "" if host is None else host.console_tail()
        return trial.settle(Verdict.ERROR, f"{error}{said}")
    except RunbookError as error:
        return trial.settle(Verdict.ERROR, str(error))
    except Exception as error:
        # A defect of ours must not look like one of the guide, and must not end the run.
        _LOG.exception("%s on %s", trial.step.id, trial.host)
        return trial.settle(Verdict.ERROR, f"the harness is at fault: {error!r}")


def _evaluate_all(
    trial: Trial,
    hosts: Mapping[str, HostConnection],
    shared: SharedChecks,
    how: Callable[..., CheckResult],
) -> list[tuple[CheckResult, Evidence]]:
    """Return the results of all checks of a step, each with what it asked."""
    found = []
    reached = HostMap(hosts)
    for check in checks_of(trial.step):
        result = how(check, reached, trial.host, shared)
        texts = texts_of(check.source, shared.used_by(check.source))
        found.append((result, Evidence(check.location, reached.take_asked(), texts)))
    return found


def _turned(
    before: Sequence[CheckResult], after: Sequence[tuple[CheckResult, Evidence]]
) -> tuple[Evidence, ...]:
    """Return what those checks asked that hold now and did not before."""
    red = {(one.sentence, one.location) for one in before if not one.held}
    return tuple(
        evidence
        for result, evidence in after
        if result.held and (result.sentence, result.location) in red
    )
