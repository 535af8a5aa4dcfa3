"""A run that is open on a lab: one step after the other, each event recorded before it is told.

The command line and the pytest plugin both run a guide by this, and differ in what they show.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from attrs import define, evolve, field

from runbook.commands.evidence.report import last_run
from runbook.commands.guide import versions, write_plan
from runbook.commands.holding import alone, lab_key
from runbook.commands.hosts import hosts_of
from runbook.commands.root import refuse_without_root
from runbook.commands.running.checkpoints import Checkpointer
from runbook.commands.running.repeat import agree_to_repeat
from runbook.commands.running.request import Request, history_of, schedule_of
from runbook.commands.running.starting_point import Preparation, Start
from runbook.execution.actions.act import Attend
from runbook.execution.checks import shared_checks
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.options import Options
from runbook.execution.runner import Answer, Walk, walk
from runbook.execution.schedule import Schedule
from runbook.labs import Lab, SupportsCheckpoints
from runbook.model import codec
from runbook.model.shared_source import SharedSource
from runbook.redaction.known import KnownSecrets
from runbook.results import (
    Begun,
    EndCheck,
    Event,
    Outcome,
    Probed,
    Reached,
    Report,
    Run,
    estimate,
)
from runbook.results import journal as journals
from runbook.results.basis import basis_of
from runbook.results.clock import now
from runbook.results.estimate import Estimate
from runbook.results.journal import Journal
from runbook.results.outcome import with_typed
from runbook.results.position import DONE
from runbook.results.redacted import redacted, redacted_outcome


@define
class OpenRun:
    """A run that is open: `next` takes it one event further, and nothing happens in between.

    `hosts` are those of the lab. `expected` says how long the steps may take that are to be typed.
    Every event is recorded before it is told, and nothing of it has a secret that is `known`.
    """

    request: Request
    hosts: Mapping[str, HostConnection]
    expected: Estimate
    run: Run
    known: KnownSecrets
    _walk: Walk
    _journal: Journal
    _back: Journal
    _checkpointer: Checkpointer | None
    _carried: list[Outcome] = field(factory=list)
    _reversed: set[str] = field(factory=set)
    _typed: dict[str, str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._typed = self.run.basis.typed()

    def next(self, answer: Answer | None = None) -> Event | None:
        """Return what happens next, or `None` once the run has come to its end.

        `answer` says how to go on after an outcome that does not hold.

        Raises:
            RunbookError: the run cannot be recorded.

        """
        try:
            event = redacted(self._walk.send(answer), self.known)
        except StopIteration:
            self._finish()
            return None
        if isinstance(event, Outcome):
            event = with_typed(event, self._typed)
        self._record(event)
        return event

    def close(self) -> None:
        """End the run where it stands; nothing more is run or asked."""
        self._walk.close()

    def report(self) -> Report:
        """Return what came of the run so far, as the journal has it."""
        return last_run(self.request.directory, self.request.runbook, self.known)

    def _record(self, event: Event) -> None:
        if isinstance(event, Outcome) and event.resumed:
            self._carried.append(event)
        elif isinstance(event, Outcome | Begun | EndCheck):
            self._carry()
        match event:
            case Begun():
                document = event.step.rpartition("/")[0]
                if document not in self._reversed:
                    self._reversed.add(document)
                    self._back.reverse(document, self.run.instance)
                self._journal.append(event)
                if self._checkpointer is not None:
                    self._checkpointer.begun(event)
            case EndCheck():
                self._journal.append(event)
            case Outcome() if not event.resumed:
                self._journal.append(event)
            case Reached() if self._checkpointer is not None:
                self._checkpointer.reached(event)
        if isinstance(event, Outcome) and self._checkpointer and event.verdict in DONE:
            self._checkpointer.note(event)

    def _carry(self) -> None:
        if self._carried:
            self._journal.carry(self._carried)
            self._carried.clear()

    def _finish(self) -> None:
        self._carry()
        if self._checkpointer is not None:
            self._checkpointer.take()
        self._journal.finish()


@contextmanager
def open_run(
    request: Request,
    known: KnownSecrets,
    log: Callable[[str], None],
    attend: Attend | None = None,
) -> Iterator[OpenRun]:
    """Start the lab, bring it to where the run goes on, and give the run, before its first event.

    Nothing that is recorded has a secret that is `known`. `log` is told in lines what is done to
    the lab. Without `attend` nobody is there to do a manual task.

    Raises:
        RunbookError: the lab cannot be started, or the run cannot be recorded.

    """
    lab, manner = request.lab, request.manner
    refuse_without_root(lab)
    shared = shared_checks.load(request.guide)
    with (
        alone(request.guide, request.name),
        Journal(request.directory / "journal.jsonl") as journal,
        Journal(request.other_directory / "journal.jsonl") as back,
    ):
        past = journals.reports(journal.path, request.runbook)
        lab.up(log)
        recordings = request.directory / "recordings"
        id_ = uuid.uuid4().hex[:12]
        scope = f"{lab_key(request.guide, request.name)}.{id_}"
        preparation = Preparation(
            lab, request.whole, shared, recordings, log, may_renew=not manner.undo, scope=scope,
            known=known if manner.from_checkpoint else None,
        )  # fmt: skip
        probed = preparation.probed()
        history = history_of(request)
        todo = schedule_of(request, history, probed, shared)
        start = preparation.start(todo, history, reset=bool(request.selection.reset))
        write_plan(request.guide, request.directory, request.runbook)
        run = run_of(request, id_, probed, shared)
        journal.begin(run)
        if start.why:
            done = [redacted_outcome(outcome, known) for outcome in start.outcomes]
            journal.restored(start.checkpoint, start.why, done, history)
        converging = not isinstance(lab, SupportsCheckpoints)
        repeat = manner.repeat
        if converging:
            repeat = agree_to_repeat(todo, history, repeat, log, yes=manner.yes)
        options = Options(converging, repeat, attend, manner.exit_first, manner.observe)
        with closing_all(hosts_of(lab, recordings, known, scope)) as hosts:
            events = walk(
                request.runbook, lab.cluster, hosts, todo,
                history=start.history, options=options, shared=shared,
            )  # fmt: skip
            opened = OpenRun(
                request, hosts, _expected(todo, start, past), run, known, events, journal, back,
                _checkpointer(lab, start, todo, past, log),
            )  # fmt: skip
            try:
                yield opened
            finally:
                opened.close()


def run_of(request: Request, id_: str, probed: Mapping[str, Probed], shared: SharedSource) -> Run:
    """Return what is known of a run that begins now, of hosts that said this of themselves."""
    cluster = request.lab.cluster.choosing(request.selection.chosen)
    return Run(
        id=id_,
        started=now(),
        lab=request.lab.name,
        instance=request.lab.instance(),
        plan=codec.digest(request.runbook),
        hosts=dict(probed),
        versions=versions(request.guide),
        made_of=request.lab.made_of,
        strict=request.manner.strict,
        require_proven=request.manner.require_proven,
        basis=basis_of(request.whole, cluster, shared),
    )


def _expected(todo: Schedule, start: Start, past: list[Report]) -> Estimate:
    """Return how long the steps may take that are to be typed."""
    typed = [
        one.step for one in todo.steps
        if one.step.id in todo.wanted
        and not all(start.history.done(one.key, host) for host, _ in one.hosts)
    ]  # fmt: skip
    return estimate.expected(typed, past)


def _checkpointer(
    lab: Lab, start: Start, todo: Schedule, past: list[Report], log: Callable[[str], None]
) -> Checkpointer | None:
    """Return what takes the checkpoints of a run, on a lab that supports them."""
    if not isinstance(lab, SupportsCheckpoints):
        return None
    known = estimate.expected((one.step for one in todo.steps), past)
    made = Checkpointer(lab, known, start.edited, log)
    for outcome in start.outcomes:
        made.note(evolve(outcome, resumed=True))
    return made
