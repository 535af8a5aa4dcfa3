"""`runbook report`: what a run came to, written and shown again."""

from __future__ import annotations

import sys
from pathlib import Path

from runbook import artefact, codec, journal, summary
from runbook.errors import RunbookError
from runbook.model import Runbook
from runbook.operate.guide import run_directory
from runbook.report import html, junit
from runbook.report.console import Console
from runbook.result import Report


def last_run(directory: Path, runbook: Runbook) -> Report:
    """Return the report of the last run in the journal of `directory`.

    Raises:
        RunbookError: the journal cannot be read, or holds no run.

    """
    path = directory / "journal.jsonl"
    found = journal.reports(path, runbook)
    if not found:
        raise RunbookError(f"{path}: no run is recorded")
    return found[-1]


def write_reports(directory: Path, report: Report) -> None:
    """Write junit.xml and report.html of `report` into `directory`.

    Raises:
        RunbookError: one cannot be written; the journal is whole all the same.

    """
    try:
        artefact.write(directory / "junit.xml", junit.render(report))
        artefact.write(directory / "report.html", html.render(report))
    except artefact.ArtefactError as error:
        raise RunbookError(
            f"{error}; the journal is whole, and 'runbook report' writes the reports again"
        ) from error


def last_report(guide: Path, kind: str) -> int:
    """Write the last run's reports again, show its closing table, return its exit status."""
    directory = run_directory(guide, kind)
    path = directory / "plan.json"
    if not path.exists():
        raise RunbookError(f"{path}: no run is recorded: there is no such file")
    text = artefact.read(path)
    try:
        runbook = codec.loads(text, Runbook)
    except codec.CodecError as error:
        raise RunbookError(f"{path}: {error}") from error
    last = last_run(directory, runbook)
    try:
        write_reports(directory, last)
    finally:
        Console(sys.stdout, runbook).close(last)
    return summary.exit_status(last)
