"""The commands that only read a guide: `plan`, `lint` and `rehearse`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from runbook.cli.options import guide_argument, lenient_option, only_option, strict_option


@click.command()
@guide_argument
@strict_option
@lenient_option
@click.option("--json", "as_json", is_flag=True, help="Print what plan.json holds.")
@click.option("--commands", is_flag=True, help="Show all that is typed, in full.")
@click.option(
    "--explain",
    "ids",
    metavar="ID",
    multiple=True,
    help="Tell all of this step or block: an id or a shell pattern; may be given several times.",
)
@click.option(
    "--markers",
    "as_markers",
    is_flag=True,
    help="Print what to write to make doubtful blocks certain, or those that --explain names.",
)
def plan(
    guide: Path,
    strict: bool,
    lenient: bool,
    as_json: bool,
    commands: bool,
    ids: tuple[str, ...],
    as_markers: bool,
) -> None:
    """Show what a guide was read as: its steps and blocks, in order; nothing is run."""
    from runbook import codec
    from runbook.operate.guide import planned

    if as_json and (ids or as_markers):
        raise click.UsageError("--json shows all there is; leave out --explain and --markers")
    runbook = planned(guide, strict=strict, lenient=lenient)
    if as_json:
        click.echo(codec.dumps(runbook))
    else:
        from runbook.operate import plan as shown

        if as_markers:
            shown.show_markers(guide, runbook, ids)
        elif ids:
            shown.explain(runbook, ids)
        else:
            shown.show_plan(guide, runbook, commands=commands)
    if not any(runbook.steps()):
        click.echo("runbook: the guide has no steps", err=True)
        sys.exit(1)


@click.command()
@guide_argument
@strict_option
@lenient_option
@click.option("--only", metavar="KIND", multiple=True, help="Only findings of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as data.")
def lint(guide: Path, strict: bool, lenient: bool, only: tuple[str, ...], as_json: bool) -> None:
    """Show what a person would read over in a guide, and a machine trips on.

    \b
    Exit status:
      0    there is nothing
      1    there are findings
      3    the guide has errors
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.operate.guide import planned
    from runbook.operate.plan import FLAWS, lint_guide

    for kind in only:
        if kind not in FLAWS:
            raise click.BadParameter(
                f"{kind!r} is not one of {', '.join(FLAWS)}", param_hint="--only"
            )
    runbook = planned(guide, strict=strict, lenient=lenient)
    sys.exit(lint_guide(guide, runbook, only, as_json=as_json))


@click.command()
@guide_argument
@only_option
@strict_option
@lenient_option
@click.option("--unmarked", is_flag=True, help="Also rehearse code blocks that stand in no step.")
@click.option("--no-shellcheck", is_flag=True, help="Let only bash read the commands.")
def rehearse(
    guide: Path,
    only: tuple[str, ...],
    strict: bool,
    lenient: bool,
    unmarked: bool,
    no_shellcheck: bool,
) -> None:
    """Play the guide's dialogues against stand-ins, and read its commands.

    Needs no lab, and proves nothing: a stand-in knows only what the guide says of its program.

    \b
    Exit status:
      0    all that was rehearsed is as it should be
      1    there are findings
      3    ShellCheck is not installed, or the guide has errors
      4    nothing was rehearsed
      130  interrupted
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.operate.guide import planned
    from runbook.operate.rehearse import rehearse_all
    from runbook.runner import Choice

    runbook = planned(guide, strict=strict, lenient=lenient)
    choice = Choice(only=only, unmarked=unmarked)
    sys.exit(rehearse_all(guide, runbook, choice, shellcheck=not no_shellcheck))
