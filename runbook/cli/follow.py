"""`runbook follow` and `runbook record`: for whoever does by hand what a guide says."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from runbook.cli.options import (
    LAB_KINDS,
    choose_option,
    following_option,
    guide_argument,
    host_option,
    inventory_option,
)


@click.command()
@guide_argument
@following_option
@host_option
@inventory_option
@choose_option
@click.option(
    "--who", metavar="NAME", default="", help="Your name in the record; else user@machine."
)
@click.option("--resume", is_flag=True, help="Take up what somebody else has left.")
def follow(
    guide: Path,
    kind: str,
    host: str | None,
    inventory: Path | None,
    choose: dict[str, str],
    who: str,
    resume: bool,
) -> None:
    """Follow the guide on real machines, one step at a time, at this terminal.

    Each step shows what it is for, its commands and files as they will be, and its checks as they
    are. A key runs it, or only checks it; another one marks it as done by hand, or leaves it out.
    Everything is recorded with who did it, and 'runbook record' makes a page of it.

    \b
    Exit status:
      0    all steps are settled and their checks hold, or you have paused
      1    a check of a step that is done does not hold at the end
      3    there is no terminal, or somebody else works on the lab, or a host is gone
      130  the terminal was lost; go on with --resume
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.following_terminal.follow import Asked
    from runbook.following_terminal.follow import follow as follow_at_terminal

    sys.exit(follow_at_terminal(Asked(guide, kind, host, inventory, choose, who.strip(), resume)))


@click.command()
@guide_argument
@click.option(
    "--lab", "kind", type=LAB_KINDS, default="static", show_default=True, help="The kind of lab."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown"]),
    default="html",
    show_default=True,
    help="What the page is written in.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="",
    help="Where to write it, - for standard output; else beside the journal.",
)
def record(guide: Path, kind: str, form: str, output: str) -> None:
    """Write the record of the last time that somebody followed the guide, for a change ticket.

    It says who did what and when, what was typed, what came of it, the checks before and after,
    notes, what was left out and why, what was done by hand, and what was undone. It has no secrets.
    """
    from runbook.commands.evidence.record import write_record

    write_record(guide, kind, form, output)
