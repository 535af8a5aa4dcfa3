"""A fleet whose workers are killed and stopped at random, over a run of quick jobs."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
from attrs import define, field
from distributed import Client, LocalCluster

from runbook.commands.guide import planned
from runbook.execution.selection import forward
from runbook.fleet import perform
from runbook.fleet.content import pack
from runbook.fleet.jobs import Variant, jobs_of
from runbook.fleet.matrix import Matrix
from runbook.fleet.merge import Merged
from runbook.fleet.task import Task
from runbook.model import Runbook, cluster, codec
from runbook.results import Run
from runbook.results.clock import now
from runbook.results.journal import Journal, reports
from tests.attack.attack import Attack
from tests.support.guides import CLUSTER, making
from tests.support.waiting import until

KILLS = int(os.environ.get("ATTACK_KILLS", "4"))
"""How many workers of one try are killed."""

_WORKERS = 3
_CHAPTERS = max(9, KILLS // 3)


@define
class Fleet:
    """Workers that are started anew whenever one is killed, as an operator's service would."""

    address: str
    directory: Path
    random: random.Random
    kills: int = 0
    _workers: list[subprocess.Popen[bytes]] = field(factory=list)
    _over: threading.Event = field(factory=threading.Event)

    def start(self) -> None:
        """Start another worker, in a process group of its own."""
        argv = [sys.executable, "-m", "runbook", "worker", self.address, "--jobs", "1"]
        self._workers.append(
            subprocess.Popen(
                argv,
                env={**os.environ, perform.DIRECTORY: str(self.directory)},
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def kill_at_random(self) -> None:
        """Kill workers, each at any moment, until that was done often enough."""
        while self.kills < KILLS and not self._over.wait(self.random.uniform(1, 6)):
            worker = self._workers.pop(self.random.randrange(len(self._workers)))
            if self.random.random() < 0.3:
                # It hangs first: it neither works nor says that it does not.
                os.killpg(worker.pid, signal.SIGSTOP)
                self._over.wait(1)
            _kill(worker)
            self.kills += 1
            self.start()

    def stop(self) -> None:
        """End all workers, as orderly as they let one."""
        self._over.set()
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGINT)
        for worker in self._workers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(20)
            _kill(worker)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@contextmanager
def _fleet(directory: Path, random: random.Random) -> Iterator[tuple[Client, Fleet]]:
    with (
        # Here a job is not at fault when its worker is lost.
        dask.config.set({"distributed.scheduler.allowed-failures": 1000,
                         "distributed.scheduler.worker-ttl": "20s"}),
        LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as scheduler,
        Client(scheduler) as client,
    ):  # fmt: skip
        fleet = Fleet(scheduler.scheduler_address, directory, random)
        for _ in range(_WORKERS):
            fleet.start()
        try:
            client.wait_for_workers(_WORKERS, timeout=180)
            yield client, fleet
        finally:
            fleet.stop()


def _attempt(random: random.Random, directory: Path) -> str:
    """Let a fleet do jobs while its workers are killed, and count what is told and what is left."""
    guide, runbook = _guide(directory, random)
    described = cluster.load(guide / cluster.PLACE)
    jobs = jobs_of(runbook, described, Variant(), {})
    path = directory / "journal.jsonl"
    with _fleet(directory / "fleet", random) as (client, fleet), Journal(path) as journal:
        killer = threading.Thread(target=fleet.kill_at_random)
        killer.start()
        run = Run("matrix", now(), "local", "", codec.digest(runbook))
        merged = Merged(runbook, described, journal, run, {job.id: job for job in jobs})
        tasks = [Task(job, "local") for job in jobs]
        errors = []
        for result in Matrix(client, pack(guide, runbook), described, tasks).results():
            errors += [f"{result.job}: {result.error}"] if result.error else []
            merged.take(result)
        fleet.stop()
        killer.join()
    merged_steps = Counter(
        line.partition('"step": "')[2].partition('"')[0]
        for line in path.read_text().splitlines()
        if line.startswith('{"record": "outcome"')
    )
    wanted = Counter(step.id for step in runbook.steps())
    if errors or merged_steps != wanted:
        return f"told {merged_steps - wanted} too often, {wanted - merged_steps} not: {errors}"
    (report,) = reports(path, runbook)
    if bad := [one.step for one in report.outcomes if one.verdict.value not in _GOOD]:
        return f"{bad} did not hold"
    return _left(directory)


_GOOD = ("proven", "satisfied", "passed")


def _guide(directory: Path, random: random.Random) -> tuple[Path, Runbook]:
    """Write a guide of chapters that each depend on one before it, or on none."""
    guide, place = directory / "guide", directory / "place"
    (guide / "lab").mkdir(parents=True)
    place.mkdir()
    (guide / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (guide / "lab/cluster.yaml").write_text(CLUSTER)
    names = [f"c{number}" for number in range(_CHAPTERS)]
    tree = "".join(f"   {name}\n" for name in names)
    (guide / "index.rst").write_text(f"Guide\n=====\n\n.. toctree::\n\n{tree}")
    for number, name in enumerate(names):
        parent = f"c{random.randrange(number)}" if number and random.random() < 0.7 else ""
        needs = f":needs: {parent}/make-f{parent}" if parent else ":needs: none"
        step = making(f"f{name}", f"sleep {random.choice((0, 0.5, 2))}", needs)
        text = f"{name}\n==\n\n{step}\n".replace("PLACE", str(place))
        (guide / f"{name}.rst").write_text(text)
    return guide, forward(planned(guide, tell=lambda _: None))


def _left(directory: Path) -> str:
    """Return what is left of the jobs of workers that were killed, once the next one was there."""
    os.environ[perform.DIRECTORY] = str(directory / "fleet")
    try:
        until(lambda: not _processes(directory), 60)
        perform.sweep(lambda _: None)
        left = [path.name for path in (directory / "fleet").glob("*")]
    finally:
        del os.environ[perform.DIRECTORY]
    return f"there is left {left} {_processes(directory)}" if left else ""


def _processes(directory: Path) -> str:
    found = subprocess.run(
        ["pgrep", "-f", f"job_process {directory}"], capture_output=True, text=True, check=False
    )
    return found.stdout


ATTACK = Attack(
    "killed workers",
    "workers of a fleet that are killed or stopped at any moment, and others that take their place",
    "every outcome is told, and once, and nothing is left of a job",
    _attempt,
)
