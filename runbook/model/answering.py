"""Which hosts have other answers to a program's questions, because of a group that they are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runbook.model.actions import Dialogue
from runbook.model.host import Host
from runbook.model.nouns import Step


def answering_hosts(step: Step, hosts: Sequence[Host]) -> list[list[str]]:
    """Return the names of those `hosts`, for each answer of a group in the order of the guide.

    An answer for hosts that are named one by one says all of it itself, and is left out.
    """
    names = {host.name for host in hosts}
    return [
        [host.name for host in hosts if set(on) & {host.name, *host.groups}]
        for on in _answered_on(step)
        if set(on) - names
    ]


def _answered_on(step: Step) -> Iterable[tuple[str, ...]]:
    for action in step.actions:
        if isinstance(action, Dialogue):
            for turn in action.turns:
                yield from (other.on for other in turn.overrides)
