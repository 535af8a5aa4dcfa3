"""A fleet of Dask's own scheduler, workers and client, whose jobs only sleep."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence

import dask
from distributed import Client, Scheduler, Worker

from benchmarks import virtual_time


def took(
    seconds: Sequence[float],
    after: Sequence[Sequence[int]],
    priorities: Sequence[float],
    guides: int,
    workers: int,
    compressed: float,
) -> float:
    """Return the seconds in which so many workers do the jobs of so many guides, all alike.

    Jobs take `seconds`, come `after` others by position, and have `priorities`. Virtual time is
    `compressed` in between, so that less happens in it that has nothing to do with jobs.
    """
    never = "10 days"
    configuration = {
        # What is done at intervals of real time keeps its proportion to the jobs.
        "distributed.scheduler.work-stealing-interval": f"{1000 / compressed}ms",
        "distributed.scheduler.worker-ttl": None,
        "distributed.admin.tick.interval": never,
        "distributed.admin.system-monitor.interval": never,
        "distributed.worker.memory.monitor-interval": never,
        "distributed.worker.profile.enabled": False,
    }

    async def job(length: float, *_: object) -> None:
        await asyncio.sleep(length / compressed)

    async def matrices(client: Client) -> None:
        every: list[object] = []
        for guide in range(guides):
            futures: list[object] = []
            # As `runbook.fleet.matrix` does it: jobs have the guide and the results before them.
            content = client.submit(job, 0.0, key=f"guide-{guide}", pure=False)
            for number, length in enumerate(seconds):
                futures.append(
                    client.submit(
                        job, length, content, *(futures[one] for one in after[number]),
                        key=f"job-{guide}-{number}", pure=False, resources={"container": 1},
                        priority=priorities[number],
                    )
                )  # fmt: skip
            every += futures
        await client.gather(every)

    async def fleet(directory: str) -> float:
        async with Scheduler(port=0, dashboard_address=":0", protocol="inproc") as scheduler:
            every = [
                Worker(
                    scheduler.address, nthreads=1, resources={"container": 1}, memory_limit=0,
                    heartbeat_interval="300s", local_directory=directory,
                )
                for _ in range(workers)
            ]  # fmt: skip
            await asyncio.gather(*every)
            async with Client(scheduler.address, asynchronous=True) as client:
                began = virtual_time.now()
                await matrices(client)
                ended = virtual_time.now()
            await asyncio.gather(*(one.close() for one in every))
        return (ended - began) * compressed

    with (
        dask.config.set(configuration),
        # Locks of another run are waited for by the clock.
        tempfile.TemporaryDirectory() as directory,
        asyncio.Runner(loop_factory=virtual_time.Loop) as runner,
    ):
        return runner.run(fleet(directory))
