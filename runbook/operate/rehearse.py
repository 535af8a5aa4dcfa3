"""`runbook rehearse`: play and read the guide without a lab."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from contextlib import closing
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
    found: Counter[Verdict] = Counter()
    interrupted = False
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
        outcomes = rehearse(
            runbook,
            cluster.load(path) if path.exists() else None,
            refuses=choice.refuses,
            shellcheck=shellcheck,
        )
        try:
            # Closed in here, so that no stand-in plays any more when this is left.
            with console.live(), closing(outcomes):
                for outcome in outcomes:
                    record.append(outcome)
                    console.show(outcome)
                    found[outcome.verdict] += 1
            record.finish()
        except KeyboardInterrupt:
            interrupted = True
    last = last_run(directory, runbook)
    try:
        write_reports(directory, last)
    finally:
        console.close(last)
    rehearsed, failed = found[Verdict.REHEARSED], found[Verdict.FAILED]
    click.echo(f"{number(rehearsed, 'step')} rehearsed, {failed} with findings.")
    if interrupted:
        click.echo("runbook: interrupted; a rehearsal begins anew", err=True)
        return ExitStatus.INTERRUPTED
    if failed:
        return ExitStatus.FAILED
    return ExitStatus.OK if rehearsed else ExitStatus.NOTHING_PROVEN
