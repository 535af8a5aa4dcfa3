"""Simulate fleets: Dask's own scheduler, the durations of the real guide, and workers that sleep.

Run: `python -m benchmarks.fleet [WORKERS ...] [--guides 100]`. Each guide has the jobs of the guide
in this directory, as long as its evidence says that they took on containers. Time is virtual: it
passes while all jobs sleep, and stands still while Dask decides. So what is found is how good its
decisions are; what they cost is told beside it, as time of a processor for each job.
"""

from __future__ import annotations

import argparse
import heapq
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from benchmarks import virtual_time
from runbook.commands.guide import planned
from runbook.execution.selection import forward
from runbook.fleet.jobs import Job, Variant, jobs_of
from runbook.model import cluster
from runbook.results import evidence

_LAB = 10.0
"""Seconds that the lab of a job is taken to need, to come up from a checkpoint and to go."""


@frozen
class Shape:
    """The jobs of one guide: how long each takes, and which come before it, by position.

    `lines` has the longest line of jobs that begins with each, by what is known beforehand.
    """

    seconds: tuple[float, ...]
    after: tuple[tuple[int, ...], ...]
    lines: tuple[float, ...]

    @property
    def critical_path(self) -> float:
        """The seconds below which no number of workers can do the guide."""
        ends: list[float] = []
        for seconds, after in zip(self.seconds, self.after, strict=True):
            ends.append(seconds + max((ends[one] for one in after), default=0.0))
        return max(ends)


def shape_of(jobs: Sequence[Job]) -> Shape:
    """Return the shape of a guide's jobs, each with its lab."""
    numbers = {job.id: number for number, job in enumerate(jobs)}
    lines = longest_lines(jobs)
    return Shape(
        tuple(job.seconds + _LAB for job in jobs),
        tuple(tuple(numbers[one] for one in job.after) for job in jobs),
        tuple(lines[job.id] for job in jobs),
    )


def longest_lines(jobs: Sequence[Job]) -> dict[str, float]:
    """Return, by id of each job, the seconds of the longest line of jobs that begins with it.

    `jobs` come after those that they depend on. What begins a long line is urgent.
    """
    rest: dict[str, float] = {}
    found: dict[str, float] = {}
    for job in reversed(jobs):
        found[job.id] = line = job.seconds + _LAB + rest.get(job.id, 0.0)
        for one in job.after:
            rest[one] = max(rest.get(one, 0.0), line)
    return found


def of_the_guide(guide: Path) -> Shape:
    """Return the shape of a real guide, by its plan and its newest evidence of containers."""
    runbook = planned(guide, tell=lambda _: None)
    proofs = [
        proof
        for path in (guide / evidence.PLACE).rglob("*.json")
        for proof in evidence.load(guide, _document(guide, path)).proofs
        if proof.made_of == "containers"
    ]
    took = {one.step: one.seconds for one in sorted(proofs, key=lambda one: one.started)}
    described = cluster.load(guide / cluster.PLACE)
    return shape_of(jobs_of(forward(runbook), described, Variant(), took))


def listed(shape: Shape, guides: int, workers: int, priorities: Sequence[float]) -> float:
    """Return the seconds of a fleet that takes the most urgent job that is ready, without delay."""
    next_ones = {n: [m for m, after in enumerate(shape.after) if n in after]
                 for n in range(len(shape.after))}  # fmt: skip
    left = {(g, n): len(after) for g in range(guides) for n, after in enumerate(shape.after)}
    ready = [(-priorities[n], g, n) for (g, n), waits in left.items() if not waits]
    heapq.heapify(ready)
    running: list[tuple[float, int, int]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < workers:
            _, guide, number = heapq.heappop(ready)
            heapq.heappush(running, (now + shape.seconds[number], guide, number))
        now, guide, number = heapq.heappop(running)
        for one in next_ones[number]:
            left[guide, one] -= 1
            if not left[guide, one]:
                heapq.heappush(ready, (-priorities[one], guide, one))
    return now


def main() -> None:
    """Print what each size of a fleet takes, beside what it would take if nothing cost time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workers", nargs="*", type=int, default=[10, 50, 100, 250, 500])
    parser.add_argument("--guides", type=int, default=100)
    parser.add_argument("--compressed", type=float, default=50.0)
    given = parser.parse_args()
    shape = of_the_guide(Path())
    total, number = sum(shape.seconds), len(shape.seconds)
    print(f"{given.guides} guides of {number} jobs and {total:.0f} s; "
          f"critical path {shape.critical_path:.0f} s")  # fmt: skip
    virtual_time.install()
    from benchmarks import simulated_fleet  # with its clock

    logging.disable(logging.CRITICAL)
    unknown = (0.0,) * number
    for workers in given.workers:
        ideal = max(given.guides * total / workers, shape.critical_path)
        figures = {"workers": workers, "ideal": round(ideal)}
        for name, priorities in (("first ready", unknown), ("by priority", shape.lines)):
            spent = time.process_time()
            took = simulated_fleet.took(
                shape.seconds, shape.after, priorities, given.guides, workers, given.compressed
            )
            each = (time.process_time() - spent) / given.guides / number
            figures |= {
                f"list, {name}": round(listed(shape, given.guides, workers, priorities)),
                f"Dask, {name}": round(took),
                f"of ideal, {name}": round(ideal / took, 3),
                f"ms of a processor for each job, {name}": round(1000 * each, 1),
            }
        print(json.dumps(figures), flush=True)


def _document(guide: Path, path: Path) -> str:
    return path.relative_to(guide / evidence.PLACE).with_suffix("").as_posix()


if __name__ == "__main__":
    main()
