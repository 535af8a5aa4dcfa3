"""`runbook run`: run a plan on a lab, with checkpoints, journal and reports."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing

import click

from runbook.commands.evidence.report import write_reports
from runbook.commands.lab_progress import shown_by
from runbook.commands.running.hand_over import hand_over
from runbook.commands.running.hints import how_to_look
from runbook.commands.running.open_run import OpenRun, open_run
from runbook.commands.running.operator import manual_tasks
from runbook.commands.running.request import Request
from runbook.commands.secrecy import known_secrets
from runbook.execution.phases import BROKEN
from runbook.execution.runner import Answer
from runbook.report.console import Console
from runbook.results import Outcome, Report
from runbook.results.findings import exit_status
from runbook.results.summary import ExitStatus


def run_on(request: Request, told: Callable[[Report], None] = lambda _: None) -> int:
    """Run what is asked for and return the exit status; what happens is shown and recorded.

    The report of the run goes to `told` as well.

    Raises:
        RunbookError: the lab cannot be started, or the run cannot be recorded.

    """
    guide, kind, manner = request.guide, request.name, request.manner
    hint = how_to_look(guide, kind, request.lab, shell=manner.shell)
    interrupted = False
    with known_secrets(guide, kind) as known:
        console = Console(sys.stdout, request.runbook, hint, known.redact)
        with ExitStack() as stack:
            attend = None
            if manner.attended:
                attend = stack.enter_context(manual_tasks(console.suspended))
            progress = stack.enter_context(shown_by(console))
            run = stack.enter_context(open_run(request, known, progress, attend))
            console.set_estimate(run.expected)
            try:
                # `closing`, so that nothing is run or asked after this block.
                with console.live(), closing(run):
                    _follow(run, console, shell=manner.shell)
            except KeyboardInterrupt:
                interrupted = True
        last = run.report()
        told(last)
        try:
            write_reports(request.directory, last, known)
        finally:
            console.show_summary(last)
    if interrupted:
        click.echo("runbook: interrupted; the next run goes on from there", err=True)
        return ExitStatus.INTERRUPTED
    return exit_status(last)


def _follow(run: OpenRun, console: Console, *, shell: bool) -> None:
    """Show every event of a run; a step that does not hold may go to the operator."""
    answer: Answer | None = None
    while (event := run.next(answer)) is not None:
        console.show(event)
        answer = None
        if shell and isinstance(event, Outcome) and event.verdict in BROKEN:
            answer = hand_over(console.suspended(), event, run.hosts)
