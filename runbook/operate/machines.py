"""The lab that a guide runs on: open it, show it, and enter it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from runbook import cluster
from runbook.errors import RunbookError
from runbook.labs import Lab, LabError, RecipeError, Snapshots, static
from runbook.labs.container import ContainerLab
from runbook.labs.local import LocalLab
from runbook.labs.static import StaticLab
from runbook.labs.vagrant import VagrantLab
from runbook.yamlfile import YamlFile


def open_lab(guide: Path, kind: str, host: str | None = None, inventory: Path | None = None) -> Lab:
    """Return the guide's lab of that kind, up or not.

    `host` is for a local lab: which of the guide's hosts this machine is. `inventory` is for a
    static one: another file than the guide's own.

    Raises:
        RunbookError: the guide's cluster or inventory is missing or wrong.

    """
    path = guide / cluster.PLACE
    if kind in ("container", "vagrant"):
        described = cluster.load(path)
        try:
            if kind == "container":
                return ContainerLab(described, path.parent)
            return VagrantLab(described, guide)
        except RecipeError as error:
            raise YamlFile.read(path, LabError).error(str(error), *error.keys) from error
    known = cluster.load(path) if path.exists() else None
    if kind == "static":
        return StaticLab(known, inventory or guide / static.PLACE)
    return LocalLab(known, host)


def open_snapshots(guide: Path, kind: str) -> Snapshots:
    """Return the guide's lab of that kind, which must be one that keeps snapshots.

    Raises:
        RunbookError: it does not.

    """
    lab = open_lab(guide, kind)
    if not isinstance(lab, Snapshots):
        raise RunbookError(
            f"a {kind} lab keeps no snapshots: its machines are not the runbook's own"
        )
    return lab


def remove(guide: Path, kind: str, tell: Callable[[str], None], *, image: bool) -> None:
    """Remove the guide's lab of that kind, and with `image` what is kept for the next time."""
    lab = open_lab(guide, kind)
    if isinstance(lab, ContainerLab | VagrantLab):
        lab.down(tell, image=image)
    else:
        lab.down(tell)


def teller() -> Callable[[str], None]:
    """Return a function that shows a line of a lab's progress."""
    return lambda line: click.echo(line)


def show_status(lab: Lab) -> bool:
    """Show the state of each host of `lab`; true if all are running."""
    found = lab.status()
    addresses = {host.name: host.address for host in lab.cluster.hosts}
    for host in found:
        click.echo(f"{host.host:8} {addresses.get(host.host, ''):16} {host.state} {host.detail}")
    return all(host.state == "running" for host in found)


def enter(lab: Lab, host: str, user: str) -> NoReturn:
    """Replace this process by a login shell on `host`."""
    connections = lab.connections()
    if host not in connections:
        raise RunbookError(f"there is no host {host!r}; there are {', '.join(connections)}")
    argv = connections[host].login(user)
    os.execvp(argv[0], argv)  # noqa: S606  # the shell takes this process's place
