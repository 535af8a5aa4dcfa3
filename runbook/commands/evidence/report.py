"""`runbook report`: write the reports of a run again, and show its summary."""

from __future__ import annotations

import os
import sys
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from runbook.commands.evidence.recorded_runs import directories, elsewhere
from runbook.commands.guide import run_directory
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.model import Runbook, codec
from runbook.redaction.known import KnownSecrets
from runbook.report import html, junit
from runbook.report.console import Console
from runbook.results import Report, artefact, journal
from runbook.results.findings import exit_status
from runbook.results.redacted import redacted_report
from runbook.terminal import asciicast

LARGEST_RECORDING: Final = 4_000_000
"""Bytes of a recording beyond which it is not read."""


def last_run(directory: Path, runbook: Runbook, known: KnownSecrets) -> Report:
    """Return the report of the last run in the journal of `directory`, without `known` secrets.

    Raises:
        RunbookError: the journal cannot be read, or has no run.

    """
    path = directory / "journal.jsonl"
    found = journal.reports(path, runbook)
    if not found:
        raise RunbookError(f"{path}: no run is recorded{elsewhere(directory.parent.parent)}")
    return redacted_report(found[-1], known)


def write_reports(directory: Path, report: Report, known: KnownSecrets) -> None:
    """Write junit.xml and report.html of `report` into `directory`.

    `directory` is that of the run, below the guide's build directory. A recording with a secret
    that was not `known` when it was made is not embedded.

    Raises:
        RunbookError: a file cannot be written; the journal is complete nevertheless.

    """
    try:
        artefact.write(directory / "junit.xml", junit.render(report))
        artefact.write(
            directory / "report.html", html.render(report, page_context(directory, report, known))
        )
    except artefact.ArtefactError as error:
        raise RunbookError(
            f"{error}; the journal is complete: write the reports with 'runbook report'"
        ) from error


def page_context(directory: Path, report: Report, known: KnownSecrets) -> html.PageContext:
    """Return the recordings, documents and pages that exist for a report in `directory`."""
    guide = directory.parent.parent
    documents = {step.location.document for step in report.runbook.steps()}
    return html.PageContext(
        recordings={
            outcome.recording: text
            for outcome in report.outcomes
            if outcome.recording
            and (text := _recording(directory / "recordings", outcome.recording, known))
        },
        documents={
            document: _address(guide / document, directory)
            for document in sorted(documents)
            if (guide / document).is_file()
        },
        steps=_rendered(directory.parent / "html", directory, report),
    )


def _recording(directory: Path, name: str, known: KnownSecrets) -> str:
    """Return a recording to be embedded; empty if it is not, which the page says."""
    try:
        path = artefact.below(directory, name)
        if path.stat().st_size > LARGEST_RECORDING:
            return ""
        text = artefact.read(path)
    except (OSError, artefact.ArtefactError):
        return ""
    return "" if known.appear_in(asciicast.printed(text).encode()) else text


def _rendered(pages: Path, directory: Path, report: Report) -> dict[str, str]:
    """Return the URL of each step on the rendered pages, if they were built."""
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


def last_report(
    guide: Path, kind: str = "", told: Callable[[Report], None] = lambda _: None
) -> int:
    """Write the last run's reports again, show its summary, and return its exit status.

    It is the last one on the lab `kind`, or on any; then its lab is named. The report of the run
    goes to `told` as well.

    Raises:
        RunbookError: no run is recorded, or a file cannot be read or written.

    """
    directory = next(iter(directories(guide, kind)), None)
    if directory is None:
        path = run_directory(guide, kind or "*") / "journal.jsonl"
        raise RunbookError(f"{path}: no run is recorded{elsewhere(guide)}")
    path = directory / "plan.json"
    text = artefact.read(path)
    try:
        runbook = codec.loads(text, Runbook)
    except codec.CodecError as error:
        raise RunbookError(f"{path}: {error}") from error
    with known_secrets(guide, directory.name.removesuffix("-undo")) as known:
        last = last_run(directory, runbook, known)
        told(last)
        if directory.name != kind:
            click.echo(f"The last run: {directory.relative_to(guide)}, {last.run.started}\n")
        try:
            write_reports(directory, last, known)
        finally:
            Console(sys.stdout, runbook, redact=known.redact).show_summary(last)
    return exit_status(last)
