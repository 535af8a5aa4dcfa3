"""The commands that run nothing on a host: `plan`, `lint` and `rehearse`."""

from __future__ import annotations

import atexit
import gc
import sys
from pathlib import Path

import click

from runbook.cli.options import (
    annotate_option,
    guide_argument,
    language_option,
    lenient_option,
    only_option,
    refuse_stdout,
    sarif_option,
    strict_option,
)


def _collect_no_garbage() -> None:
    """Search for no garbage: the command is over before there is any worth the time."""
    gc.disable()
    # Python would search through everything once more at exit.
    atexit.register(gc.freeze)


@click.command()
@guide_argument
@strict_option
@lenient_option
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@click.option("--commands", is_flag=True, help="Show all commands in full.")
@click.option(
    "--explain",
    "ids",
    metavar="ID",
    multiple=True,
    help="Explain this step or block: an id or a shell pattern; may be given several times.",
)
@click.option(
    "--markers",
    "as_markers",
    is_flag=True,
    help="Print steps to replace doubtful blocks with, or the blocks that --explain names.",
)
@language_option
@sarif_option
@annotate_option
def plan(
    guide: Path,
    strict: bool,
    lenient: bool,
    as_json: bool,
    commands: bool,
    ids: tuple[str, ...],
    as_markers: bool,
    language: str,
    sarif_file: str,
    annotate: str,
) -> None:
    """Show the steps and blocks of a guide, in order, without running anything."""
    from runbook.commands.authoring.diagnostics import STDOUT, diagnostics
    from runbook.model import codec

    _collect_no_garbage()
    if as_json and (ids or as_markers):
        raise click.UsageError("--json cannot be combined with --explain or --markers")
    if sarif_file == STDOUT and (as_json or ids or as_markers):
        raise click.UsageError("--sarif - leaves no room for another output")
    with diagnostics(guide, "plan", sarif_file, annotate) as found:
        runbook = found.planned(strict=strict, lenient=lenient, language=language)
        found.add_lint(runbook)
    if sarif_file == STDOUT:
        pass
    elif as_json:
        click.echo(codec.dumps(runbook))
    elif as_markers:
        from runbook.commands.authoring.plan import show_markers

        show_markers(guide, runbook, ids)
    elif ids:
        from runbook.commands.authoring.plan import explain

        explain(guide, runbook, ids)
    else:
        from runbook.commands.authoring.show_plan import show_plan

        show_plan(guide, runbook, commands=commands)
    if not any(runbook.steps()):
        click.echo("runbook: the guide has no steps", err=True)
        sys.exit(1)


@click.command()
@guide_argument
@strict_option
@lenient_option
@click.option("--only", metavar="KIND", multiple=True, help="Only findings of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--translations",
    "languages",
    metavar="[LANGUAGE]",
    multiple=True,
    is_flag=False,
    flag_value="",
    help="Inspect the guide's catalogues instead: those of a language, or all of them.",
)
@language_option
@sarif_option
@annotate_option
def lint(
    guide: Path,
    strict: bool,
    lenient: bool,
    only: tuple[str, ...],
    as_json: bool,
    languages: tuple[str, ...],
    language: str,
    sarif_file: str,
    annotate: str,
) -> None:
    """Show what readers of a guide would overlook, and a machine would stumble over.

    \b
    Exit status:
      0    there are no findings
      1    there are findings
      3    the guide has errors
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.commands.authoring.diagnostics import STDOUT, diagnostics
    from runbook.commands.authoring.findings import findings
    from runbook.commands.authoring.plan import FINDING_KINDS, show_findings

    _collect_no_garbage()
    for kind in only:
        if kind not in FINDING_KINDS:
            raise click.BadParameter(
                f"{kind!r} is not one of {', '.join(FINDING_KINDS)}", param_hint="--only"
            )
    if sarif_file == STDOUT and as_json:
        raise click.UsageError("--sarif - leaves no room for another output")
    with diagnostics(guide, "lint", sarif_file, annotate) as found:
        runbook = found.planned(strict=strict, lenient=lenient, language=language)
        if languages:
            from runbook.commands.authoring.translations import inspect_catalogues

            odd = inspect_catalogues(guide, runbook, [one for one in languages if one])
        else:
            odd = findings(guide, runbook)
        if only:
            odd = tuple(one for one in odd if one.kind.value in only)
        found.add_findings(odd)
        if sarif_file != STDOUT:
            show_findings(odd, as_json=as_json)
    sys.exit(1 if odd else 0)


@click.command()
@guide_argument
@click.option(
    "--language",
    "languages",
    metavar="LANGUAGE",
    multiple=True,
    help="The language of the catalogues, such as zh_CN; the default is all that there are.",
)
@click.option("--prune", is_flag=True, help="Remove translations of what the guide says no more.")
def translations(guide: Path, languages: tuple[str, ...], prune: bool) -> None:
    """Write the catalogues of translators as the documents are now.

    Translations stay with their messages. One of a message that has changed is marked as fuzzy,
    with the message that it translates.
    """
    from runbook.commands.authoring.translations import renew_catalogues

    renew_catalogues(guide, languages, prune=prune)


@click.command()
@guide_argument
@only_option
@strict_option
@lenient_option
@click.option("--unmarked", is_flag=True, help="Also rehearse code blocks outside of steps.")
@click.option("--no-shellcheck", is_flag=True, help="Parse commands with bash only.")
@sarif_option
@annotate_option
def rehearse(
    guide: Path,
    only: tuple[str, ...],
    strict: bool,
    lenient: bool,
    unmarked: bool,
    no_shellcheck: bool,
    sarif_file: str,
    annotate: str,
) -> None:
    """Play the guide's dialogues against stand-ins; parse and lint its commands.

    Needs no lab, and proves nothing: a stand-in knows only what the guide says of its program.
    A step with a dialogue is rehearsed, one with commands only is checked.

    \b
    Exit status:
      0    there are no findings
      1    there are findings
      3    ShellCheck is not installed, or the guide has errors
      4    nothing was rehearsed or checked
      130  interrupted
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.commands.authoring.diagnostics import diagnostics
    from runbook.commands.authoring.rehearse import rehearse_all
    from runbook.execution.selection import Selection

    refuse_stdout(sarif_file)
    selection = Selection(only=only, unmarked=unmarked)
    with diagnostics(guide, "rehearse", sarif_file, annotate) as found:
        runbook = found.planned(strict=strict, lenient=lenient)
        status = rehearse_all(
            guide, runbook, selection, shellcheck=not no_shellcheck, told=found.add_run
        )
    sys.exit(status)
