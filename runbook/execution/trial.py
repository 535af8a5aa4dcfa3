"""A step that is being tried on one host."""

from __future__ import annotations

import time

from attrs import evolve, field, frozen

from runbook.execution.keys import KeyedStep
from runbook.model import Step
from runbook.observation.cover import Evidence
from runbook.results import Outcome, Verdict
from runbook.results.clock import now


@frozen
class Trial:
    """A step that is being tried on one host: the outcome so far, and whether it is settled.

    `step` is the step as it is for this host. `clock` is the monotonic time at which the trial
    began. `evidence` says what the checks asked that were red before the actions and hold after.
    With `restart` its last command kept running in an earlier run, with which it ended.
    `unknown_shell` is why nothing must be typed, although its checks may be evaluated.
    """

    step: Step
    host: str
    outcome: Outcome
    clock: float
    settled: bool = False
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)
    restart: bool = False
    unknown_shell: str = ""

    @classmethod
    def begin(cls, step: Step, host: str, digest: str, keyed: KeyedStep | None = None) -> Trial:
        """Return a new trial of `step` on `host`; `keyed` has its key, if it is for this host."""
        outcome = Outcome(
            step.id,
            host,
            Verdict.SKIPPED,
            digest,
            now(),
            key=keyed.key if keyed else "",
            content=keyed.content if keyed else "",
        )
        return cls(step, host, outcome, time.monotonic())

    def settle(self, verdict: Verdict, reason: str = "") -> Trial:
        """Return the trial ended with `verdict`."""
        seconds = round(time.monotonic() - self.clock, 3)
        outcome = evolve(self.outcome, verdict=verdict, reason=reason, seconds=seconds)
        return evolve(self, outcome=outcome, settled=True)

    def again(self) -> Trial:
        """Return the trial of another try, in which only the checks before are kept."""
        outcome = evolve(
            self.outcome,
            reason="",
            after=(),
            actions=(),
            tries=(*self.outcome.tries, self.outcome.reason),
        )
        return evolve(self, outcome=outcome, settled=False)
