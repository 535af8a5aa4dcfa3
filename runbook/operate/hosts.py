"""The hosts of a lab, ready to be worked on."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runbook import cluster
from runbook.errors import RunbookError
from runbook.labs import Lab
from runbook.live import LiveHost
from runbook.model import Runbook
from runbook.result import Probed
from runbook.runner import Choice


def live_hosts(lab: Lab, recordings: Path | None = None) -> dict[str, LiveHost]:
    """Return the lab's hosts, connected when they are first used."""
    return {
        name: LiveHost(connection, lab.cluster.environment, recordings)
        for name, connection in lab.connections().items()
    }


def probe_all(live: Mapping[str, LiveHost]) -> dict[str, Probed]:
    """Ask all hosts at once what they are; one that does not answer is left out."""

    def ask(host: LiveHost) -> Probed | None:
        try:
            return host.probed()
        except RunbookError:
            # The steps on this host will say so, one by one.
            return None

    with ThreadPoolExecutor(max_workers=max(1, len(live))) as pool:
        answers = dict(zip(live, pool.map(ask, live.values()), strict=True))
    return {name: answer for name, answer in answers.items() if answer is not None}


def refuse_unknown_hosts(runbook: Runbook, lab: Lab) -> None:
    """Make sure that every step is for hosts that the lab's cluster has.

    Raises:
        RunbookError: a step is for a host or group that nobody has described.

    """
    known = ", ".join(host.name for host in lab.cluster.hosts)
    for step in runbook.steps():
        for name in step.on:
            try:
                lab.cluster.select((name,))
            except KeyError as error:
                raise RunbookError(
                    f"{step.location}: on: there is no host or group {name!r} in this lab; "
                    f"it has: {known}; a guide's hosts are described in {cluster.PLACE}"
                ) from error


def ensure_runnable(runbook: Runbook, lab: Lab, choice: Choice) -> None:
    """Make sure that there is something to run, before anybody is asked or a host is started.

    Raises:
        RunbookError: no step is left to run, or one is for hosts that the lab does not have.

    """
    if all(choice.refuses(step) for step in runbook.steps()):
        raise RunbookError("no step is selected, so there is nothing to run")
    refuse_unknown_hosts(runbook, lab)
