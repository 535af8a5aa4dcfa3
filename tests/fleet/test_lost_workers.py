"""Which job a fleet does first; what it tells of one that no worker survives or can do."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attrs import evolve
from distributed import Client, Event

from runbook.commands.guide import planned
from runbook.errors import RunbookError
from runbook.execution.selection import forward
from runbook.fleet import matrix, perform
from runbook.fleet.content import pack
from runbook.fleet.jobs import Variant, jobs_of
from runbook.fleet.matrix import Matrix
from runbook.fleet.resources import refuse_other_versions
from runbook.fleet.task import Task
from runbook.model import cluster
from tests.support.guides import Guide, making
from tests.support.waiting import until

pytestmark = pytest.mark.filterwarnings("default")  # Dask's own, of its sockets and ports

DEADLY = "kill -9 $(ps -o ppid= -p $(pgrep -f '[j]ob_process PLACE')); sleep 30"
"""A command that kills the worker whose job it is."""


def work(guide: Guide, client: Client, took: Mapping[str, float] | None = None) -> Matrix:
    """Return the matrix of a guide whose lab is this machine; steps `took` that long before."""
    runbook = forward(planned(guide.directory, tell=lambda _: None))
    described = cluster.load(guide.directory / cluster.PLACE)
    tasks = [Task(job, "local") for job in jobs_of(runbook, described, Variant(), took or {})]
    return Matrix(client, pack(guide.directory, runbook), described, tasks)


def test_a_job_that_kills_its_workers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the third one, and by name. What no worker is fit for is refused at once."""
    monkeypatch.setenv(perform.DIRECTORY, str(tmp_path / "place/jobs"))
    guide = Guide(tmp_path, making("one", DEADLY))
    with matrix.here(1) as client:
        asked = work(guide, client)
        (result,) = asked.results()
        assert result.error.startswith("index: its worker was lost 3 times")
        assert result.broken == ("index/make-one",)
        on_el6 = [evolve(host, platform="el6") for host in asked.cluster.hosts]
        asked.cluster = evolve(asked.cluster, hosts=tuple(on_el6))
        asked.tasks = [evolve(asked.tasks[0], kind="container")]
        with pytest.raises(RunbookError, match=r"no worker has what index needs: .*platform el6"):
            next(asked.results())


def test_another_version_of_the_harness_is_refused() -> None:
    """By the name of the worker that has it."""
    workers = {"tcp://10.0.0.9:1": {"name": "m9", "resources": {"harness 0.0.1+abc": 1}}}
    with pytest.raises(RunbookError, match=r"worker m9 at tcp://10.0.0.9:1 .*: 0\.0\.1\+abc; here"):
        refuse_other_versions(workers)


def test_what_begins_the_longest_line_is_done_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask keeps to it among the jobs that wait for a worker that has what they need."""
    monkeypatch.setenv(perform.DIRECTORY, str(tmp_path / "place/jobs"))
    guide = Guide(tmp_path)
    names = {"short": "", "long": "", "after": ":needs: long/make-long"}
    tree = "".join(f"   {name}\n" for name in names)
    (guide.directory / "index.rst").write_text(f"Guide\n=====\n\n.. toctree::\n\n{tree}")
    for name, options in names.items():
        step = making(name, "", options or ":needs: nothing").replace("PLACE", str(guide.place))
        (guide.directory / f"{name}.rst").write_text(f"{name}\n{'=' * len(name)}\n\n{step}\n")
    took = {"short/make-short": 300.0, "long/make-long": 200.0, "after/make-after": 450.0}
    with matrix.here(1) as client, ThreadPoolExecutor() as pool:
        busy = client.submit(Event("go", client=client).wait, pure=False)
        results = pool.submit(list, work(guide, client, took).results())
        tasks = client.cluster.scheduler.tasks  # type: ignore[union-attr]  # it is of this process
        until(lambda: len(tasks) == len((busy, "guide", *names)))
        Event("go", client=client).set()
        ended = [one.job for one in results.result()]
    assert (ended[0], len(ended)) == ("long", len(names))
