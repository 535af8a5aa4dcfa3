"""One step on some hosts: checks before, actions, checks after; side by side, in step.

The hosts of one step wait for each other between the phases, so that a check may look at several.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from attrs import define, evolve, field

from runbook.execution import prove
from runbook.execution.actions import act, values
from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.hosts.host import HostConnection
from runbook.execution.observe import Observer
from runbook.execution.options import Options
from runbook.execution.trial import Trial
from runbook.model import Cluster
from runbook.results import Begun, Event, Verdict

BROKEN: Final = frozenset({Verdict.FAILED, Verdict.ERROR, Verdict.BLOCKED})
"""Verdicts on which no later step can build."""


@define
class Phases:
    """Tries steps on `hosts`; `again` are the keys of those that run although they are done."""

    cluster: Cluster
    hosts: Mapping[str, HostConnection]
    again: frozenset[str]
    options: Options
    shared: SharedChecks
    pool: ThreadPoolExecutor
    observer: Observer | None = None
    events: queue.SimpleQueue[Event | None] = field(factory=queue.SimpleQueue)

    def run(self, trials: dict[str, Trial]) -> Iterator[Event]:
        """Yield what happens while a step is tried on some hosts, and its outcomes."""
        told: set[str] = set()

        def settled() -> Iterator[Event]:
            for name, trial in trials.items():
                if trial.settled and name not in told:
                    told.add(name)
                    yield trial.outcome

        yield from settled()
        yield from self._together(self._before, trials)
        yield from settled()
        waiting = [trial for trial in trials.values() if not trial.settled]
        if not waiting:
            return
        step = waiting[0].step
        if not step.readonly:
            outcome = waiting[0].outcome
            hosts = tuple(trial.host for trial in waiting)
            yield Begun(step.id, outcome.key, outcome.content, hosts)
        tried = [trial.host for trial in waiting]
        if self.observer is not None:
            self.observer.before(tried)
        tries = step.retry.tries if step.retry else 1
        for number in range(1, tries + 1):
            yield from self._together(self._actions, trials)
            yield from self._together(self._after, trials)
            failed = [n for n, t in trials.items() if n not in told and t.outcome.verdict in BROKEN]
            if not failed or number == tries:
                break
            for name in failed:
                trials[name] = trials[name].again()
            # The world that the step waits for sends no signal.
            time.sleep(step.retry.every if step.retry else 0.0)
        if self.observer is not None:
            trials.update(self.observer.after(trials, tried))
        yield from settled()

    def _before(self, trial: Trial) -> Trial:
        probed = self.hosts[trial.host].probed()
        (host,) = self.cluster.select((trial.host,))
        trial = evolve(
            trial,
            step=values.answers_for(trial.step, host, probed.platform),
            outcome=evolve(trial.outcome, platform=probed.platform),
        )
        trial = prove.check_before(
            trial,
            self.hosts,
            converging=self.options.converging
            and not trial.restart
            and trial.step.id not in self.options.repeat
            and trial.outcome.key not in self.again,
            notify=self.events.put,
            shared=self.shared,
        )
        if trial.unknown_shell and not trial.settled:
            return trial.settle(Verdict.ERROR, trial.unknown_shell)
        return trial

    def _actions(self, trial: Trial) -> Trial:
        return act.act(trial, self.hosts, attend=self.options.attend, notify=self.events.put)

    def _after(self, trial: Trial) -> Trial:
        return prove.check_after(trial, self.hosts, notify=self.events.put, shared=self.shared)

    def _together(
        self, phase: Callable[[Trial], Trial], trials: dict[str, Trial]
    ) -> Iterator[Event]:
        """Run `phase` on all unsettled trials at once, yield what they tell, keep the results."""
        waiting = [trial for trial in trials.values() if not trial.settled]
        if not waiting:
            return
        futures: list[Future[Trial]] = []
        for trial in waiting:
            future = self.pool.submit(prove.guarded, phase, trial, self.hosts.get(trial.host))
            future.add_done_callback(lambda _: self.events.put(None))
            futures.append(future)
        left = len(futures)
        while left:
            event = self.events.get()
            if event is None:
                left -= 1
            else:
                yield event
        for future in futures:
            trial = future.result()
            trials[trial.host] = trial
