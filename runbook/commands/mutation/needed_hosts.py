"""The hosts that steps need: those that they run on, and those that they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runbook.execution.schedule import Schedule
from runbook.model import Host
from runbook.model.shared_source import SharedSource
from runbook.mutation.named_hosts import hosts_named


def hosts_needed(
    plan: Schedule, hosts: Sequence[Host], steps: Iterable[str], shared: SharedSource
) -> frozenset[str]:
    """Return the hosts that the steps of these ids need."""
    found: set[str] = set()
    for one in (plan.by_id()[step] for step in steps):
        found |= {host for host, _ in one.hosts} | hosts_named(one.step, hosts, shared)
    return frozenset(found)
