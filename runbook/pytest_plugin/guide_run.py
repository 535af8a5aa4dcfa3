"""A run of a guide that pytest's items take further, each to the outcome that it is about."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import pytest

from runbook.commands.running.hand_over import hand_over
from runbook.errors import RunbookError
from runbook.execution.checks.explanations import explaining
from runbook.execution.phases import BROKEN
from runbook.execution.runner import Answer
from runbook.model import Step
from runbook.pytest_plugin.guide_lab import GuideLab
from runbook.pytest_plugin.terminal import operators_terminal
from runbook.pytest_plugin.verdicts import StepFailed, explained, tell
from runbook.report.text import sanitize
from runbook.results import EndCheck, Outcome, Reached, Report, Verdict
from runbook.results.findings import RunFinding, findings
from runbook.results.position import DONE

_SEEN: Final = frozenset({Verdict.FAILED, Verdict.ERROR})
"""Verdicts of steps that were tried, so that there is a session to look at."""


StepOnHost = tuple[str, str]
"""The id of a step, and a host."""


class GuideRun:
    """A run of the steps that `items` are about, and of all that they depend on.

    `asked` has the verdicts of the guide's items that had their turn, in this run or in one before
    it. What is done of them is part of this one, so that its checks are evaluated at the end.

    Raises:
        RunbookError: the run cannot be started.

    """

    def __init__(
        self,
        lab: GuideLab,
        items: Collection[StepOnHost],
        asked: dict[StepOnHost, Verdict],
        config: pytest.Config,
    ) -> None:
        self.lab = lab
        self._config = config
        done = {step for (step, _), verdict in asked.items() if verdict in DONE}
        self._open = lab.open_run({step for step, _ in items} | done)
        self._steps = {step.id: step for step in lab.runbook.steps()}
        self._unasked = set(items)
        self._asked = asked
        self._reached: set[str] = set()
        self._outcomes: dict[StepOnHost, Outcome] = {}
        self._end_state: list[EndCheck] = []
        self._again: set[str] = set()
        self._told: set[RunFinding] = set()
        self._explained: set[StepOnHost] = set()
        self._ended = False

    def reach(self, step: str) -> None:
        """Take the run to where the step of that id is next: all before it is done or given up.

        Raises:
            RunbookError: the run cannot go on.

        """
        while step not in self._reached and not self._ended:
            self._advance()

    def outcome(self, step: Step, host: str) -> Outcome:
        """Return what came of `step` on `host`, and take the run there.

        Its other hosts work at the same time, and are waited for unless it takes them one by one.

        Raises:
            RunbookError: the run cannot go on.

        """
        at = (step.id, host)
        awaited = {at} if step.serial else {(step.id, name) for name in self._hosts(step)}
        while not self._ended:
            if awaited <= self._outcomes.keys():
                if step.id not in self._again:
                    break
                # The operator lets it be tried once more on these hosts.
                self._again.discard(step.id)
                for one in awaited:
                    del self._outcomes[one]
            self._advance()
        self._unasked.discard(at)
        if at not in self._outcomes:
            raise RunbookError(f"the run ended before {step.id} on {host}")
        self._asked[at] = self._outcomes[at].verdict
        return self._outcomes[at]

    def tell_findings(self, step: Step) -> None:
        """Warn of what is found about `step`, once all its hosts have an outcome.

        Raises:
            StepFailed: the session wants every step proven.

        """
        if all((step.id, host) in self._outcomes for host in self._hosts(step)):
            mine = {at: one for at, one in self._outcomes.items() if at[0] == step.id}
            self._tell(self._findings(mine))

    def causes(self, outcome: Outcome) -> list[str]:
        """Return in lines why a step is blocked: what is known of those that no item is for."""
        if outcome.verdict is not Verdict.BLOCKED:
            return []
        why = [
            (at, other)
            for at, other in self._outcomes.items()
            if other.verdict in BROKEN and other.step in outcome.reason
            and at not in self._asked and at not in self._unasked
        ]  # fmt: skip
        self._explained.update(at for at, _ in why)
        return [line for _, other in why for line in self._why(other)]

    def finish(self) -> None:
        """End the run: if all items had their turn, the end state is evaluated and judged.

        Otherwise pytest has stopped before, and nothing more is run.

        Raises:
            RunbookError: the run cannot go on.
            StepFailed: a check no longer holds, or a step failed that no item is for.

        """
        complete = not self._unasked
        try:
            while complete and not self._ended:
                self._advance()
        finally:
            self.lab.close_run()
        if not complete:
            return
        wrong = [*self._unreported(), *self._fallen()]
        if wrong:
            raise StepFailed("\n".join(wrong))
        self._tell(self._findings(self._outcomes, self._end_state))

    def _advance(self) -> None:
        """Take in the next event of the run."""
        answer = None
        while True:
            try:
                with explaining():
                    event = self._open.next(answer)
            except BaseException as error:
                self._ended = True
                if isinstance(error, RunbookError):
                    raise RunbookError(self._open.known.redact(str(error))) from None
                raise
            if event is None:
                self._ended = True
                return
            if isinstance(event, EndCheck):
                self._end_state.append(event)
            elif isinstance(event, Reached) or not isinstance(event, Outcome):
                self._reached.add(event.step)
            else:
                self._reached.add(event.step)
                self._outcomes[event.step, event.host] = event
                if self._config.option.usepdb and event.verdict in _SEEN:
                    answer = self._hand_over(event)
                    continue
            return

    def _hand_over(self, outcome: Outcome) -> Answer:
        """Give the operator the session of a step that does not hold."""
        with operators_terminal(self._config):
            lines = self._why(outcome)
            sys.stdout.write("\n" + "\n".join(lines) + "\n")
            sys.stdout.flush()
        answer = hand_over(operators_terminal(self._config), outcome, self._open.hosts)
        if answer is Answer.AGAIN:
            self._again.add(outcome.step)
        return answer

    def _hosts(self, step: Step) -> tuple[str, ...]:
        return tuple(one.name for one in self.lab.lab.cluster.select(step.on or ("all",)))

    def _findings(
        self, outcomes: Mapping[StepOnHost, Outcome], end_state: Sequence[EndCheck] = ()
    ) -> tuple[RunFinding, ...]:
        return findings(
            Report(self.lab.runbook, self._open.run, tuple(outcomes.values()), tuple(end_state))
        )

    def _tell(self, found: Iterable[RunFinding]) -> None:
        new = [one for one in found if one not in self._told]
        self._told.update(new)
        tell(self.lab.guide, self.lab.place, new, as_errors=self.lab.wanted.require_proven)

    def _why(self, outcome: Outcome) -> list[str]:
        return explained(self._steps[outcome.step], outcome, self.lab.place)

    def _unreported(self) -> Iterator[str]:
        """Yield in lines why steps do not hold that the run needed and no item is for."""
        for at, outcome in self._outcomes.items():
            if outcome.verdict in BROKEN and not (at in self._asked or at in self._explained):
                yield from self._why(outcome)

    def _fallen(self) -> Iterator[str]:
        """Yield in lines which checks do not hold at the end, though no step is known to be why."""
        for end in self._end_state:
            check = end.check
            if check.held or end.broken_by:
                continue
            what = "no longer true" if check.evaluated else "could not be evaluated at the end"
            where = f"{self.lab.place}{check.location}"
            yield sanitize(f"{where}: {what} on {end.host}: {check.sentence} ({end.step})")
            yield from sanitize(check.detail).splitlines()
