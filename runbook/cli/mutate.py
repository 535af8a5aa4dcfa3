"""`runbook mutate`: its options, and what it hands to the commands."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from runbook.cli.options import guide_argument, hosts_option


@click.command()
@guide_argument
@hosts_option
@click.option(
    "--only",
    metavar="PATTERN",
    multiple=True,
    help="Only mutants, or steps, whose name matches this shell pattern; may be given several "
    "times.",
)
@click.option(
    "--sample", metavar="N", type=click.IntRange(min=1), help="Only N mutants, of all chapters."
)
@click.option(
    "--minutes",
    metavar="N",
    type=click.FloatRange(min=0, min_open=True),
    help="Begin no further mutant after N minutes; chapters take turns.",
)
@click.option(
    "--seed",
    metavar="N",
    type=int,
    default=0,
    show_default=True,
    help="What the choice and the order follow from.",
)
@click.option(
    "--jobs",
    "-j",
    metavar="N",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Try mutants in N labs of containers at once.",
)
@click.option("--untried", is_flag=True, help="Only mutants of which nothing is known yet.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to show what came of it.",
)
def mutate(
    guide: Path,
    kind: str,
    only: tuple[str, ...],
    sample: int | None,
    minutes: float | None,
    seed: int,
    jobs: int,
    untried: bool,
    form: str,
) -> None:
    """Change one thing in a step, run it, and see whether a check notices; again and again.

    A mutant is a step without one of its commands or files, without an option, with another
    value, argument or answer, or without a line of a file. If all checks of the step hold after
    it, it survives: such a mistake would not be noticed. lab/mutants.yaml says which may survive,
    and why. What became of them is kept in lab/mutation.json, for the pages of the guide.

    They run on hosts of their own, which are removed afterwards; the guide's lab and its journal
    stay as they are. Each begins from a checkpoint before its step, so run the guide first.

    \b
    Exit status:
      0    every mutant that was tried was killed, or is explained
      1    one survived, and nobody says why
      2    the command line is wrong
      3    nothing could be tried
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.commands.mutation.mutate import Asked
    from runbook.commands.mutation.mutate import mutate as try_mutants

    asked = Asked(only, sample, minutes, seed, untried, jobs)
    sys.exit(try_mutants(guide, kind, asked, as_json=form == "json"))
