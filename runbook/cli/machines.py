"""The commands about the machines that a guide runs on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from runbook.cli.options import guide_argument


@click.group()
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
