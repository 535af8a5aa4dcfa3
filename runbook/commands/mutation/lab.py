"""The hosts that mutants are tried on: a lab beside the guide's own, with the same checkpoints."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from attrs import define, evolve, field

from runbook.commands.holding import lab_key
from runbook.commands.hosts import hosts_of, probe_all
from runbook.commands.mutation.hosts_on import HostsOn
from runbook.commands.mutation.needed_hosts import hosts_needed
from runbook.commands.mutation.own_checkpoints import OwnCheckpoints
from runbook.commands.mutation.steps_before import UntriedError, before, just_before, must_hold
from runbook.commands.running.checkpoints import Saved, about_checkpoint, checkpoint_name, saved
from runbook.errors import RunbookError
from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.keys import KeyedStep
from runbook.execution.options import Options
from runbook.execution.runner import walk
from runbook.execution.schedule import Schedule, schedule
from runbook.execution.selection import Selection
from runbook.labs import Lab
from runbook.model import Manual, Runbook, Step
from runbook.mutation.excerpt import steps_after, up_to
from runbook.redaction.known import KnownSecrets
from runbook.results import Outcome, Probed, Verdict
from runbook.results.position import DONE, History, Position, Touched
from runbook.results.redacted import redacted_outcome

WORKER: Final = "mutants"
"""What the name of the lab has in addition, and the directory of what it knows."""

_TOLD_FROM: Final = 10
"""Steps without a checkpoint between them from which on their number is told."""


@define
class MutantLab:
    """Brings its hosts to before a step, and runs the step there in one form after the other.

    `runbook` is the guide without its undo steps. Nothing is written but checkpoints, which are
    deleted again: those of the guide's runs are shared, and room for them is limited. `own` are
    those of this lab and of others that try mutants at the same time; `worker` is its name among
    them. The steps of `lead` are run before each attempt, and `hosts` says which ones are on.
    """

    guide: Path
    kind: str
    lab: Lab
    runbook: Runbook
    selection: Selection
    shared: SharedChecks
    known: KnownSecrets
    log: Callable[[str], None]
    own: OwnCheckpoints = field(factory=OwnCheckpoints)
    worker: str = WORKER
    lead: tuple[Step, ...] = ()
    probed: Mapping[str, Probed] = field(factory=dict)
    _plan: Schedule | None = None
    _here: Saved | None = None
    _made: set[str] = field(factory=set)
    _connected: Mapping[str, HostConnection] = field(factory=dict)
    hosts: HostsOn = field(init=False)
    _given_up: bool = False

    @hosts.default
    def _all_hosts(self) -> HostsOn:
        return HostsOn(self.lab)

    @contextmanager
    def up(self) -> Iterator[None]:
        """Have the hosts up for as long as the context lasts, and remove them then.

        If they have been `probed`, as those of another lab, they are first started by `go_before`.

        Raises:
            RunbookError: the lab is not ours, or its hosts do not start.

        """
        lab = self.hosts.checkpoints
        try:
            if not self.probed:
                self.lab.up(self.log)
                with closing_all(hosts_of(self.lab)) as hosts:
                    self.probed, lost = probe_all(hosts)
                if lost:
                    raise RunbookError("; ".join(lost.values()))
            yield
        finally:
            for name in self._made:
                self.own.release(name, lab)
            self.lab.down(self.log)

    def give_up(self) -> None:
        """End what is being tried at the moment; it is called from another thread."""
        self._given_up = True
        for host in self._connected.values():
            host.close()

    def scheduled(self) -> dict[str, KeyedStep]:
        """Return the steps that are for some host of the lab, by id."""
        return self._whole().by_id()

    def go_before(self, step: str, back: int = 0) -> bool:
        """Bring the hosts to where the step of that id begins, and save them there.

        If a checkpoint has them there already, nothing is done to them yet. With `back`, it is so
        many steps of its chapter earlier, and these are run before each attempt: they leave what
        no checkpoint keeps, as a running program. False is returned if there are not so many.

        Raises:
            UntriedError: a step before it does not hold.
            RunbookError: the hosts cannot be brought back.

        """
        lead = just_before(self._whole(), self.runbook, step, back)
        if lead is None:
            return False
        self.lead = lead
        self._go_before(lead[0].id if lead else step)
        return True

    def _go_before(self, step: str) -> None:
        lab = self.hosts.checkpoints
        wanted = self._schedule(evolve(self.selection, reset=step))
        allowed = {(one.key, host) for one in before(wanted, step) for host, _ in one.hosts}
        # Another lab may delete what it has taken at any time.
        known = [o for o in saved(lab) if o.name in self._made or o.name not in self.own]
        fitting = [one for one in known if one.restorable().done <= allowed]
        best = max(fitting, key=lambda one: len(one.restorable().done), default=None)
        done = {(o.key, o.host): o for o in (best.outcomes if best else ())}
        if best is None or allowed - done.keys():
            if (left := len({key for key, _ in allowed - done.keys()})) >= _TOLD_FROM:
                # It takes minutes, and no mutant is tried.
                self.log(
                    f"{self.worker}: {left} steps are run first, to come to {step}; a run of the "
                    "guide leaves checkpoints nearer to it"
                )
            # What is saved has to start as it does everywhere.
            held_back, self.hosts.held_back = self.hosts.held_back, frozenset()
            best = self._come_to(wanted, best, allowed - done.keys())
            self.hosts.held_back = held_back
        self._leave(best)

    def _come_to(self, wanted: Schedule, begin: Saved | None, left: set[tuple[str, str]]) -> Saved:
        """Run what is `left` of a plan, each with its host, and save the hosts then.

        It is tried first with only those hosts on that these steps speak of.
        """
        self.hosts.off = frozenset()
        if begin is None:
            self.hosts.checkpoints.renew(self.log)
            return self._run_from(wanted, begin)
        keys = {key for key, _ in left}
        ids = [one.step.id for one in wanted.steps if one.key in keys]
        needed = hosts_needed(wanted, self.lab.cluster.hosts, ids, self.shared)
        if self.hosts.leave_off_all_but(needed):
            with contextlib.suppress(UntriedError):
                self.hosts.bring_back(begin.name)
                return self._run_from(wanted, begin)
            self.hosts.off = frozenset()
        self.hosts.bring_back(begin.name)
        return self._run_from(wanted, begin)

    def _run_from(self, wanted: Schedule, begin: Saved | None) -> Saved:
        done = {(o.key, o.host): o for o in (begin.outcomes if begin else ())}
        for outcome in self._walk(self.runbook, wanted, done):
            must_hold(outcome)
            if outcome.verdict in DONE:
                done[outcome.key, outcome.host] = outcome
        lab, kept = self.hosts.checkpoints, tuple(done.values())
        name = checkpoint_name(lab.recipe_digest(), kept)
        if name not in self._made and self.own.need(name, lab):
            self._made.add(name)
        about = about_checkpoint(kept)
        self.hosts.save(name, about, begin.name if begin else "")
        return Saved(name, kept)

    def _leave(self, now: Saved) -> None:
        """Take `now` for where steps begin, and delete what was saved before other steps."""
        for name in self._made - {now.name}:
            self.own.release(name, self.hosts.checkpoints)
            self._made.discard(name)
        self._here = now

    def leave_off(self, step: str) -> bool:
        """Have all hosts off from now on that a step does not speak of; false if none can be."""
        ids = (step, *(one.id for one in self.lead))
        needed = hosts_needed(self._whole(), self.lab.cluster.hosts, ids, self.shared)
        return self.hosts.leave_off_all_but(needed)

    def later(self, step: Step) -> tuple[Step, ...]:
        """Return the steps of its chapter after `step`, as far as their hosts are on.

        What a person has to do is done here by nobody, so it is the end.
        """
        plan = self.scheduled()
        found: list[Step] = []
        for one in steps_after(self.runbook, step.id):
            if one.id not in plan:
                continue
            off = any(host in self.hosts.off for host, _ in plan[one.id].hosts)
            if off or any(isinstance(action, Manual) for action in one.actions):
                break
            found.append(plan[one.id].step)
        return tuple(found)

    def attempt(self, *steps: Step, seconds: float = math.inf) -> tuple[Outcome, ...]:
        """Run a step, in whatever form, and later ones, where `go_before` has brought the hosts to.

        The outcomes are those of their hosts. The first step that does not hold is the last; so is
        the one with which later ones have taken `seconds`. The hosts are brought back first, also
        for a step as it is: what takes a while to find its peers is no fault of a mutant.

        Raises:
            UntriedError: a step of `lead` does not hold.
            RunbookError: they cannot be brought back.

        """
        here = self._here
        if here is None:
            raise UntriedError("the hosts were not brought to where it begins")
        plan = self._whole()
        run = (*self.lead, *steps)
        keyed = [evolve(plan.by_id()[one.id], step=one) for one in run]
        left = {one.step.id: {host for host, _ in one.hosts} for one in keyed[len(self.lead) :]}
        self.hosts.bring_back(here.name)
        chosen = (*before(plan, run[0].id), *keyed)
        only = evolve(plan, steps=chosen, wanted=frozenset(one.step.id for one in chosen))
        done = {(o.key, o.host): o for o in here.outcomes}
        found: list[Outcome] = []
        late = math.inf
        for outcome in self._walk(up_to(self.runbook, run), only, done):
            if outcome.step not in left:
                must_hold(outcome)
            if outcome.step not in left or outcome.verdict is Verdict.SKIPPED:
                continue
            found.append(outcome)
            left[outcome.step].discard(outcome.host)
            if left[outcome.step]:
                continue
            if outcome.step == steps[0].id:
                late = time.monotonic() + seconds
            holds = all(o.verdict in DONE for o in found if o.step == outcome.step)
            if outcome.step == steps[-1].id or not holds or time.monotonic() > late:
                break
        return tuple(found)

    def _walk(
        self, runbook: Runbook, plan: Schedule, done: Mapping[tuple[str, str], Outcome]
    ) -> Iterator[Outcome]:
        """Yield the outcomes of what is still to be done of a plan."""
        history = History(
            known=True,
            touched={at: Touched(one.step, Position.DONE, one.content) for at, one in done.items()},
            outcomes=dict(done),
        )
        scope = f"{lab_key(self.guide, f'{self.kind}-{self.worker}')}.mutants"
        with closing_all(hosts_of(self.lab, known=self.known, scope=scope)) as hosts:
            self._connected = hosts
            if self._given_up:
                raise UntriedError("it was given up")
            events = walk(runbook, self.lab.cluster, hosts, plan, history=history,
                          options=Options(end_state=False), shared=self.shared)  # fmt: skip
            with closing(events):
                for event in events:
                    if isinstance(event, Outcome) and not event.resumed:
                        yield redacted_outcome(event, self.known)

    def _whole(self) -> Schedule:
        """Return what the whole guide comes to here; that takes a while, and stays the same."""
        self._plan = self._plan or self._schedule(self.selection)
        return self._plan

    def _schedule(self, selection: Selection) -> Schedule:
        base = self.hosts.checkpoints.recipe_digest()
        return schedule(self.runbook, self.lab.cluster, self.probed, selection,
                        base=base, shared=self.shared)  # fmt: skip
