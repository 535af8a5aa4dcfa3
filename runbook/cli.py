"""The command line: the one place where plan, lab, runner and reports meet.

Imports stand inside the commands on purpose: `runbook --help` must not wait for Sphinx.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from runbook import __version__
from runbook.errors import RunbookError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

guide_argument = click.argument(
    "guide",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    default=".",
)
lab_option = click.option(
    "--lab",
    "kind",
    type=click.Choice(["container", "local"]),
    default="container",
    show_default=True,
    help="Where the hosts come from.",
)
host_option = click.option(
    "--host",
    metavar="NAME",
    help="With --lab local: which host of the guide this machine is.",
)
only_option = click.option(
    "--only",
    metavar="PATTERN",
    multiple=True,
    help="Only steps whose id matches this shell pattern; may be given several times.",
)
choose_option = click.option(
    "--choose",
    metavar="NAME=VALUE",
    multiple=True,
    callback=lambda _ctx, _param, values: dict(_alternative(value) for value in values),
    help="An alternative other than the cluster file's; may be given several times.",
)
strict_option = click.option("-W", "--strict", is_flag=True, help="Take warnings for errors.")


def _alternative(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE")
    return name, value


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
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print what plan.json holds.")
def plan(guide: Path, strict: bool, as_json: bool) -> None:
    """Show the steps of a guide, in order; nothing is run."""
    from runbook import codec
    from runbook.operate.guide import planned

    runbook = planned(guide, strict=strict)
    if as_json:
        click.echo(codec.dumps(runbook))
    else:
        from runbook.report.plan import print_plan

        print_plan(runbook, sys.stdout)
    if not any(runbook.steps()):
        click.echo("runbook: the guide has no steps", err=True)
        sys.exit(1)


@main.command()
@guide_argument
@lab_option
@host_option
@only_option
@strict_option
@click.option("--again", is_flag=True, help="Run steps even where all their checks hold.")
@click.option("--unmarked", is_flag=True, help="Also run code blocks that stand in no step.")
@click.option("--undo", is_flag=True, help="Take back: the steps that undo, last chapter first.")
@choose_option
@click.option("--attended", is_flag=True, help="Somebody is here to do the manual tasks.")
@click.option("--yes", is_flag=True, help="Do not ask before changing this machine.")
def run(
    guide: Path,
    kind: str,
    host: str | None,
    only: tuple[str, ...],
    strict: bool,
    again: bool,
    unmarked: bool,
    undo: bool,
    choose: dict[str, str],
    attended: bool,
    yes: bool,
) -> None:
    """Run the guide's steps on a lab and prove every one.

    \b
    Exit status:
      0    every step that ran holds, and at least one was proven or passed
      1    a step failed: the guide is wrong, or the system is
      2    the command line is wrong
      3    something could not be tried: a host is gone, a step is blocked
      4    nothing failed, and nothing was proven or passed
      130  interrupted; the journal is whole, the next run continues
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.operate.guide import planned
    from runbook.operate.hosts import ensure_runnable
    from runbook.operate.machines import open_lab
    from runbook.operate.person import consent
    from runbook.operate.run import run_on
    from runbook.runner import Choice, backward, forward

    runbook = (backward if undo else forward)(planned(guide, strict=strict))
    lab = open_lab(guide, kind, host)
    choice = Choice(only=only, again=again, unmarked=unmarked, chosen=choose)
    ensure_runnable(runbook, lab, choice)
    if kind == "local" and not yes and not consent(runbook, lab, choice.refuses):
        click.echo("runbook: nothing was run", err=True)
        sys.exit(3)
    # What was taken back is recorded apart, so that a later run does not count on it.
    record = f"{kind}-undo" if undo else kind
    sys.exit(run_on(guide, record, lab, runbook, choice, attended=attended))


@main.command()
@guide_argument
@lab_option
@host_option
@only_option
def check(guide: Path, kind: str, host: str | None, only: tuple[str, ...]) -> None:
    """Evaluate the checks on the lab as it is; nothing is changed.

    Exit status 0 if all hold, 1 if some do not, 3 if a host could not be asked.
    """
    from runbook.operate.check import check_on
    from runbook.operate.guide import planned
    from runbook.operate.machines import open_lab
    from runbook.runner import forward

    sys.exit(check_on(guide, open_lab(guide, kind, host), forward(planned(guide)), only))


@main.command()
@guide_argument
@only_option
@strict_option
@click.option("--unmarked", is_flag=True, help="Also rehearse code blocks that stand in no step.")
@click.option("--no-shellcheck", is_flag=True, help="Let only bash read the commands.")
def rehearse(
    guide: Path, only: tuple[str, ...], strict: bool, unmarked: bool, no_shellcheck: bool
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

    runbook = planned(guide, strict=strict)
    choice = Choice(only=only, unmarked=unmarked)
    sys.exit(rehearse_all(guide, runbook, choice, shellcheck=not no_shellcheck))


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


@main.group()
def lab() -> None:
    """Make, inspect and remove the machines that a guide runs on."""


@lab.command()
@guide_argument
def up(guide: Path) -> None:
    """Start the lab's hosts; does nothing if they are up."""
    from runbook.operate.machines import open_lab, show_status, teller

    opened = open_lab(guide, "container")
    opened.up(teller())
    show_status(opened)


@lab.command()
@guide_argument
@click.option("--image", is_flag=True, help="Remove the cached image as well.")
def down(guide: Path, image: bool) -> None:
    """Remove the lab's hosts with all they hold, also after a crash."""
    from runbook.operate.machines import open_container_lab, teller

    open_container_lab(guide).down(teller(), image=image)


@lab.command()
@guide_argument
def status(guide: Path) -> None:
    """Show the lab's hosts; exit status 3 unless all are running."""
    from runbook.operate.machines import open_lab, show_status

    sys.exit(0 if show_status(open_lab(guide, "container")) else 3)


@lab.command()
@click.argument("host")
@guide_argument
@click.option("--user", default="root", show_default=True)
def shell(host: str, guide: Path, user: str) -> NoReturn:
    """Open a shell on a host of the lab."""
    from runbook.operate.machines import enter, open_lab

    enter(open_lab(guide, "container"), host, user)
