"""Bring a lab to where a run goes on: as it stands, from a checkpoint, or with hosts made anew."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, frozen

from runbook.commands.hosts import hosts_of, probe_all
from runbook.commands.running.checkpoints import Saved, saved
from runbook.commands.running.leftovers import end_leftovers
from runbook.errors import RunbookError
from runbook.execution.actions.values import Captures, ValueMissingError
from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.end_state import EndState
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.keys import KeyedStep
from runbook.execution.resume import GoOn, Restore, decide
from runbook.execution.schedule import Schedule
from runbook.execution.secrets import made_up_here
from runbook.labs import Lab, Origin, SupportsCheckpoints
from runbook.model import Runbook
from runbook.model.secret_reference import referenced
from runbook.redaction.known import KnownSecrets
from runbook.results import Outcome, Probed
from runbook.results.position import History, Position, Touched

_GRACE = 10.0
"""Seconds in which the checks of a restored lab must come to hold; its services start anew."""


@frozen
class Start:
    """Where a run goes on.

    `history` is what was done on the hosts as they are now. If they were brought back, `why`
    says for which reason, and `checkpoint` to which state; it is empty if they were made anew.
    `edited` are the ids of the steps that were begun, or were done in another form.
    """

    history: History
    why: str = ""
    checkpoint: str = ""
    edited: frozenset[str] = frozenset()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes of all that is done on the lab."""
        return tuple(
            outcome
            for (key, host), outcome in self.history.outcomes.items()
            if self.history.done(key, host)
        )


@frozen
class Preparation:
    """What is needed to bring `lab` to where a run of `runbook` goes on.

    `may_renew` is false if the run makes no sense on hosts that were made anew, as to undo.
    `scope` is the run, as `lab.run`. With the secrets that are `known`, fresh hosts are brought to
    the checkpoint that has the most of what is wanted, and nothing else.
    """

    lab: Lab
    runbook: Runbook
    shared: SharedChecks
    recordings: Path
    log: Callable[[str], None]
    may_renew: bool = True
    scope: str = ""
    known: KnownSecrets | None = None

    def probed(self) -> dict[str, Probed]:
        """Return what the hosts say of themselves; one that does not answer is left out.

        What a run that was killed has left running there is ended first.

        Raises:
            RunbookError: that cannot be done.

        """
        with closing_all(hosts_of(self.lab, scope=self.scope)) as hosts:
            found, _ = probe_all(hosts)  # each step on another host reports it
            end_leftovers({name: hosts[name] for name in found}, self.scope, self.log)
            return found

    def start(self, schedule: Schedule, history: History, *, reset: bool = False) -> Start:
        """Bring the lab to where a run of `schedule` goes on; `history` is that of its hosts.

        With `reset` it is brought back even if it seems to be there: somebody may have worked on
        it by hand, which no journal tells.

        A checkpoint whose checks do not survive the restart of its processes is deleted, and an
        older one is taken in its place.

        Raises:
            RunbookError: the lab cannot be brought there.

        """
        lab = self.lab
        if not isinstance(lab, SupportsCheckpoints):
            return Start(history)
        kept = {one.name: one for one in saved(lab)}
        restored = None if history.known else _restored(lab, kept)
        if restored is not None:
            history = _history(restored.outcomes)
        unknown = "a reset was asked for" if reset else "" if history.known else _unknown(lab)
        edited = _edited(schedule, history)
        tried_in_vain = ""
        steps = schedule.steps
        if self.known is not None and not history.touched:
            steps = tuple(one for one in steps if one.step.id in schedule.wanted)
            kept = {name: one for name, one in kept.items() if _usable(one, steps, self.known)}
            unknown = unknown or ("what it depends on was done before" if kept else "")
        while True:
            decision = decide(
                steps,
                history,
                (one.restorable() for one in kept.values()),
                again=schedule.again,
                unknown=tried_in_vain or unknown,
            )
            if isinstance(decision, GoOn):
                if restored is None:
                    return Start(history)
                # Who brought the hosts back may have been killed before it looked at them.
                one, start, restored = restored, Start(history), None
            elif isinstance(decision, Restore):
                one = kept[decision.name]
                self.log(f"{self.lab.name}: back to {_described(one)}, because {decision.why}")
                lab.restore_checkpoint(one.name, self.log)
                start = Start(_history(one.outcomes), decision.why, one.name, edited)
            else:
                return evolve(self._renew(lab, decision.why), edited=edited)
            fallen = self._fallen(schedule, one)
            if not fallen:
                return start
            del kept[one.name]
            lab.delete_checkpoint(one.name)
            tried_in_vain = f"{fallen} (that checkpoint is deleted)"

    def _renew(self, lab: SupportsCheckpoints, why: str) -> Start:
        if not self.may_renew:
            raise RunbookError(f"{why}, and no checkpoint fits: run the guide first, then undo it")
        self.log(f"{self.lab.name}: the hosts are made anew, because {why}")
        lab.renew(self.log)
        return Start(History(known=True), why)

    def _fallen(self, schedule: Schedule, one: Saved) -> str:
        """Return the check that a restored lab does not pass, in words, or an empty text."""
        steps = {keyed.key: keyed for keyed in schedule.steps}
        with closing_all(hosts_of(self.lab)) as hosts:
            for end in _end_checks(self.runbook, hosts, self.shared, one.outcomes, steps):
                if end:
                    return end
        return ""


def _usable(one: Saved, steps: Sequence[KeyedStep], known: KnownSecrets) -> bool:
    """Tell whether a run of `steps` can go on from a checkpoint that another lab may have left.

    It must have nothing but these steps, and no secret that is not known here.
    """
    allowed = {(step.key, host) for step in steps for host, _ in step.hosts}
    captured = (name for o in one.outcomes for text in o.captured.values()
                for name in referenced(text))  # fmt: skip
    return (
        one.restorable().done <= allowed
        and one.secrets in ("", made_up_here())
        and all(known.of_digest(name.partition(".")[2]) is not None for name in captured)
    )


def _end_checks(
    runbook: Runbook,
    hosts: Mapping[str, HostConnection],
    shared: SharedChecks,
    outcomes: tuple[Outcome, ...],
    steps: Mapping[str, KeyedStep],
) -> Iterator[str]:
    """Yield, for each host, the first check that does not hold, in words."""
    captures = Captures()
    with _end_state(runbook, hosts, shared) as state:
        for outcome in outcomes:
            step = steps[outcome.key].step
            captures.declare(step)
            captures.take(outcome.host, outcome.captured)
            with contextlib.suppress(ValueMissingError):
                step = captures.fill_in(step, outcome.host)
            state.done([(step, evolve(outcome, resumed=True))])
        for end in state.final(first=True):
            if not end.check.held:
                yield f"after a restart of its processes it is not true that {end.check.sentence}"


@contextmanager
def _end_state(
    runbook: Runbook, hosts: Mapping[str, HostConnection], shared: SharedChecks
) -> Iterator[EndState]:
    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        try:
            yield EndState(runbook, hosts, shared, pool, grace=_GRACE)
        except BaseException:
            # The pool waits for its workers, and they wait for their hosts.
            for host in hosts.values():
                host.close()
            raise


def _edited(schedule: Schedule, history: History) -> frozenset[str]:
    """Return the ids of the steps that are begun, or done with another content than now."""
    now = {one.step.id: one.content for one in schedule.steps}
    return frozenset(
        touched.step
        for touched in history.touched.values()
        if touched.position is Position.BEGUN
        or now.get(touched.step, touched.content) != touched.content
    )


def _restored(lab: SupportsCheckpoints, kept: Mapping[str, Saved]) -> Saved | None:
    """Return the checkpoint that the hosts are, if no run of ours was on them since."""
    origin, name = lab.origin()
    return kept.get(name) if origin is Origin.CHECKPOINT else None


def _unknown(lab: SupportsCheckpoints) -> str:
    """Return why nothing is known of hosts that no run was on; empty if they are fresh."""
    origin, name = lab.origin()
    match origin:
        case Origin.FRESH:
            return ""
        case Origin.SNAPSHOT:
            return (
                f"the lab was reverted to the snapshot {name}, and nobody noted what was done there"
            )
        case Origin.CHECKPOINT:
            return "the lab was brought back to a checkpoint that is no more"
        case Origin.MIXED:
            return "some of the hosts were made anew and others were not"


def _history(outcomes: tuple[Outcome, ...]) -> History:
    """Return the history of hosts on which `outcomes` are all that was done."""
    return History(
        known=True,
        touched={(o.key, o.host): Touched(o.step, Position.DONE, o.content) for o in outcomes},
        outcomes={(o.key, o.host): o for o in outcomes},
    )


def _described(one: Saved) -> str:
    """Return which checkpoint `one` is: that after its last step."""
    return f"the checkpoint after {one.outcomes[-1].step}" if one.outcomes else "a checkpoint"
