"""`runbook init`: a guide to begin with, written to a directory."""

from __future__ import annotations

import os
import shlex
from importlib import resources
from pathlib import Path
from typing import Final

import click

from runbook.errors import RunbookError
from runbook.labs.privilege import as_root, program

FILES: Final = {
    "conf.py": "how Sphinx reads the guide",
    "index.rst": "its first page",
    "web-server.rst": "a chapter with two steps",
    "lab/cluster.yaml": "the host that they run on",
    "README.md": "the next commands",
    ".gitignore": "what git leaves out",
}
"""The files of a new guide, and what each is for."""


def write_guide(directory: Path) -> None:
    """Write a guide of one chapter and two steps to `directory`, which is made if it is missing.

    Raises:
        RunbookError: a file of that name is there already; nothing was written.

    """
    # A link that leads nowhere would be followed when it is written to.
    there = [name for name in FILES if os.path.lexists(directory / name)]
    if there:
        raise RunbookError(
            f"{directory}: nothing was written, because there is already {', '.join(there)}"
        )
    source = resources.files("runbook.commands.authoring") / "new_guide"
    for name in FILES:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Where a name that begins with a dot stands in the package, git would obey the file.
        content = (source / name.removeprefix(".")).read_text(encoding="utf-8")
        with path.open("x", encoding="utf-8") as file:
            file.write(content)


def show_next(directory: Path) -> None:
    """Say what was written to `directory`, and what to type next."""
    click.echo(f"A new guide is in {directory}:\n")
    width = max(map(len, FILES))
    for name, meaning in FILES.items():
        click.echo(f"  {name:{width}}  {meaning}")
    place = shlex.quote(str(directory))
    commands = {
        f"{program()} plan {place}": "show the steps; runs nothing",
        f"{as_root()} run {place}": "run them in a new container",
    }
    click.echo("\nNext:\n")
    width = max(map(len, commands))
    for command, meaning in commands.items():
        click.echo(f"  {command:{width}}  # {meaning}")
