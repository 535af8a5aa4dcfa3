"""A job on a worker: a directory and a process of its own, and nothing left of either."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from attrs import evolve

from runbook.errors import RunbookError
from runbook.fleet import job_process
from runbook.fleet.content import GUIDE, Content
from runbook.fleet.task import JobResult, Task
from runbook.labs import SupportsCheckpoints, state
from runbook.model import codec
from runbook.results import artefact

DIRECTORY: Final = "RUNBOOK_FLEET_DIRECTORY"
"""The environment variable with the directory of a worker's jobs, if it is not the common one."""

_LOOK: Final = 0.5
"""Seconds after which a job looks whether it is still wanted."""
_REMOVAL: Final = 120.0
"""Seconds in which the lab of a job must be removed."""


class Unwanted(RunbookError):  # noqa: N818  # it names what is the case
    """Nobody waits for the job any more."""


def root() -> Path:
    """Return the directory of the jobs on this machine."""
    return Path(os.environ.get(DIRECTORY) or state.DATA / "fleet")


def perform(
    task: Task,
    content: Content,
    before: tuple[JobResult, ...],
    wanted: Callable[[], bool] = lambda: True,
    tell: Callable[[dict[str, Any]], None] = lambda _: None,
) -> JobResult:
    """Do a job whose predecessors ended in `before`, and return what came of it.

    It ends early if it is not `wanted` any more. What happens goes to `tell`.

    Raises:
        RunbookError: it is not wanted, or its process ended without a word.

    """
    broken = tuple(dict.fromkeys(step for one in before for step in one.broken))
    task = evolve(task, broken=broken)
    if not task.tried():
        return JobResult(task.job.id, broken=(*task.job.steps, *broken))
    with _own_directory() as directory:
        content.unpack(directory)
        artefact.write(directory / job_process.TASK, codec.dumps(task, indent=None))
        complaint = _process(directory, wanted, tell)
        path = directory / job_process.RESULT
        if not path.exists():
            raise RunbookError(f"the process of the job ended without a result: {complaint}")
        result = codec.loads(artefact.read(path), JobResult)
    return evolve(result, broken=tuple(dict.fromkeys((*result.broken, *broken))))


def sweep(tell: Callable[[str], None]) -> None:
    """Remove the labs of jobs whose processes were all killed on this machine.

    Raises:
        RunbookError: one cannot be removed.

    """
    for directory in sorted(root().glob("*")):
        with contextlib.suppress(state.Busy, FileNotFoundError), state.locked_at_once(directory):
            if not job_process.lab_is_gone(directory):
                task = codec.loads(artefact.read(directory / job_process.TASK), Task)
                lab = job_process.lab_of(task, directory / GUIDE)
                if isinstance(lab, SupportsCheckpoints):
                    tell(f"removing the lab of {task.job.id}, whose worker was killed")
                    lab.down(lambda _: None)
            shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _own_directory() -> Iterator[Path]:
    """Give a directory for a job; what has a lab that was not removed is left to the `sweep`."""
    directory = root() / uuid.uuid4().hex[:12]
    directory.mkdir(mode=0o700, parents=True)
    with state.shared_lock(directory):
        try:
            yield directory
        finally:
            if job_process.lab_is_gone(directory):
                shutil.rmtree(directory, ignore_errors=True)


def _process(
    directory: Path, wanted: Callable[[], bool], tell: Callable[[dict[str, Any]], None]
) -> str:
    """Run the process of the job in `directory` to its end; return the last it complained of."""
    argv = [sys.executable, "-P", "-m", "runbook.fleet.job_process", str(directory)]
    with (
        (directory / "stderr").open("w+b") as complaints,
        subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
            cwd=directory,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101  # for mypy
        try:
            for event in _lines(process.stdout):
                if event is not None:
                    tell(event)
                elif not wanted():
                    raise Unwanted("the job was cancelled, or given to another worker")
        except BaseException:
            _end(process)
            raise
        process.wait()
        complaints.seek(0)
        return complaints.read().decode(errors="replace").strip()[-2000:]


def _lines(stdout: IO[bytes]) -> Iterator[dict[str, Any] | None]:
    """Yield the events that a process tells, and `None` whenever it was silent for a while."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        looked = time.monotonic()
        while True:
            if selector.select(_LOOK):
                data = os.read(stdout.fileno(), 65536)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                yield from map(json.loads, lines)
            if time.monotonic() - looked >= _LOOK:
                looked = time.monotonic()
                yield None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a job remove its lab and end; it is killed if it does not."""
    assert process.stdin is not None  # noqa: S101  # for mypy
    process.stdin.close()
    try:
        process.wait(_REMOVAL)
    except subprocess.TimeoutExpired:
        process.kill()
