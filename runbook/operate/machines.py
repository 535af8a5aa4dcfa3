"""The lab that a guide runs on: open it, show it, and enter it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from runbook import cluster
from runbook.errors import RunbookError
from runbook.labs import Lab
from runbook.labs.container import ContainerLab
from runbook.labs.local import LocalLab


def open_lab(guide: Path, kind: str, host: str | None = None) -> Lab:
    """Return the guide's lab of that kind, up or not.

    Raises:
        RunbookError: the guide's cluster is missing or wrong.

    """
    if kind == "container":
        return open_container_lab(guide)
    path = guide / cluster.PLACE
    return LocalLab(cluster.load(path) if path.exists() else None, host)


def open_container_lab(guide: Path) -> ContainerLab:
    """Return the guide's lab of containers, up or not."""
    return ContainerLab(cluster.load(guide / cluster.PLACE), guide / cluster.PLACE.parent)


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
