"""The process of one job: `python -m runbook.fleet.job_process DIRECTORY`.

It has the lab of the job as long as its standard input is open, so it outlives neither a worker
that is killed nor a job that is cancelled. Each event is a line on its standard output; what came
of the job is in the file `result.json`.
"""

from __future__ import annotations

import glob
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import evolve

from runbook.commands.guide import run_directory
from runbook.commands.labs.lab import open_lab
from runbook.commands.running.checkpoints import saved
from runbook.commands.running.open_run import open_run
from runbook.commands.running.request import Manner, Request
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.phases import BROKEN
from runbook.execution.secrets import SEED, THROWAWAY
from runbook.execution.selection import Selection, forward
from runbook.fleet.content import GUIDE, PLAN
from runbook.fleet.task import JobResult, Task, depends_on
from runbook.labs import Lab, SupportsCheckpoints, state
from runbook.labs.container.checkpoints import checkpoint_root
from runbook.labs.container.lab import ContainerLab
from runbook.model import Runbook, codec
from runbook.results import Outcome, Report, Verdict, artefact
from runbook.results.position import DONE

TASK: Final = "task.json"
RESULT: Final = "result.json"
_REMOVED: Final = "removed"
_LARGEST_RECORDING: Final = 4_000_000


def main(directory: Path) -> None:
    """Do the job in `directory`, and write what came of it."""
    with state.shared_lock(directory):
        _live_as_long_as_the_worker()
        _do(directory)


def _do(directory: Path) -> None:
    task = codec.loads(artefact.read(directory / TASK), Task)
    began = time.monotonic()
    try:
        result = _run(task, directory)
    except RunbookError as error:
        result = JobResult(task.job.id, broken=task.job.steps, error=str(error))
    result = evolve(result, seconds=round(time.monotonic() - began, 3))
    artefact.write(directory / RESULT, codec.dumps(result, indent=None))


def lab_is_gone(directory: Path) -> bool:
    """Tell whether the job in `directory` has no lab: it has removed it, or never came so far."""
    return not (directory / TASK).exists() or (directory / _REMOVED).exists()


def lab_of(task: Task, guide: Path) -> Lab:
    """Return the lab of a job, whose copy of the guide is in the directory `guide`.

    Raises:
        RunbookError: the guide's cluster file is missing or wrong.

    """
    variant = task.job.variant
    return open_lab(guide, task.kind, chosen=variant.chosen, platform=variant.platform)


def _run(task: Task, directory: Path) -> JobResult:
    guide = directory / GUIDE
    whole = codec.loads(artefact.read(directory / PLAN), Runbook)
    lab = lab_of(task, guide)
    own = task.tried()
    _prepare_secrets(guide, task)
    manner = Manner(
        strict=task.strict, require_proven=task.require_proven, from_checkpoint=True, yes=True
    )
    selection = Selection(
        only=tuple(glob.escape(one) for one in own), chosen=task.job.variant.chosen
    )
    request = Request(guide, task.kind, lab, whole, forward(whole), selection, manner)
    with _removed_afterwards(lab, directory), known_secrets(guide, task.kind) as known:
        with open_run(request, known, _tell_line) as run:
            while (event := run.next()) is not None:
                if isinstance(event, Outcome) and event.step in task.job.steps:
                    _tell({"step": event.step, "verdict": event.verdict.value})
        result = _result(task, report := run.report(), request.directory)
        if not isinstance(lab, ContainerLab):
            return result
        checkpoint, images = _last_checkpoint(lab, report), lab.image_identifiers()
        return evolve(result, checkpoint=checkpoint, images=images)


def _result(task: Task, report: Report, directory: Path) -> JobResult:
    """Return what a run has shown of the job's own steps."""
    own = set(task.job.steps)
    outcomes = tuple(_as_blocked(task, one) for one in report.outcomes if one.step in own)
    return JobResult(
        task.job.id,
        run=report.run,
        outcomes=outcomes,
        end_state=report.end_state,
        recordings={
            one.recording: text
            for one in outcomes
            if one.recording and (text := _recording(directory / "recordings", one.recording))
        },
        broken=tuple(dict.fromkeys(one.step for one in outcomes if one.verdict in BROKEN)),
    )


def _as_blocked(task: Task, outcome: Outcome) -> Outcome:
    """Return the outcome of a step that was not tried because of one in another job as blocked."""
    if not outcome.key or outcome.verdict is not Verdict.SKIPPED:
        return outcome
    if not (broken := task.blocked_by(outcome.step)):
        return outcome
    return evolve(outcome, verdict=Verdict.BLOCKED, reason=depends_on(broken))


def _recording(directory: Path, name: str) -> str:
    path = artefact.below(directory, name)
    if not path.is_file() or path.stat().st_size > _LARGEST_RECORDING:
        return ""
    return artefact.read(path)


def _last_checkpoint(lab: ContainerLab, report: Report) -> str:
    """Return where the checkpoint with the most of what was done is, below the place of all."""
    done = {(one.key, one.host) for one in report.outcomes if one.verdict in DONE}
    mine = [kept for one in saved(lab) if (kept := one.restorable()).done <= done]
    if not mine:
        return ""
    best = max(mine, key=lambda one: len(one.done))
    return str(lab.checkpoint_path(best.name).relative_to(checkpoint_root()))


def _prepare_secrets(guide: Path, task: Task) -> None:
    """Let secrets that nobody gives be made of the matrix's seed, for a lab that is thrown away."""
    if task.seed and task.kind != "local":
        directory = run_directory(guide, task.kind) / "secrets"
        artefact.write(directory / SEED, task.seed)
        os.environ[THROWAWAY] = str(directory)


@contextmanager
def _removed_afterwards(lab: Lab, directory: Path) -> Iterator[None]:
    """Remove the lab at the end, however that comes; nothing interrupts this."""
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if isinstance(lab, SupportsCheckpoints):
            lab.down(lambda _: None)
        (directory / _REMOVED).touch()


def _live_as_long_as_the_worker() -> None:
    """End as by an interrupt when the standard input is closed: the worker is gone or says so."""

    def watch() -> None:
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=watch, daemon=True).start()


def _tell(event: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def _tell_line(line: str) -> None:
    _tell({"line": line})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
