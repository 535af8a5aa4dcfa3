"""Simulate fleets: Dask's own scheduler, the durations of the real guide, and workers that sleep.

Run: `python -m benchmarks.fleet [WORKERS ...] [--guides 100]`. Each guide has the jobs of the guide
in this directory, as long as its evidence says. Time is compressed so that an ideal fleet would
take as many seconds as `--seconds` says. What scheduling costs then weighs more than it does in
reality, so the efficiency is a lower bound. Workers and scheduler share one process.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

import dask
from attrs import frozen
from distributed import Client, Scheduler, Worker

from runbook.commands.guide import planned
from runbook.execution.selection import forward
from runbook.fleet.jobs import Job, Variant, jobs_of
from runbook.model import cluster
from runbook.results import evidence

_LAB = 10.0
"""Seconds that the lab of a job is taken to need, to come up from a checkpoint and to go."""


@frozen
class Shape:
    """The jobs of one guide: how long each takes, and which come before it, by position."""

    seconds: tuple[float, ...]
    after: tuple[tuple[int, ...], ...]

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
    return Shape(
        tuple(job.seconds + _LAB for job in jobs),
        tuple(tuple(numbers[one] for one in job.after) for job in jobs),
    )


def of_the_guide(guide: Path) -> Shape:
    """Return the shape of a real guide, by its plan and its evidence."""
    runbook = planned(guide, tell=lambda _: None)
    took = {
        proof.step: proof.seconds
        for path in (guide / evidence.PLACE).rglob("*.json")
        for proof in evidence.load(guide, _document(guide, path)).proofs
        if proof.hosts
    }
    described = cluster.load(guide / cluster.PLACE)
    return shape_of(jobs_of(forward(runbook), described, Variant(), took))


def wide(seconds: float, jobs: int) -> Shape:
    """Return a guide of that length whose chapters all depend on the first one alone."""
    each = seconds / jobs
    return Shape((each,) * jobs, ((), *(((0,),) * (jobs - 1))))


def listed(shape: Shape, guides: int, workers: int) -> float:
    """Return the seconds of a fleet that takes the first job that is ready, and needs no time to.

    Less than this nobody can expect who does not know beforehand how long jobs take.
    """
    ready = [(guide, number) for guide in range(guides)
             for number, after in enumerate(shape.after) if not after]  # fmt: skip
    heapq.heapify(ready)
    left = {(g, n): len(after) for g in range(guides) for n, after in enumerate(shape.after)}
    next_ones = {n: [m for m, after in enumerate(shape.after) if n in after]
                 for n in range(len(shape.after))}  # fmt: skip
    running: list[tuple[float, tuple[int, int]]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < workers:
            job = heapq.heappop(ready)
            heapq.heappush(running, (now + shape.seconds[job[1]], job))
        now, (guide, number) = heapq.heappop(running)
        for one in next_ones[number]:
            left[guide, one] -= 1
            if not left[guide, one]:
                heapq.heappush(ready, (guide, one))
    return now


async def simulate(shape: Shape, guides: int, workers: int, scale: float) -> float:
    """Return the seconds that a fleet takes for so many guides, with time compressed by `scale`."""

    async def job(seconds: float, *_: object) -> None:
        await asyncio.sleep(seconds / scale)

    async with Scheduler(port=0, dashboard_address=":0", protocol="inproc") as scheduler:
        fleet = [
            Worker(scheduler.address, nthreads=1, resources={"container": 1}, memory_limit=0)
            for _ in range(workers)
        ]
        await asyncio.gather(*fleet)
        async with Client(scheduler.address, asynchronous=True) as client:
            began = time.perf_counter()
            every = []
            for guide in range(guides):
                futures: list[object] = []
                for number, seconds in enumerate(shape.seconds):
                    futures.append(
                        client.submit(
                            job, seconds, *(futures[one] for one in shape.after[number]),
                            key=f"job-{guide}-{number}", pure=False, resources={"container": 1},
                        )
                    )  # fmt: skip
                every += futures
            await client.gather(every)
            took = time.perf_counter() - began
        await asyncio.gather(*(one.close() for one in fleet))
    return took * scale


def main() -> None:
    """Print what each size of a fleet takes, beside what it would take if nothing cost time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workers", nargs="*", type=int, default=[10, 50, 100, 250, 500])
    parser.add_argument("--wide", action="store_true", help="with independent chapters as well")
    parser.add_argument("--guides", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    real = of_the_guide(Path())
    total = sum(real.seconds)
    shapes = {"as it is": real}
    if given.wide:
        shapes["with independent chapters"] = wide(total, 40)
    print(f"{given.guides} guides of {total:.0f} s; load {os.getloadavg()[0]:.0f} on "
          f"{os.cpu_count()} processors")  # fmt: skip
    for name, shape in shapes.items():
        print(f"guide {name}: {len(shape.seconds)} jobs, critical path {shape.critical_path:.0f} s")
        for workers in given.workers:
            ideal = max(given.guides * sum(shape.seconds) / workers, shape.critical_path)
            scale = ideal / given.seconds
            took = asyncio.run(simulate(shape, given.guides, workers, scale))
            figures = {
                "workers": workers, "ideal": round(ideal),
                "listed": round(listed(shape, given.guides, workers)), "took": round(took),
                "efficiency": round(ideal / took, 3), "compressed": round(scale),
                "lost per job": round((took - ideal) / scale * workers / _count(given, shape), 4),
            }  # fmt: skip
            print(json.dumps(figures), flush=True)


def _count(given: argparse.Namespace, shape: Shape) -> int:
    return int(given.guides) * len(shape.seconds)


def _document(guide: Path, path: Path) -> str:
    return path.relative_to(guide / evidence.PLACE).with_suffix("").as_posix()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with dask.config.set({"distributed.worker.profile.enabled": False}):
        main()
