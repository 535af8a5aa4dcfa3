"""`runbook run`: its options, and what it hands to the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runbook.cli.options import (
    annotate_option,
    choose_option,
    guide_argument,
    host_option,
    hosts_option,
    inventory_option,
    language_option,
    lenient_option,
    only_option,
    refuse_stdout,
    sarif_option,
    strict_option,
)

if TYPE_CHECKING:
    from runbook.commands.authoring.diagnostics import Diagnostics


@click.command()
@guide_argument
@hosts_option
@host_option
@inventory_option
@only_option
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Only steps with this tag.")
@click.option("--failed", is_flag=True, help="Only the steps that did not hold in the last run.")
@click.option(
    "--from", "first", metavar="ID", default="", help="Run this step and all after it again."
)
@click.option("--until", "last", metavar="ID", default="", help="Stop after this step.")
@click.option("--again", is_flag=True, help="Run the selected steps even if they are done.")
@click.option("-x", "--exitfirst", "exit_first", is_flag=True, help="Stop at the first failure.")
@click.option(
    "--keep-going/--no-keep-going",
    default=True,
    help="Go on with steps that do not depend on one that failed; the default.",
)
@click.option("--shell", is_flag=True, help="Give me the session of a step that fails.")
@click.option("--watch", is_flag=True, help="Run again whenever a file of the guide is saved.")
@click.option("--require-proven", is_flag=True, help="Take every finding for an error.")
@strict_option
@lenient_option
@click.option("--unmarked", is_flag=True, help="Also run code blocks outside of steps.")
@click.option("--undo", is_flag=True, help="Run the undo steps instead, last chapter first.")
@choose_option
@click.option(
    "--agree",
    metavar="ID",
    multiple=True,
    help="With --unmarked: run this step, which needs consent; an exact id, "
    "may be given several times.",
)
@click.option(
    "--repeat",
    metavar="ID",
    multiple=True,
    help="With --lab local or static: run this step again, although it was begun and not "
    "finished, or was changed; may be given several times.",
)
@click.option(
    "--observe",
    is_flag=True,
    help="Compare each host before and after a step: what has it changed?",
)
@click.option("--attended", is_flag=True, help="Ask the operator to do the manual tasks.")
@click.option("--yes", is_flag=True, help="Do not ask before changing a machine.")
@language_option
@sarif_option
@annotate_option
def run(guide: Path, **given: Any) -> None:
    """Run the guide's steps on a lab and prove every one.

    A run goes on where the lab stands. In a lab of containers or virtual machines nothing is
    typed twice: a step that failed or was changed begins from a checkpoint before it. Steps that
    a selected step depends on are part of the run.

    With --unmarked, ordinary code blocks run as well, unless they are doubtful, destructive or
    incomplete. Those are skipped; on a terminal you are asked about each.

    \b
    Exit status:
      0    every step that ran holds, and at least one was proven or passed
      1    a step failed, a finished step no longer holds, or a finding is taken for an error
      2    the command line is wrong
      3    something could not be tried: a host is gone, a step is blocked
      4    nothing failed, and nothing was proven or passed
      130  interrupted; the journal is complete, and the next run goes on from there
    """  # noqa: D301  # click wants the backspace character itself
    if given["agree"] and not given["unmarked"]:
        raise click.UsageError("--agree requires --unmarked")
    refuse_stdout(given["sarif_file"])
    if given["exit_first"] and not given["keep_going"]:
        given["keep_going"] = True
    if given["watch"]:
        from runbook.commands.running.watch import watch

        watch(guide, lambda: _run(guide, given))
    sys.exit(_run(guide, given))


def _run(guide: Path, given: dict[str, Any]) -> int:
    """Plan the guide, run what was asked for, and tell other programs; return the exit status."""
    from runbook.commands.authoring.diagnostics import diagnostics

    category = f"run/{given['kind']}" + ("-undo" if given["undo"] else "")
    sarif_file, annotate = given["sarif_file"], given["annotate"]
    with diagnostics(guide, category, sarif_file, annotate, shows_output=True) as found:
        return _plan_and_run(guide, given, found)


def _plan_and_run(guide: Path, given: dict[str, Any], found: Diagnostics) -> int:
    from runbook.commands.hosts import ensure_runnable
    from runbook.commands.labs.lab import open_lab, use_throwaway_secrets
    from runbook.commands.running.choices import refuse_unknown_choices
    from runbook.commands.running.consent import ask_consent, selected_steps
    from runbook.commands.running.operator import confirm_run
    from runbook.commands.running.request import Manner, Request
    from runbook.commands.running.run import run_on
    from runbook.execution.selection import Selection, backward, forward

    kind, undo, yes = given["kind"], given["undo"], given["yes"]
    whole = found.planned(
        strict=given["strict"], lenient=given["lenient"], language=given["language"]
    )
    runbook = backward(whole) if undo else forward(whole)
    lab = open_lab(guide, kind, given["host"], given["inventory"], given["choose"])
    refuse_unknown_choices(whole, given["choose"], lab.cluster)
    selection = Selection(
        only=given["only"],
        tags=given["tags"],
        first=given["first"],
        last=given["last"],
        again=given["again"],
        unmarked=given["unmarked"],
        chosen=given["choose"],
    )
    ensure_runnable(runbook, lab, selection)
    use_throwaway_secrets(guide, kind)
    agreed = ask_consent(runbook, lab.cluster, selection, given["agree"], ask=not yes)
    asks = kind in ("local", "static") and not yes and agreed is not None
    if agreed is None or (
        asks and not confirm_run(runbook, lab, selected_steps(runbook, lab.cluster, agreed))
    ):
        click.echo("runbook: nothing was run", err=True)
        return 3
    manner = Manner(
        attended=given["attended"],
        shell=given["shell"],
        undo=undo,
        exit_first=given["exit_first"] or not given["keep_going"],
        strict=given["strict"],
        require_proven=given["require_proven"],
        failed=given["failed"],
        yes=yes,
        repeat=frozenset(given["repeat"]),
        observe=given["observe"],
    )
    return run_on(Request(guide, kind, lab, whole, runbook, agreed, manner), found.add_run)
