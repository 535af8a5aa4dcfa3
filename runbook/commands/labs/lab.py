"""`runbook lab`: open, show and remove the lab of a guide, and log in to its hosts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import click
from attrs import evolve

from runbook.commands.guide import run_directory
from runbook.errors import RunbookError
from runbook.execution.secrets import THROWAWAY
from runbook.labs import Lab, SupportsCheckpoints, SupportsSnapshots, ssh
from runbook.labs.container.lab import ContainerLab
from runbook.labs.local import LocalLab
from runbook.labs.ssh import StaticLab
from runbook.labs.vagrant.lab import VagrantLab
from runbook.model import cluster
from runbook.model.suggestion import did_you_mean
from runbook.report.text import sanitize
from runbook.terminal.connection import Connection
from runbook.terminal.environment import of_client


def open_lab(
    guide: Path,
    kind: str,
    host: str | None = None,
    inventory: Path | None = None,
    chosen: Mapping[str, str] | None = None,
    *,
    worker: str = "",
    platform: str = "",
) -> Lab:
    """Return the guide's lab of that kind, running or not.

    For a local lab, `host` names the host of the guide that this machine is. For a static lab,
    `inventory` is a file to use instead of the guide's own. `chosen` are alternatives by the name
    of the choice; where it says nothing, the cluster file does. Each `worker` has a lab of its
    own. Hosts that are made are of the `platform`, if one is given.

    Raises:
        RunbookError: the guide's cluster or inventory is missing or wrong or of no use to the lab,
            or its machines are somebody's and cannot be had once more for a worker.

    """
    path = guide / cluster.PLACE
    if inventory is not None and kind != "static":
        raise RunbookError(f"an inventory is for --lab static, and this is a {kind} lab")
    if kind in ("container", "vagrant"):
        described = cluster.load(path).choosing(chosen or {})
        if worker:
            described = evolve(described, name=f"{described.name}-{worker}")
        if platform:
            hosts = tuple(evolve(one, platform=platform) for one in described.hosts)
            described = evolve(described, hosts=hosts)
        if kind == "container":
            lab = ContainerLab(described, path.parent)
            if worker:
                lab.lock_directory = run_directory(guide, f"container-{worker}") / "lab"
                lab.lock_directory.mkdir(parents=True, exist_ok=True)
            return lab
        return VagrantLab(described, guide)
    if worker:
        raise RunbookError(f"there is only one {kind} lab, so a single process must run the guide")
    known = cluster.load(path).choosing(chosen or {}) if path.exists() else None
    if kind == "static":
        return StaticLab(known, inventory or guide / ssh.INVENTORY)
    return LocalLab(known, host)


def open_snapshots(guide: Path, kind: str) -> SupportsSnapshots:
    """Return the guide's lab of that kind, which must support snapshots.

    Raises:
        RunbookError: it does not.

    """
    lab = open_lab(guide, kind)
    if not isinstance(lab, SupportsSnapshots):
        raise RunbookError(f"a {kind} lab has no snapshots: its machines were not made by runbook")
    return lab


def open_checkpoints(guide: Path, kind: str) -> SupportsCheckpoints:
    """Return the guide's lab of that kind, which must support checkpoints.

    Raises:
        RunbookError: it does not.

    """
    lab = open_lab(guide, kind)
    if not isinstance(lab, SupportsCheckpoints):
        raise RunbookError(
            f"a {kind} lab has no checkpoints: its machines were not made by runbook"
        )
    return lab


def show_checkpoints(lab: SupportsCheckpoints) -> None:
    """List the checkpoints of a lab, the last used first."""
    rows = [
        (
            one.name,
            _last_step(one.about) or "-",
            _age(one.taken),
            _age(one.used),
            f"{one.size / 1e6:.0f} MB",
        )
        for one in lab.checkpoints()
    ]
    if rows:
        _print_table([("NAME", "AFTER STEP", "TAKEN", "LAST USED", "SIZE"), *rows])


def delete_checkpoint(lab: SupportsCheckpoints, name: str) -> None:
    """Delete the checkpoint `name` of a lab, or all.

    Raises:
        RunbookError: there is none of that name.

    """
    known = [one.name for one in lab.checkpoints()]
    if name not in ("all", *known):
        raise RunbookError(
            f"there is no checkpoint {name!r}; there are {', '.join(known) or 'none'}"
        )
    for one in known if name == "all" else [name]:
        lab.delete_checkpoint(one)
        click.echo(f"deleted checkpoint {one}")


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _last_step(about: str) -> str:
    """Return the last step that was done when a checkpoint was taken, from what a run noted."""
    try:
        return str(json.loads(about)["outcomes"][-1]["step"])
    except (ValueError, LookupError, TypeError):
        return ""


def _age(moment: float) -> str:
    """Return how long ago a moment was, in its largest unit."""
    seconds = max(0, int(time.time() - moment))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def use_throwaway_secrets(guide: Path, kind: str) -> None:
    """Let secrets that nobody gives be made up, if the lab of that kind is made and removed by us.

    They are kept for the lab's later runs.
    """
    if kind in ("container", "vagrant"):
        os.environ.setdefault(THROWAWAY, str(guide / "build" / kind / "secrets"))


def remove(guide: Path, kind: str, tell: Callable[[str], None], *, image: bool) -> None:
    """Remove the guide's lab of that kind, and with `image` also its images."""
    lab = open_lab(guide, kind)
    if isinstance(lab, ContainerLab | VagrantLab):
        lab.down(tell, image=image)
    else:
        lab.down(tell)


def show_status(lab: Lab) -> bool:
    """Show the state of each host of `lab`; true if all are running."""
    found = lab.status()
    addresses = {host.name: host.address for host in lab.cluster.hosts}
    for host in found:
        # The detail may be a host's own words.
        detail = sanitize(host.detail)
        click.echo(f"{host.host:8} {addresses.get(host.host, ''):16} {host.state} {detail}")
    return all(host.state == "running" for host in found)


def open_shell(lab: Lab, host: str, user: str) -> NoReturn:
    """Replace this process with a login shell on `host`.

    Without a terminal as its input the shell reads commands, and ends where they end.
    """
    argv = _connection(lab, host).login(user, interactive=sys.stdin.isatty())
    os.execvpe(argv[0], argv, of_client())  # noqa: S606  # the shell takes this process's place


def exec_in(lab: Lab, host: str, user: str, argv: Sequence[str]) -> int:
    """Run a command on `host` as after a login of `user`, and return its exit status.

    Its input and outputs are those of this process.
    """
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    command = _connection(lab, host).exec_argv(user, argv, interactive=interactive)
    # The command gets an interrupt as well, and decides what comes of it.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        status = subprocess.run(command, check=False, env=of_client()).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    return status if status >= 0 else 128 - status


def _connection(lab: Lab, host: str) -> Connection:
    connections = lab.connections()
    if host not in connections:
        raise RunbookError(
            f"there is no host {host!r}; there are {', '.join(connections)}"
            f"{did_you_mean(host, connections)}"
        )
    return connections[host]
