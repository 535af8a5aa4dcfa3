"""`runbook rehearse`: play the dialogues and check the commands of a guide, without a lab."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click

from runbook.commands.evidence.report import last_run, write_reports
from runbook.commands.guide import run_directory, versions, write_plan
from runbook.execution import secrets
from runbook.execution.selection import Selection
from runbook.model import Runbook, cluster, codec, shared_source
from runbook.redaction.known import KnownSecrets
from runbook.rehearsal.rehearse import rehearse
from runbook.report.console import Console
from runbook.report.diagnostics import REHEARSAL
from runbook.report.text import pluralize
from runbook.results import Report, Run, Verdict, journal
from runbook.results.basis import basis_of
from runbook.results.clock import now
from runbook.results.summary import ExitStatus


def rehearse_all(
    guide: Path,
    runbook: Runbook,
    selection: Selection,
    *,
    shellcheck: bool,
    told: Callable[[Report], None],
) -> int:
    """Rehearse `runbook` on this machine, show and record it, and return the exit status.

    Its report goes to `told` as well.
    """
    path = guide / cluster.PLACE
    described = cluster.load(path) if path.exists() else None
    directory = run_directory(guide, "rehearsal")
    found: Counter[Verdict] = Counter()
    interrupted = False
    with journal.Journal(directory / "journal.jsonl") as record:
        console = Console(sys.stdout, runbook)
        run = Run(
            id=uuid.uuid4().hex[:12],
            started=now(),
            lab=REHEARSAL,
            instance="",
            plan=codec.digest(runbook),
            versions=versions(guide),
            basis=basis_of(runbook, described, shared_source.read(guide)),
        )
        record.begin(run)
        write_plan(guide, directory, runbook)
        outcomes = rehearse(
            runbook,
            described,
            refuses=selection.excludes,
            shellcheck=shellcheck,
        )
        try:
            # `closing`, so that no stand-in outlives this block.
            with console.live(), closing(outcomes):
                for outcome in outcomes:
                    record.append(outcome)
                    console.show(outcome)
                    found[outcome.verdict] += 1
            record.finish()
        except KeyboardInterrupt:
            interrupted = True
    known = KnownSecrets(secrets.given())
    last = last_run(directory, runbook, known)
    told(last)
    try:
        write_reports(directory, last, known)
    finally:
        console.show_summary(last)
    rehearsed, checked, failed = (
        found[verdict] for verdict in (Verdict.REHEARSED, Verdict.CHECKED, Verdict.FAILED)
    )
    steps = pluralize(rehearsed, "step")
    click.echo(f"{steps} rehearsed, {checked} checked, {failed} with findings.")
    if interrupted:
        click.echo("runbook: interrupted; the next rehearsal starts from the beginning", err=True)
        return ExitStatus.INTERRUPTED
    if failed:
        return ExitStatus.FAILED
    return ExitStatus.OK if rehearsed or checked else ExitStatus.NOTHING_PROVEN
