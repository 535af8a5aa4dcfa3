"""The append-only record of runs: one JSON object a line, on disk before anyone is told.

A line has the key `record`: `run` (a run began; the model's `Run`), `outcome` (with the
run's id; the model's `Outcome`), or `finished` (the run came to its end, `at` when). A line
that a crash cut short is kept, and passed over by the reader.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from runbook import codec
from runbook.errors import RunbookError
from runbook.model import Runbook
from runbook.result import Outcome, Report, Run, Verdict


class JournalError(RunbookError):
    """The journal cannot be written or read."""


class Journal:
    """A journal that is open for one run; a context manager.

    Raises:
        JournalError: the file cannot be opened or written, or another run has it open.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._run = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise JournalError(f"{path}: the journal cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise JournalError(f"{path}: another run is writing this journal") from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def begin(self, run: Run) -> None:
        """Record that `run` began; the outcomes that follow are its own."""
        self._run = run.id
        self._end_torn_line()
        self._append({"record": "run", **codec.unstructure(run)})

    def append(self, outcome: Outcome) -> None:
        """Record `outcome`; it is on the disk when this returns."""
        self._append({"record": "outcome", "run": self._run, **codec.unstructure(outcome)})

    def finish(self) -> None:
        """Record that the run came to its end."""
        self._append({"record": "finished", "run": self._run, "at": now()})

    def _append(self, record: dict[str, Any]) -> None:
        line = (json.dumps(record, ensure_ascii=False) + "\n").encode()
        try:
            while line:
                line = line[os.write(self._file, line) :]
            os.fsync(self._file)
        except OSError as error:
            raise JournalError(
                f"{self.path}: the journal cannot be written: {error.strerror}; "
                "everything before this is recorded, and the next run continues there"
            ) from error

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            try:
                os.write(self._file, b"\n")
            except OSError as error:
                raise JournalError(
                    f"{self.path}: the journal cannot be written: {error.strerror}"
                ) from error


def now() -> str:
    """Return the present time in UTC, in ISO 8601 with milliseconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def reports(path: Path, runbook: Runbook) -> list[Report]:
    """Return a report of every run in the journal at `path`, oldest first.

    Raises:
        JournalError: the journal cannot be read.

    """
    runs: dict[str, Run] = {}
    outcomes: dict[str, list[Outcome]] = {}
    finished: dict[str, str] = {}
    for number, record in _records(path):
        try:
            match record.pop("record", None):
                case "run":
                    run = codec.structure(record, Run)
                    runs[run.id] = run
                case "outcome":
                    outcomes.setdefault(record.pop("run"), []).append(
                        codec.structure(record, Outcome)
                    )
                case "finished":
                    finished[record["run"]] = record["at"]
        except (RunbookError, KeyError) as error:
            raise JournalError(f"{path}:{number}: {error}") from error
    return [
        Report(runbook, run, tuple(outcomes.get(id_, ())), finished.get(id_))
        for id_, run in runs.items()
    ]


def earned(path: Path, instance: str) -> dict[tuple[str, str], Outcome]:
    """Return what steps and hosts last came to on the lab `instance`, by step id and host.

    Steps that did not run for a lack of something (skipped, blocked) do not count.

    Raises:
        JournalError: the journal cannot be read.

    """
    found: dict[tuple[str, str], Outcome] = {}
    if not path.exists():
        return found
    for report in reports(path, Runbook("")):
        if report.run.instance == instance:
            for outcome in report.outcomes:
                if outcome.verdict not in (Verdict.SKIPPED, Verdict.BLOCKED):
                    found[outcome.step, outcome.host] = outcome
    return found


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise JournalError(f"{path}: the journal cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError:
            # Cut short by a crash: what it would have said was never reported to anyone.
            continue
        if isinstance(record, dict):
            yield number, record
