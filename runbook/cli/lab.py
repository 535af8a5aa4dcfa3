"""The commands of `runbook lab`: create, inspect, snapshot, revert and remove the hosts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from runbook.cli.options import (
    choose_option,
    guide_argument,
    handed_back,
    hosts_option,
    inventory_option,
    lenient_option,
)


@click.group()
def lab() -> None:
    """Create, inspect and remove the machines that a guide runs on."""


@lab.command()
@guide_argument
@hosts_option
@inventory_option
def up(guide: Path, kind: str, inventory: Path | None) -> None:
    """Start the lab's hosts, unless they are running."""
    from runbook.commands.holding import alone
    from runbook.commands.lab_progress import printed
    from runbook.commands.labs.lab import open_lab, show_status

    opened = open_lab(guide, kind, inventory=inventory)
    with alone(guide, kind), printed() as progress:
        opened.up(progress)
    show_status(opened)


@lab.command()
@guide_argument
@hosts_option
@click.option("--image", is_flag=True, help="Also remove what is kept for the next start.")
def down(guide: Path, kind: str, image: bool) -> None:
    """Remove the lab's hosts and their data, even after a crash."""
    from runbook.commands.holding import alone
    from runbook.commands.lab_progress import printed
    from runbook.commands.labs.lab import remove

    with alone(guide, kind), printed() as progress:
        remove(guide, kind, progress, image=image)


@lab.command()
@guide_argument
@hosts_option
@inventory_option
def status(guide: Path, kind: str, inventory: Path | None) -> None:
    """Show the lab's hosts; exit status 3 unless all are running."""
    from runbook.commands.labs.lab import open_lab, show_status

    sys.exit(0 if show_status(open_lab(guide, kind, inventory=inventory)) else 3)


@lab.command()
@click.argument("host")
@guide_argument
@hosts_option
@inventory_option
@click.option("--user", default="root", show_default=True)
def shell(host: str, guide: Path, kind: str, inventory: Path | None, user: str) -> NoReturn:
    """Open a login shell on a host of the lab.

    If its input is not a terminal, it reads commands from there, and ends where they end.
    """
    from runbook.commands.labs.lab import open_lab, open_shell

    open_shell(open_lab(guide, kind, inventory=inventory), host, user)


@lab.command("exec")
@click.argument("host")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "--guide",
    metavar="DIRECTORY",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    default=".",
    callback=handed_back,
    help="The guide; the present directory without it.",
)
@hosts_option
@inventory_option
@click.option("--user", default="root", show_default=True)
def exec_(
    host: str,
    command: tuple[str, ...],
    guide: Path,
    kind: str,
    inventory: Path | None,
    user: str,
) -> None:
    """Run a command on a host of the lab, as after a login; the exit status is the command's.

    Its options follow `--`, as in `runbook lab exec gs1 -- ls -l`. A shell reads none of it:
    for pipes and the like, run `bash -c`.
    """
    from runbook.commands.labs.lab import exec_in, open_lab

    sys.exit(exec_in(open_lab(guide, kind, inventory=inventory), host, user, command))


@lab.command()
@click.argument("name")
@guide_argument
@hosts_option
@click.option("--delete", is_flag=True, help="Delete the snapshot instead.")
def snapshot(name: str, guide: Path, kind: str, delete: bool) -> None:
    """Save the state of all hosts as the snapshot NAME."""
    from runbook.commands.holding import alone
    from runbook.commands.lab_progress import printed
    from runbook.commands.labs.lab import open_snapshots

    opened = open_snapshots(guide, kind)
    with alone(guide, kind), printed() as progress:
        if delete:
            opened.delete_snapshot(name, progress)
        else:
            opened.snapshot(name, progress)


@lab.command()
@click.argument("name")
@guide_argument
@hosts_option
def revert(name: str, guide: Path, kind: str) -> None:
    """Revert all hosts to the snapshot NAME."""
    from runbook.commands.holding import alone
    from runbook.commands.lab_progress import printed
    from runbook.commands.labs.lab import open_snapshots

    opened = open_snapshots(guide, kind)
    with alone(guide, kind), printed() as progress:
        opened.revert(name, progress)


@lab.command()
@guide_argument
@hosts_option
def snapshots(guide: Path, kind: str) -> None:
    """List the snapshots of the lab, oldest first."""
    from runbook.commands.labs.lab import open_snapshots

    for name in open_snapshots(guide, kind).snapshots():
        click.echo(name)


@lab.command()
@guide_argument
@hosts_option
@click.option("--delete", metavar="NAME", help="Delete this one instead, or `all`.")
def checkpoints(guide: Path, kind: str, delete: str | None) -> None:
    """List the checkpoints that runs have taken of the lab, the last used first.

    At most RUNBOOK_CHECKPOINTS_COUNT of all labs are kept (40), of at most
    RUNBOOK_CHECKPOINTS_BYTES in all (20000000000). With a count of 0 runs take none.
    """
    from runbook.commands.labs.lab import delete_checkpoint, open_checkpoints, show_checkpoints

    opened = open_checkpoints(guide, kind)
    if delete is None:
        show_checkpoints(opened)
    else:
        delete_checkpoint(opened, delete)


@lab.command()
@click.argument("step", metavar="ID")
@guide_argument
@hosts_option
@choose_option
@click.option("--unmarked", is_flag=True, help="Code blocks outside of steps have run as well.")
@click.option(
    "--agree",
    metavar="ID",
    multiple=True,
    help="With --unmarked: this step, which needs consent, has run as well.",
)
@lenient_option
def reset(
    step: str,
    guide: Path,
    kind: str,
    choose: dict[str, str],
    unmarked: bool,
    agree: tuple[str, ...],
    lenient: bool,
) -> None:
    """Bring the lab to just before the step ID.

    The newest checkpoint before the step is restored, and what is missing after it is run. The
    next run begins with that step. Exit status as for `runbook run`, but 0 whenever the lab is
    there.
    """
    from runbook.commands.labs.reset import reset
    from runbook.execution.selection import Selection

    selection = Selection(unmarked=unmarked, chosen=choose)
    sys.exit(reset(guide, kind, step, selection, agree, lenient=lenient))


@lab.command()
@click.option(
    "--lab",
    "kind",
    type=click.Choice(["container", "vagrant"]),
    help="Only what this kind of lab needs; both without it.",
)
@click.option("--again", is_flag=True, help="Test again, even if tested since the last boot.")
def doctor(kind: str | None, again: bool) -> None:
    """Show whether containers and virtual machines can run on this machine, and what would help.

    Exit status 0 if hosts run at full speed, 1 if they are emulated, 3 if they cannot run. Without
    --lab it is that of virtual machines.
    """
    from runbook.commands.labs.doctor import diagnose

    sys.exit(diagnose(kind, again=again))
