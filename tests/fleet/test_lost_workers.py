"""What a fleet tells of a job that no worker survives, or can do."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from distributed import Client

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

pytestmark = pytest.mark.filterwarnings("default")  # Dask's own, of its sockets and ports

DEADLY = "kill -9 $(ps -o ppid= -p $(pgrep -f '[j]ob_process PLACE')); sleep 30"
"""A command that kills the worker whose job it is."""


def work(guide: Guide, client: Client) -> Matrix:
    """Return the matrix of a guide whose lab is this machine."""
    runbook = forward(planned(guide.directory, tell=lambda _: None))
    described = cluster.load(guide.directory / cluster.PLACE)
    tasks = [Task(job, "local") for job in jobs_of(runbook, described, Variant(), {})]
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
