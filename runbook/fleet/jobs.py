"""The jobs of a matrix: groups of chapters, on each platform, with each alternative.

A job depends on those whose chapters its own depend on, and begins from their checkpoint. Chapters
that only follow each other are one job, up to a length: to part them would gain nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import evolve, field, frozen

from runbook.execution.keys import keyed, prerequisites
from runbook.execution.selection import Selection, runs_nowhere
from runbook.model import Chapter, Cluster, Runbook

LONGEST: Final = 600.0
"""Seconds that the chapters of one job may take together; a longer chapter is a job by itself."""


@frozen
class Variant:
    """One column of the matrix: a platform, and what is chosen of the alternatives.

    An empty platform stands for those that the cluster file gives the hosts.
    """

    platform: str = ""
    chosen: Mapping[str, str] = field(factory=dict)

    @property
    def name(self) -> str:
        """What a reader calls it; empty if it is the cluster file's own."""
        words = (f"{name}={value}" for name, value in sorted(self.chosen.items()))
        return " ".join(filter(None, (self.platform, *words)))

    def of(self, cluster: Cluster) -> Cluster:
        """Return `cluster` with hosts of this platform, and with these choices."""
        hosts = tuple(
            evolve(one, platform=self.platform) if self.platform else one for one in cluster.hosts
        )
        return evolve(cluster, hosts=hosts).choosing(self.chosen)


@frozen
class Job:
    """The `chapters`, by document, of one variant; `after` are the ids of jobs that come before.

    `steps` are the ids of all steps of the chapters. `depends_on` has, by id of a step, all that
    it depends on in other jobs. `seconds` is what it took before, or 0.
    """

    variant: Variant
    chapters: tuple[str, ...]
    steps: tuple[str, ...]
    after: tuple[str, ...] = ()
    depends_on: Mapping[str, frozenset[str]] = field(factory=dict)
    seconds: float = 0.0

    @property
    def id(self) -> str:
        """The name of the job in the matrix."""
        return job_id(self.variant, self.chapters)


def job_id(variant: Variant, chapters: Sequence[str]) -> str:
    """Return the name of the job of those chapters: its first and last one, and the variant."""
    span = chapters[0] if len(chapters) == 1 else f"{chapters[0]}..{chapters[-1]}"
    return f"{span} [{variant.name}]" if variant.name else span


def variants(platforms: Sequence[str], choices: Mapping[str, Sequence[str]]) -> tuple[Variant, ...]:
    """Return every platform with every combination of the alternatives."""
    return tuple(
        Variant(platform, dict(zip(choices, chosen, strict=True)))
        for platform in platforms or ("",)
        for chosen in itertools.product(*choices.values())
    )


def jobs_of(
    runbook: Runbook, cluster: Cluster, variant: Variant, seconds: Mapping[str, float]
) -> tuple[Job, ...]:
    """Return the jobs of `runbook` in one variant, each after those that it depends on.

    `seconds` says by step id how long steps took before. A chapter of which no step is for this
    variant is told of by the job before it.
    """
    here = variant.of(cluster)
    depends = _dependencies(runbook, here)
    groups = list(_groups(_chapters(runbook, depends), depends, seconds))
    ids = {c: job_id(variant, group) for group in groups for c in group}
    chapters = {chapter.document: chapter for chapter in runbook.chapters}
    found: list[Job] = []
    for group in groups:
        steps = tuple(step.id for c in group for step in chapters[c].steps)
        needed = {
            step: frozenset(n for n in depends.get(step, ()) if _document(n) not in group)
            for step in steps
        }
        before = {ids[_document(one)] for every in needed.values() for one in every}
        found.append(
            Job(
                variant,
                tuple(group),
                steps,
                tuple(sorted(_without_implied(before, found))),
                {step: every for step, every in needed.items() if every},
                sum(seconds.get(step, 0.0) for step in steps if step in depends),
            )
        )
    return tuple(found)


def _dependencies(runbook: Runbook, cluster: Cluster) -> dict[str, frozenset[str]]:
    """Return, by id of each step that is for some host, all that it depends on, however far."""
    everything = Selection()
    fitting = [
        (step, [(host.name, host.platform) for host in cluster.select(step.on or ("all",))])
        for step in runbook.steps()
        if not runs_nowhere(step, cluster, everything)
    ]
    steps = keyed(fitting, "")
    return {
        one.step.id: frozenset(
            steps[n].step.id for n in prerequisites(steps, [number]) if n != number
        )
        for number, one in enumerate(steps)
    }


def _chapters(runbook: Runbook, depends: Mapping[str, frozenset[str]]) -> list[list[Chapter]]:
    """Return the chapters that have something to do, each with those beside it that have not."""
    found: list[list[Chapter]] = []
    before: list[Chapter] = []
    for chapter in runbook.chapters:
        if any(step.id in depends for step in chapter.steps):
            found.append([*before, chapter])
            before = []
        elif found:
            found[-1].append(chapter)
        else:
            before.append(chapter)
    return found


def _groups(
    chapters: list[list[Chapter]],
    depends: Mapping[str, frozenset[str]],
    seconds: Mapping[str, float],
) -> Iterator[list[str]]:
    """Yield the documents of each job.

    A chapter joins the one before it if it depends on all of that, could not begin without it, and
    holds up no later one.
    """
    every = [{step.id for one in parts for step in one.steps if step.id in depends}
             for parts in chapters]  # fmt: skip
    needs = [frozenset[str]().union(*(depends[step] for step in steps)) for steps in every]
    group: list[str] = []
    steps: set[str] = set()
    spent = 0.0
    for number, parts in enumerate(chapters):
        takes = sum(seconds.get(step, 0.0) for step in every[number])
        joins = (
            bool(group)
            and spent + takes <= LONGEST
            and steps <= needs[number]
            and needs[number] - steps <= frozenset().union(*(depends[one] for one in steps))
            and not any(need & steps and not need & every[number] for need in needs[number + 1 :])
        )
        if not joins:
            if group:
                yield group
            group, steps, spent = [], set(), 0.0
        group = group + [one.document for one in parts]
        steps |= every[number]
        spent += takes
    if group:
        yield group


def _without_implied(before: set[str], jobs: Sequence[Job]) -> set[str]:
    """Return those of the jobs `before` that no other one of them comes after."""
    above: dict[str, set[str]] = {}
    for job in jobs:
        above[job.id] = set(job.after).union(*(above[one] for one in job.after))
    return before - set().union(*(above[one] for one in before))


def _document(step: str) -> str:
    return step.rpartition("/")[0]
