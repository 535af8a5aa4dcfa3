"""The jobs of a matrix as Dask's tasks: each result is told once, in the order in which they come.

What Dask does is not done here: which worker does what, what waits for what, and what is tried
once more after a worker was lost.
"""

from __future__ import annotations

import contextlib
import queue
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, Final

import dask
from attrs import define, field
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.comm.core import CommClosedError
from distributed.security import Security

from runbook.errors import RunbookError
from runbook.fleet import resources, worker
from runbook.fleet.content import Content
from runbook.fleet.joining import REFUSALS, refused
from runbook.fleet.task import JobResult, Task
from runbook.model import Cluster

ALLOWED_FAILURES: Final = 2
"""How often a job is tried again after its worker was lost; it is given up after the third."""
_PATIENCE: Final = 60.0
"""Seconds for which no worker may have what a job needs, after one that had it was lost."""
_LOOK: Final = 2.0
_REMOVAL: Final = 120.0
"""Seconds in which the labs of jobs that were cancelled must be removed."""


@contextmanager
def here(slots: int) -> Iterator[Client]:
    """Give a fleet of this machine's own processes, which does that many jobs at once."""
    with (
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
                "distributed.worker.profile.enabled": False,
                "distributed.admin.log-format": "%(message)s",
            }
        ),
        LocalCluster(
            n_workers=slots,
            threads_per_worker=1,
            processes=True,
            resources=resources.probe(1),
            memory_limit=0,
            dashboard_address=":0",
            silence_logs=40,
            plugins=worker.plugins(),
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def connected(address: str, security: Security | None) -> Iterator[Client]:
    """Give the fleet whose scheduler is at `address`.

    Raises:
        RunbookError: nobody answers there or lets us in, or a worker has another version of the
            harness.

    """
    try:
        client = Client(address, security=security, timeout=15)
    except REFUSALS as error:
        raise refused(address, error) from error
    with client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise RunbookError(
                f"--scheduler {address}: no worker has joined; start one on each machine with "
                f"`runbook worker {address}`"
            )
        resources.refuse_other_versions(workers)
        yield client


@define
class Matrix:
    """The `jobs` of a guide on their way through the fleet of `client`.

    `tell` is given every event that a job tells, with its id and its worker.
    """

    client: Client
    content: Content
    cluster: Cluster
    tasks: Sequence[Task]
    tell: Callable[[Mapping[str, Any]], None] = lambda _: None
    _id: str = field(factory=lambda: f"matrix-{uuid.uuid4().hex[:8]}")
    _since: dict[str, float] = field(factory=dict)

    def results(self) -> Generator[JobResult]:
        """Yield what comes of each job, once. If it is given up in the middle, nothing goes on.

        Raises:
            RunbookError: no worker has what a job needs.

        """
        self._refuse_what_nobody_can_do()
        self.client.subscribe_topic(self._id, lambda event: self.tell(event[1]))
        ended: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        futures = self._submit()
        try:
            for future in futures.values():
                future.add_done_callback(ended.put)
            left = {future.key: id_ for id_, future in futures.items()}
            while left:
                with contextlib.suppress(queue.Empty):
                    future = ended.get(timeout=_LOOK)
                    if (id_ := left.get(future.key)) is None:
                        continue
                    if result := self._result(future, id_):
                        del left[future.key]
                        yield result
                    else:
                        future.add_done_callback(ended.put)
                    continue
                for id_, lacking in self._waiting_in_vain(left.values()):
                    del left[futures[id_].key]
                    yield self._error(id_, f"no worker is left that has {lacking}")
        finally:
            self._cancel(list(futures.values()))

    def _submit(self) -> dict[str, Future[Any]]:
        futures: dict[str, Future[Any]] = {}
        # A task of its own: if its worker is lost, another one has the guide from the scheduler.
        guide = self.client.submit(Content, self.content.digest, self.content.archive,
                                   key=f"{self._id}/guide", pure=False)  # fmt: skip
        for task in self.tasks:
            job = task.job
            futures[job.id] = self.client.submit(
                worker.run_job, task, guide, *(futures[one] for one in job.after),
                key=f"{self._id}/{job.id}", pure=False, retries=1, resources=self._needs(task),
            )  # fmt: skip
        return futures

    def _needs(self, task: Task) -> dict[str, float]:
        return resources.needed(task.job, self.cluster, task.kind)

    def _result(self, future: Future[Any], id_: str) -> JobResult | None:
        """Return what came of a job; `None` if it has to be done again, for its worker is lost."""
        try:
            found = future.result(timeout=_PATIENCE)
            assert isinstance(found, JobResult)  # noqa: S101  # for mypy
        except KilledWorker as killed:
            culprit = str(killed.task).partition("/")[2]
            times = killed.allowed_failures + 1
            why = f"{culprit}: its worker was lost {times} times, the last one was "
            return self._error(id_, f"{why}{killed.last_worker.address}; it is given up")
        except (RunbookError, CancelledError) as error:
            return self._error(id_, str(error))
        except TimeoutError:
            return None
        return found

    def _error(self, id_: str, why: str) -> JobResult:
        (job,) = (one.job for one in self.tasks if one.job.id == id_)
        return JobResult(id_, broken=job.steps, error=why)

    def _refuse_what_nobody_can_do(self) -> None:
        workers = self._workers()
        for task in self.tasks:
            if lacking := resources.lacking(self._needs(task), workers):
                names = ", ".join(sorted(str(one.get("name")) for one in workers.values()))
                raise RunbookError(
                    f"no worker has what {task.job.id} needs: {lacking}; the workers are {names}"
                )

    def _waiting_in_vain(self, left: Iterable[str]) -> list[tuple[str, str]]:
        """Return the jobs for which no worker has been fit for long, with what they lack."""
        workers, waiting = self._workers(), set(left)
        found = []
        for task in self.tasks:
            lacking = resources.lacking(self._needs(task), workers)
            if task.job.id not in waiting or not lacking:
                self._since.pop(task.job.id, None)
            elif time.monotonic() - self._since.setdefault(task.job.id, time.monotonic()) > (
                _PATIENCE
            ):
                found.append((task.job.id, lacking))
        return found

    def _workers(self) -> dict[str, Any]:
        return dict(self.client.scheduler_info()["workers"])

    def _cancel(self, futures: list[Future[Any]]) -> None:
        """Let nothing go on: what runs sees that it is not wanted, and removes its lab."""
        with contextlib.suppress(CommClosedError, OSError, TimeoutError):
            self.client.cancel(futures, force=True)
            self.client.unsubscribe_topic(self._id)
            until = time.monotonic() + _REMOVAL
            while time.monotonic() < until:
                running = self.client.run(worker.running, self._id, on_error="return")
                if not any(one for one in running.values() if isinstance(one, int)):
                    return
                time.sleep(0.2)
