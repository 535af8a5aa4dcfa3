"""`runbook rehearse`: play and read the guide without a lab."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import click

from runbook import artefact, cluster, codec, journal
from runbook.model import Runbook
from runbook.operate.guide import run_directory, versions
from runbook.operate.report import last_run, write_reports
from runbook.rehearsal.rehearse import rehearse
from runbook.report.console import Console
from runbook.report.words import number
from runbook.result import Run, Verdict
from runbook.runner import Choice
from runbook.summary import ExitStatus


def rehearse_all(guide: Path, runbook: Runbook, choice: Choice, *, shellcheck: bool) -> int:
    """Rehearse `runbook` on this machine, show and record what happens, return the exit status."""
    path = guide / cluster.PLACE
    directory = run_directory(guide, "rehearsal")
    failed = rehearsed = 0
    with journal.Journal(directory / "journal.jsonl") as record:
        console = Console(sys.stdout, runbook)
        run = Run(
            id=uuid.uuid4().hex[:12],
            started=journal.now(),
            lab="rehearsal",
            instance="",
            plan=codec.digest(runbook),
            versions=versions(guide),
        )
        record.begin(run)
        artefact.write(directory / "plan.json", codec.dumps(runbook) + "\n")
        with console.live():
            for outcome in rehearse(
                runbook,
                cluster.load(path) if path.exists() else None,
                refuses=choice.refuses,
                shellcheck=shellcheck,
            ):
                record.append(outcome)
                console.show(outcome)
                failed += outcome.verdict is Verdict.FAILED
                rehearsed += outcome.verdict is Verdict.REHEARSED
        record.finish()
    write_reports(directory, last_run(directory, runbook))
    click.echo(f"\n{number(rehearsed, 'step')} rehearsed, {failed} with findings.")
    if failed:
        return ExitStatus.FAILED
    return ExitStatus.OK if rehearsed else ExitStatus.NOTHING_PROVEN
