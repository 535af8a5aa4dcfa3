"""A worker: Dask's own, with what this machine has for labs, and what moves between workers."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from typing import Any

from attrs import evolve
from distributed import Nanny, Worker, WorkerPlugin, get_worker
from distributed.security import Security

from runbook.fleet import resources
from runbook.fleet.content import Content
from runbook.fleet.joining import REFUSALS, refused
from runbook.fleet.perform import perform, root, sweep
from runbook.fleet.task import JobResult, Task
from runbook.fleet.transfer import Exchange

_log = logging.getLogger("distributed.runbook")
_RUNNING: list[str] = []


def run_job(task: Task, content: Content, *before: JobResult) -> JobResult:
    """Do a job on the worker that calls this, as Dask does.

    Raises:
        RunbookError: it was cancelled, or its process ended without a word.

    """
    worker = get_worker()
    key = str(worker.get_current_task())
    topic = key.partition("/")[0]
    # Those of one machine have only numbers.
    name = worker.name if isinstance(worker.name, str) else f"{os.uname().nodename}-{worker.name}"

    def wanted() -> bool:
        # The scheduler forgets a job that was cancelled, or whose client is gone.
        known = worker.state.tasks.get(key)
        return known is not None and known.state in ("executing", "long-running")

    def tell(event: dict[str, Any]) -> None:
        worker.log_event(topic, {"job": task.job.id, "worker": name, **event})

    _RUNNING.append(topic)
    try:
        sweep(_log.warning)
        tell({"began": True})
        exchange = worker.plugins.get(Exchange.name)
        if isinstance(exchange, Exchange):
            exchange.fetch(task.images, before)
        return evolve(perform(task, content, before, wanted, tell), worker=name)
    finally:
        _RUNNING.remove(topic)


def running(matrix: str) -> int:
    """Return how many jobs of a matrix this worker has not ended yet, wanted or not."""
    return _RUNNING.count(matrix)


class Swept(WorkerPlugin):
    """Removes what a worker before this one has left when it was killed."""

    name = "runbook-sweep"

    def setup(self, worker: Worker) -> None:
        """Remove it before the first job.

        An interrupt of the terminal is for who asked for the jobs, and then cancels them.
        """
        del worker
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        root().mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(_log.warning)


def plugins() -> tuple[WorkerPlugin, ...]:
    """Return what a worker is to have besides Dask's own."""
    return Swept(), Exchange()


def usual_slots() -> int:
    """Return how many labs a worker has at once: its machine may be small, and its labs large."""
    return max(1, len(os.sched_getaffinity(0)) // 2)


def serve(scheduler: str, slots: int, name: str | None, security: Security | None) -> None:
    """Be a worker of the scheduler at that address, until that ends or this program does.

    Raises:
        RunbookError: nobody answers there, or lets this worker in.

    """

    async def worker() -> None:
        nanny = Nanny(
            scheduler,
            nthreads=slots,
            name=name,
            security=security,
            resources=resources.probe(slots),
            memory_limit=0,
            local_directory=str(root().with_name("fleet-dask")),
            plugins=plugins(),
        )
        try:
            await nanny
        except REFUSALS as error:
            raise refused(scheduler, error) from error
        async with nanny:
            await nanny.finished()

    asyncio.run(worker())
