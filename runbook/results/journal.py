"""The append-only record of runs: one JSON object a line, on disk before anyone is told.

A line has the key `record`, which says what it is (`runbook.results.records`), and all but two
kinds the id of their `run`. An outcome that is `kept` came with a checkpoint. A line that a crash
cut short is kept, and passed over by the reader.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from runbook.errors import RunbookError
from runbook.model import Runbook, codec
from runbook.results import artefact
from runbook.results.clock import now
from runbook.results.journal_reader import JournalReader
from runbook.results.log import LogEntry
from runbook.results.outcome import Begun, EndCheck, Outcome, Report, Run
from runbook.results.position import History
from runbook.results.records import KINDS, Carried, Finished, Restored, Reversed


class JournalError(RunbookError):
    """The journal cannot be written or read."""


class Journal:
    """A journal that is open for one run; a context manager.

    What is written is noted by the `reader` as well, if there is one.

    Raises:
        JournalError: the file cannot be opened or written, or another run has it open.

    """

    def __init__(self, path: Path, reader: JournalReader | None = None) -> None:
        self.path = path
        self._run = ""
        self._reader = reader
        try:
            artefact.make_private(path.parent)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with contextlib.suppress(PermissionError):
                os.fchmod(self._file, 0o600)
        except OSError as error:
            raise JournalError(f"{path}: the journal cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise JournalError(f"{path}: another run is writing this journal") from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def begin(self, run: Run) -> None:
        """Record that `run` began; what follows is its own."""
        self._run = run.id
        self._end_torn_line()
        self._append("run", run)

    def go_on(self, run: Run) -> None:
        """Let what follows be that of `run`, which began before: one of several side by side."""
        self._run = run.id

    def restored(
        self, checkpoint: str, why: str, outcomes: Iterable[Outcome], known: History
    ) -> None:
        """Record that the lab was brought back to where `outcomes` are all that was done.

        `checkpoint` is empty if the hosts were made anew. Outcomes that are not `known` here,
        because another journal has them, are recorded as well.
        """
        done = []
        for outcome in outcomes:
            if (outcome.key, outcome.host) not in known.outcomes:
                self._append("kept", outcome)
            done.append((outcome.key, outcome.host, outcome.step, outcome.content))
        self._append("restored", Restored(checkpoint, why, tuple(done)))

    def carry(self, outcomes: Iterable[Outcome]) -> None:
        """Record that `outcomes` of earlier runs are part of this one's report."""
        refs = tuple((outcome.step, outcome.key, outcome.host) for outcome in outcomes)
        if refs:
            self._append("carried", Carried(refs))

    def append(self, entry: Begun | Outcome | EndCheck | LogEntry) -> None:
        """Record `entry`; it is on the disk when this returns."""
        match entry:
            case Begun():
                kind = "begun"
            case Outcome():
                kind = "outcome"
            case EndCheck():
                kind = "end"
            case LogEntry():
                kind = "log"
        self._append(kind, entry)

    def reverse(self, document: str, instance: str) -> None:
        """Record that what was done for `document` is being done the other way."""
        self._append("reversed", Reversed(document, instance))

    def finish(self) -> None:
        """Record that the run came to its end."""
        self._append("finished", Finished(now()))

    def _append(self, kind: str, noun: object) -> None:
        _, of_run = KINDS[kind]
        record = {"record": kind} | ({"run": self._run} if of_run else {})
        record |= codec.unstructure(noun)
        line = (json.dumps(record, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
        try:
            while line:
                line = line[os.write(self._file, line) :]
            os.fdatasync(self._file)
        except OSError as error:
            raise JournalError(
                f"{self.path}: the journal cannot be written: {error.strerror}; "
                "everything before this is recorded, and the next run continues there"
            ) from error
        if self._reader is not None:
            self._reader.note(kind, noun, self._run)

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            try:
                os.write(self._file, b"\n")
            except OSError as error:
                raise JournalError(
                    f"{self.path}: the journal cannot be written: {error.strerror}"
                ) from error


def reports(path: Path, runbook: Runbook) -> list[Report]:
    """Return a report of every run in the journal at `path`, oldest first.

    Raises:
        JournalError: the journal cannot be read, or another version of the harness wrote it.

    """
    return [
        Report(runbook, one.run, tuple(one.outcomes.values()), tuple(one.end_state), one.finished)
        for one in read(path).runs.values()
    ]


def last_started(path: Path) -> str:
    """Return when the last run in the journal at `path` started; empty if there is none.

    Raises:
        JournalError: the journal cannot be read.

    """
    starts = [
        str(one.get("started", "")) for _, one in _records(path) if one.get("record") == "run"
    ]
    return starts[-1] if starts else ""


def history(path: Path, instance: str) -> History:
    """Return what runs did on the lab `instance`; there is no journal before the first run.

    Raises:
        JournalError: the journal cannot be read, or another version of the harness wrote it.

    """
    return read(path).history(instance) if path.exists() else History()


def read(path: Path) -> JournalReader:
    """Return all that is recorded at `path`.

    Raises:
        JournalError: the journal cannot be read, or another version of the harness wrote it.

    """
    reader = JournalReader()
    for number, record in _records(path):
        try:
            reader.take(record.pop("record", ""), record)
        except codec.SchemaError as error:
            raise JournalError(
                f"{path}:{number}: {error}; the lab that it tells of must go as well: "
                "run `runbook lab down`, then remove the file"
            ) from error
        except (RunbookError, KeyError, ValueError, TypeError) as error:
            raise JournalError(f"{path}:{number}: {error}") from error
    return reader


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
