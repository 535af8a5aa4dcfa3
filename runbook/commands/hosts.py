"""The hosts of a lab: connect to them and probe them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runbook.commands.guide import unknown_id
from runbook.commands.root import refuse_without_root
from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection
from runbook.execution.selection import Selection
from runbook.labs import Lab
from runbook.model import Runbook, cluster
from runbook.model.suggestion import did_you_mean
from runbook.redaction.known import KnownSecrets
from runbook.results import Probed


def hosts_of(
    lab: Lab,
    recordings: Path | None = None,
    known: KnownSecrets | None = None,
    scope: str = "",
    watching: Callable[[str, bytes], None] | None = None,
) -> dict[str, HostConnection]:
    """Return the lab's hosts by name; each connects when it is first used.

    What is recorded of them is without the `known` secrets. What runs in their sessions belongs to
    the run `scope`, as `lab.run`, and ends with it. `watching` gets what is recorded of a
    host, with its name, at the same time.
    """
    known = known or KnownSecrets()
    return {
        name: HostConnection(
            connection,
            lab.cluster.environment,
            recordings,
            ordinary_user=lab.cluster.user,
            known=known,
            scope=scope,
            watching=None if watching is None else functools.partial(watching, name),
        )
        for name, connection in lab.connections().items()
    }


def probe_all(
    hosts: Mapping[str, HostConnection],
) -> tuple[dict[str, Probed], dict[str, str]]:
    """Probe all hosts concurrently; return what each says of itself, or why it says nothing."""

    def probe(host: HostConnection) -> Probed | str:
        try:
            return host.probed()
        except RunbookError as error:
            return str(error)

    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        answers = dict(zip(hosts, pool.map(probe, hosts.values()), strict=True))
    return (
        {name: answer for name, answer in answers.items() if isinstance(answer, Probed)},
        {name: answer for name, answer in answers.items() if isinstance(answer, str)},
    )


def refuse_unknown_hosts(runbook: Runbook, lab: Lab) -> None:
    """Ensure that the lab has the hosts of every step.

    Raises:
        RunbookError: a step names a host or group that the lab does not have.

    """
    known = ", ".join(host.name for host in lab.cluster.hosts)
    for step in runbook.steps():
        for name in step.on:
            try:
                lab.cluster.select((name,))
            except KeyError as error:
                names = [*(host.name for host in lab.cluster.hosts), *lab.cluster.groups]
                raise RunbookError(
                    f"{step.location}: on: there is no host or group {name!r} in this lab; "
                    f"it has: {known}; its hosts are defined in {cluster.PLACE}"
                    f"{did_you_mean(name, names)}"
                ) from error


def ensure_runnable(runbook: Runbook, lab: Lab, selection: Selection) -> None:
    """Ensure that there is something to run, before asking anything or starting a host.

    Raises:
        RunbookError: no step is selected, there is no step of a given id, or one names hosts that
            the lab does not have; or the lab needs root.

    """
    refuse_without_root(lab)
    steps = {step.id: step for step in runbook.steps()}
    named = {"--from": selection.first, "--until": selection.last, "reset": selection.reset}
    for option, id_ in named.items():
        if id_ and id_ not in steps:
            raise RunbookError(f"{option}: {unknown_id(id_, steps)}")
    if not any(selection.wants(one) and not selection.refuses(one) for one in steps.values()):
        raise RunbookError("no step is selected, so there is nothing to run")
    refuse_unknown_hosts(runbook, lab)
