"""The command that writes a new guide: `init`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> None:
    """Write a new guide to DIRECTORY: a chapter of two steps, and a host to run them on.

    It is complete: it can be planned, run and built. No file is overwritten.
    """
    from runbook.commands.authoring.init import show_next, write_guide

    write_guide(directory)
    show_next(directory)
