"""What runs that were killed have left running, and how the next run ends it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from runbook.execution.hosts import watch
from runbook.execution.hosts.host import HostConnection
from runbook.terminal import scope as scopes

_TIMEOUT: Final = 30.0


def end_leftovers(
    hosts: Mapping[str, HostConnection], scope: str, log: Callable[[str], None]
) -> None:
    """End what earlier runs have left running, here and on `hosts`, before anything is typed.

    `scope` is the present run, as `lab.run`. Nothing is ended without it.

    Raises:
        RunbookError: that cannot be done.

    """
    if not scope:
        return
    lab, _, run = scope.partition(".")
    # First this end of their connections, and then what goes on at the other one.
    subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", scopes.end(lab, keep=run)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=_TIMEOUT,
    )
    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        ended = pool.map(lambda host: watch.end_leftovers(host.pipe(), scope), hosts.values())
        for name, count in zip(hosts, ended, strict=True):
            if count:
                log(f"{name}: ended what a killed run had left running ({count} processes)")
