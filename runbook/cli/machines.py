"""The commands below `runbook lab`: make, inspect, keep, go back to and remove the hosts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from runbook.cli.options import guide_argument, inventory_option, lab_option


@click.group()
def lab() -> None:
    """Make, inspect and remove the machines that a guide runs on."""


@lab.command()
@guide_argument
@lab_option
@inventory_option
def up(guide: Path, kind: str, inventory: Path | None) -> None:
    """Start the lab's hosts; does nothing if they are up."""
    from runbook.operate.machines import open_lab, show_status, teller

    opened = open_lab(guide, kind, inventory=inventory)
    opened.up(teller())
    show_status(opened)


@lab.command()
@guide_argument
@lab_option
@click.option("--image", is_flag=True, help="Remove what is kept for the next time as well.")
def down(guide: Path, kind: str, image: bool) -> None:
    """Remove the lab's hosts with all they hold, also after a crash."""
    from runbook.operate.machines import remove, teller

    remove(guide, kind, teller(), image=image)


@lab.command()
@guide_argument
@lab_option
@inventory_option
def status(guide: Path, kind: str, inventory: Path | None) -> None:
    """Show the lab's hosts; exit status 3 unless all are running."""
    from runbook.operate.machines import open_lab, show_status

    sys.exit(0 if show_status(open_lab(guide, kind, inventory=inventory)) else 3)


@lab.command()
@click.argument("host")
@guide_argument
@lab_option
@inventory_option
@click.option("--user", default="root", show_default=True)
def shell(host: str, guide: Path, kind: str, inventory: Path | None, user: str) -> NoReturn:
    """Open a shell on a host of the lab."""
    from runbook.operate.machines import enter, open_lab

    enter(open_lab(guide, kind, inventory=inventory), host, user)


@lab.command()
@click.argument("name")
@guide_argument
@lab_option
@click.option("--delete", is_flag=True, help="Remove the snapshot of that name instead.")
def snapshot(name: str, guide: Path, kind: str, delete: bool) -> None:
    """Keep all hosts as they are now, under NAME."""
    from runbook.operate.machines import open_snapshots, teller

    opened = open_snapshots(guide, kind)
    if delete:
        opened.forget(name, teller())
    else:
        opened.snapshot(name, teller())


@lab.command()
@click.argument("name")
@guide_argument
@lab_option
def revert(name: str, guide: Path, kind: str) -> None:
    """Bring all hosts back to what they were when the snapshot NAME was made."""
    from runbook.operate.machines import open_snapshots, teller

    open_snapshots(guide, kind).revert(name, teller())


@lab.command()
@guide_argument
@lab_option
def snapshots(guide: Path, kind: str) -> None:
    """List the snapshots of the lab, the oldest first."""
    from runbook.operate.machines import open_snapshots

    for name in open_snapshots(guide, kind).snapshots():
        click.echo(name)


@lab.command()
@click.option("--again", is_flag=True, help="Try it anew, though it was tried since the last boot.")
def doctor(again: bool) -> None:
    """Show what virtual machines find on this machine, why, and what can be done about it.

    Exit status 0 if they run at full speed, 1 if they are emulated, 3 if they cannot run.
    """
    from runbook.operate.doctor import diagnose

    sys.exit(diagnose(again=again))
