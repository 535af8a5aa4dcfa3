"""`runbook report`: what a run came to, written and shown again."""

from __future__ import annotations

import os
import sys
import urllib.parse
from pathlib import Path
from typing import Final

from runbook import artefact, codec, journal, summary
from runbook.errors import RunbookError
from runbook.model import Runbook
from runbook.operate.guide import run_directory
from runbook.report import html, junit
from runbook.report.console import Console
from runbook.result import Report

LARGEST_RECORDING: Final = 4_000_000
"""Bytes of a recording's file beyond which it is not even read."""


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

    `directory` is that of a run, below the guide's own.

    Raises:
        RunbookError: one cannot be written; the journal is whole all the same.

    """
    try:
        artefact.write(directory / "junit.xml", junit.render(report))
        artefact.write(directory / "report.html", html.render(report, around(directory, report)))
    except artefact.ArtefactError as error:
        raise RunbookError(
            f"{error}; the journal is whole, and 'runbook report' writes the reports again"
        ) from error


def around(directory: Path, report: Report) -> html.Around:
    """Return what a page of `report` in `directory` can embed and lead to; all else is left out."""
    guide = directory.parent.parent
    documents = {step.location.document for step in report.runbook.steps()}
    return html.Around(
        recordings={
            outcome.recording: text
            for outcome in report.outcomes
            if outcome.recording
            and (text := _recording(directory / "recordings" / outcome.recording)) is not None
        },
        documents={
            document: _address(guide / document, directory)
            for document in sorted(documents)
            if (guide / document).is_file()
        },
        steps=_rendered(directory.parent / "html", directory, report),
    )


def _recording(path: Path) -> str | None:
    try:
        if path.stat().st_size > LARGEST_RECORDING:
            return None
        return artefact.read(path)
    except (OSError, artefact.ArtefactError):
        # The page says that it does not have it.
        return None


def _rendered(pages: Path, directory: Path, report: Report) -> dict[str, str]:
    """Return where each step stands on the rendered pages, if they were built."""
    texts: dict[Path, str] = {}
    found: dict[str, str] = {}
    for step in report.runbook.steps():
        page = (pages / step.location.document).with_suffix(".html")
        if page not in texts:
            texts[page] = artefact.read(page) if page.is_file() else ""
        anchor = step.id.rpartition("/")[2]
        if f'id="{anchor}"' in texts[page]:
            found[step.id] = f"{_address(page, directory)}#{urllib.parse.quote(anchor)}"
    return found


def _address(path: Path, directory: Path) -> str:
    return urllib.parse.quote(Path(os.path.relpath(path, directory)).as_posix())


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
