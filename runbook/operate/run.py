"""`runbook run`: bring plan, lab, runner, journal and reports together."""

from __future__ import annotations

import sys
import uuid
from contextlib import ExitStack, closing
from pathlib import Path

import click
from attrs import evolve

from runbook import artefact, codec, journal, pace, shared, summary
from runbook.labs import Lab
from runbook.live import closing_all
from runbook.model import Runbook
from runbook.operate.guide import run_directory, versions
from runbook.operate.hosts import live_hosts, probe_all
from runbook.operate.person import attending
from runbook.operate.report import last_run, write_reports
from runbook.report.console import Console
from runbook.result import Outcome, Run
from runbook.runner import Choice, to_come, walk
from runbook.summary import ExitStatus


def run_on(
    guide: Path, kind: str, lab: Lab, runbook: Runbook, choice: Choice, *, attended: bool = False
) -> int:
    """Run `runbook` on `lab`, show and record what happens, and return the exit status.

    If `attended`, the operator at the terminal is asked to do the manual tasks.

    Raises:
        RunbookError: the lab cannot be brought up, or what happens cannot be recorded.

    """
    directory = run_directory(guide, kind)
    in_common = shared.load(guide)
    with journal.Journal(directory / "journal.jsonl") as record:
        console = Console(sys.stdout, runbook)
        lab.up(console.tell)
        instance = lab.instance()
        past = journal.reports(record.path, runbook)
        earlier = journal.earned(record.path, instance)
        artefact.write(directory / "plan.json", codec.dumps(runbook) + "\n")
        interrupted = False
        with ExitStack() as stack:
            live = stack.enter_context(closing_all(live_hosts(lab, directory / "recordings")))
            run = Run(
                id=uuid.uuid4().hex[:12],
                started=journal.now(),
                lab=lab.name,
                instance=instance,
                plan=codec.digest(runbook),
                hosts=probe_all(live),
                versions=versions(guide),
                made_of=lab.made_of,
            )
            record.begin(run)
            if attended:
                choice = evolve(choice, attend=stack.enter_context(attending(console)))
            steps = to_come(runbook, lab.cluster, run.hosts, choice)
            console.expect(pace.expected(steps, past, earlier))
            events = walk(
                runbook, lab.cluster, live, earlier=earlier, choice=choice, shared=in_common
            )
            try:
                # Closed in here, so that nobody is asked or works any more when this is left.
                with console.live(), closing(events):
                    for event in events:
                        if isinstance(event, Outcome):
                            record.append(event)
                        console.show(event)
                record.finish()
            except KeyboardInterrupt:
                interrupted = True
    last = last_run(directory, runbook)
    try:
        write_reports(directory, last)
    finally:
        console.close(last)
    if interrupted:
        click.echo("runbook: interrupted; the next run continues after the last outcome", err=True)
        return ExitStatus.INTERRUPTED
    return summary.exit_status(last)
