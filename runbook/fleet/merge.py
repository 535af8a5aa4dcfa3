"""The results of all jobs as one journal, and one report of all variants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import define, evolve, field

from runbook.execution.selection import Selection, runs_nowhere
from runbook.execution.trial import Trial
from runbook.fleet.jobs import Job
from runbook.fleet.task import JobResult, depends_on
from runbook.model import Cluster, Runbook, codec
from runbook.results import EndCheck, Outcome, Report, Run, Verdict, artefact
from runbook.results.clock import now
from runbook.results.journal import Journal


@define
class Merged:
    """What came of the jobs of `runbook` so far: a run for each variant, in one `journal`.

    `run` is what is common to all of them. Each result is recorded before it is told to anyone.
    """

    runbook: Runbook
    cluster: Cluster
    journal: Journal
    run: Run
    jobs: Mapping[str, Job]
    _runs: dict[str, Run] = field(factory=dict)
    _outcomes: dict[str, list[Outcome]] = field(factory=dict)
    _end: dict[str, dict[tuple[str, str, str], EndCheck]] = field(factory=dict)

    def take(self, result: JobResult) -> tuple[Outcome, ...]:
        """Record what came of a job, and return the outcomes of its steps.

        Raises:
            RunbookError: it cannot be recorded.

        """
        job = self.jobs[result.job]
        name = job.variant.name
        outcomes = result.outcomes if result.run else tuple(self._untried(job, result))
        outcomes = tuple(evolve(one, worker=result.worker) for one in outcomes)
        if name not in self._runs:
            known = result.run or self.run
            common = evolve(self.run, id=self._id(name), lab=known.lab, made_of=known.made_of,
                            hosts=known.hosts, basis=known.basis)  # fmt: skip
            self._runs[name] = common
            self.journal.begin(common)
        self.journal.go_on(self._runs[name])
        for text_name, text in result.recordings.items():
            place = self.journal.path.parent / "recordings" / _place(name)
            artefact.write(artefact.below(place, text_name), text)
        outcomes = tuple(
            evolve(one, recording=str(Path(_place(name), one.recording)) if one.recording else "")
            for one in outcomes
        )
        for one in outcomes:
            self.journal.append(one)
        self._outcomes.setdefault(name, []).extend(outcomes)
        self._note_end_state(name, result.end_state)
        return outcomes

    def finish(self) -> None:
        """Record that all runs came to their end."""
        for name, run in self._runs.items():
            self.journal.go_on(run)
            for end in self._end.get(name, {}).values():
                self.journal.append(end)
            self.journal.finish()

    def reports(self, *, finished: bool) -> dict[str, Report]:
        """Return the report of each variant, by its name, in the order of the guide's steps."""
        order = {step.id: number for number, step in enumerate(self.runbook.steps())}
        return {
            name: Report(
                self.runbook,
                run,
                tuple(sorted(self._outcomes[name], key=lambda one: order[one.step])),
                tuple(self._end.get(name, {}).values()),
                now() if finished else None,
            )
            for name, run in self._runs.items()
        }

    def _id(self, variant: str) -> str:
        return f"{self.run.id}-{len(self._runs)}" if variant else self.run.id

    def _untried(self, job: Job, result: JobResult) -> Iterable[Outcome]:
        """Yield the outcomes of the steps of a job that nothing ran of."""
        here = job.variant.of(self.cluster)
        steps = {step.id: step for step in self.runbook.steps()}
        verdict = Verdict.ERROR if result.error else Verdict.BLOCKED
        for step in (steps[id_] for id_ in job.steps):
            why = runs_nowhere(step, here, Selection())
            needs = job.depends_on.get(step.id, frozenset()) & set(result.broken)
            reason = why or result.error or depends_on(min(needs, default="a step before it"))
            for host in here.select(step.on or ("all",)):
                outcome = Trial.begin(step, host.name, codec.digest(step)).settle(
                    Verdict.SKIPPED if why else verdict, reason
                ).outcome  # fmt: skip
                yield evolve(outcome, platform=host.platform)

    def _note_end_state(self, name: str, end_state: Iterable[EndCheck]) -> None:
        """Keep of each check that several jobs have evaluated what is worst."""
        known = self._end.setdefault(name, {})
        for end in end_state:
            at = end.step, end.host, end.check.sentence
            if at not in known or _badness(end) > _badness(known[at]):
                known[at] = end


def combined(reports: Mapping[str, Report], run: Run) -> Report:
    """Return one report of all variants; with several, their names are beside those of hosts."""
    if len(reports) == 1:
        return next(iter(reports.values()))

    def beside(host: str, variant: str) -> str:
        return f"{host} ({variant})" if variant else host

    every = [*reports.items()]
    return Report(
        every[0][1].runbook,
        evolve(
            every[0][1].run,
            id=run.id,
            hosts={beside(host, v): probed for v, one in every
                   for host, probed in one.run.hosts.items()},
        ),
        tuple(evolve(o, host=beside(o.host, v)) for v, one in every for o in one.outcomes),
        tuple(evolve(e, host=beside(e.host, v)) for v, one in every for e in one.end_state),
        max((one.finished for _, one in every if one.finished), default=None),
    )  # fmt: skip


def _badness(end: EndCheck) -> int:
    """Return 0 for a check that holds, 1 for one that a step has made false, 2 for a finding."""
    return 0 if end.check.held else 1 if end.broken_by else 2


def _place(variant: str) -> str:
    """Return the name of the directory of a variant's recordings."""
    return re.sub(r"[^\w.=-]+", "_", variant) or "own"
