"""The command line: the one place where plan, lab, runner and reports meet.

Imports stand inside the commands on purpose: `runbook --help` must not wait for Sphinx.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from runbook import __version__
from runbook.cli import machines, reading
from runbook.cli.options import (
    choose_option,
    guide_argument,
    host_option,
    inventory_option,
    lab_option,
    lenient_option,
    only_option,
    strict_option,
)
from runbook.errors import RunbookError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Group(click.Group):
    """Commands whose known errors are a message and an exit status, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RunbookError as error:
            click.echo(f"runbook: {error}", err=True)
            sys.exit(3)
        except (KeyboardInterrupt, click.Abort):
            click.echo("\nrunbook: interrupted", err=True)
            sys.exit(130)
        except BrokenPipeError:
            _give_up_output()
            sys.exit(141)
        except OSError as error:
            _give_up_output()
            where = error.filename or "writing what was to be shown here"
            click.echo(f"runbook: {where}: {error.strerror}", err=True)
            sys.exit(3)


def _give_up_output() -> None:
    """Keep Python from failing again, at its end, to write what nobody takes."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Group, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="runbook")
def main() -> None:
    """Turn a Sphinx guide into steps, run them on a lab, and prove every one.

    GUIDE is a directory with a conf.py; the present directory if it is left out.
    """
    # A terminated run ends like an interrupted one: hosts closed, journal and reports whole.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # So does one whose terminal is closed, unless it was told to outlive it (nohup).
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


@main.command()
@guide_argument
@lab_option
@host_option
@inventory_option
@only_option
@strict_option
@lenient_option
@click.option("--again", is_flag=True, help="Run steps even where all their checks hold.")
@click.option("--unmarked", is_flag=True, help="Also run code blocks that stand in no step.")
@click.option("--undo", is_flag=True, help="Take back: the steps that undo, last chapter first.")
@choose_option
@click.option(
    "--agree",
    metavar="ID",
    multiple=True,
    help="With --unmarked: run this step though it does not run unasked; an exact id, "
    "may be given several times.",
)
@click.option("--attended", is_flag=True, help="Somebody is here to do the manual tasks.")
@click.option("--yes", is_flag=True, help="Ask nothing before changing a machine.")
def run(
    guide: Path,
    kind: str,
    host: str | None,
    inventory: Path | None,
    only: tuple[str, ...],
    strict: bool,
    lenient: bool,
    again: bool,
    unmarked: bool,
    undo: bool,
    choose: dict[str, str],
    agree: tuple[str, ...],
    attended: bool,
    yes: bool,
) -> None:
    """Run the guide's steps on a lab and prove every one.

    With --unmarked, ordinary code blocks run as well, unless they are doubtful, destructive or
    incomplete. Those are skipped, or at a terminal shown one by one, and run if you agree.

    \b
    Exit status:
      0    every step that ran holds, and at least one was proven or passed
      1    a step failed: the guide is wrong, or the system is
      2    the command line is wrong
      3    something could not be tried: a host is gone, a step is blocked
      4    nothing failed, and nothing was proven or passed
      130  interrupted; the journal is whole, the next run continues
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.operate.agree import agreed, left_to_run
    from runbook.operate.guide import planned
    from runbook.operate.hosts import ensure_runnable
    from runbook.operate.machines import open_lab
    from runbook.operate.person import consent
    from runbook.operate.run import run_on
    from runbook.runner import Choice, backward, forward
    from runbook.secrets import THROWAWAY

    if agree and not unmarked:
        raise click.UsageError("--agree is about code blocks outside of steps: add --unmarked")
    whole = planned(guide, strict=strict, lenient=lenient)
    runbook = backward(whole) if undo else forward(whole)
    lab = open_lab(guide, kind, host, inventory)
    choice = Choice(only=only, again=again, unmarked=unmarked, chosen=choose)
    ensure_runnable(runbook, lab, choice)
    if kind in ("container", "vagrant"):
        os.environ.setdefault(THROWAWAY, str(guide / "build" / kind / "secrets"))
    settled = agreed(runbook, choice, agree, ask=not yes)
    asks = kind in ("local", "static") and not yes and settled is not None
    if settled is None or (
        asks and not consent(runbook, lab, left_to_run(runbook, lab.cluster, settled))
    ):
        click.echo("runbook: nothing was run", err=True)
        sys.exit(3)
    # What was taken back is recorded apart, so that a later run does not count on it.
    record = f"{kind}-undo" if undo else kind
    sys.exit(run_on(guide, record, lab, runbook, settled, attended=attended))


@main.command()
@guide_argument
@lab_option
@host_option
@inventory_option
@only_option
@choose_option
def check(
    guide: Path,
    kind: str,
    host: str | None,
    inventory: Path | None,
    only: tuple[str, ...],
    choose: dict[str, str],
) -> None:
    """Evaluate the checks on the lab as it is; nothing is changed.

    Exit status 0 if all hold, 1 if some do not, 3 if a host could not be asked.
    """
    from runbook.operate.check import check_on
    from runbook.operate.guide import planned
    from runbook.operate.machines import open_lab
    from runbook.runner import Choice, forward

    opened = open_lab(guide, kind, host, inventory)
    choice = Choice(only=only, chosen=choose)
    sys.exit(check_on(guide, opened, forward(planned(guide)), choice))


@main.command()
@guide_argument
@lab_option
@only_option
@click.option("--write", is_flag=True, help="Change the guide, instead of showing a patch.")
def accept(guide: Path, kind: str, only: tuple[str, ...], write: bool) -> None:
    """Show how what programs printed in the last run differs from what the guide shows.

    What differs is shown as a patch, or with --write put into the guide. Only lines that stand
    for themselves change; answers, remarks, patterns and `...` stay. Exit status 1 if there is
    a difference that was not written.
    """
    from runbook.operate.accept import accept
    from runbook.operate.guide import planned
    from runbook.runner import Choice

    sys.exit(accept(guide, kind, planned(guide), Choice(only=only), write=write))


@main.command()
@guide_argument
@lab_option
def report(guide: Path, kind: str) -> None:
    """Write the reports of the last run again, and show its closing table.

    The exit status is that of the run.
    """
    from runbook.operate.report import last_report

    sys.exit(last_report(guide, kind))


@main.command()
@guide_argument
@lab_option
def evidence(guide: Path, kind: str) -> None:
    """Keep what the last runs have shown, for the pages of the guide.

    Takes the last run on the lab, the last one that took back, and the last rehearsal. The files
    below lab/evidence are small and meant to be committed.
    """
    from runbook.operate.evidence import keep
    from runbook.operate.guide import planned

    keep(guide, kind, planned(guide))


for command in (reading.plan, reading.lint, reading.rehearse, machines.lab):
    main.add_command(command)
