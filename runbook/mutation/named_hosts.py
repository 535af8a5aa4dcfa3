"""The hosts that a step speaks of, besides those that it runs on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runbook.model import Host, Step
from runbook.model.shared_source import SharedSource
from runbook.model.typed import typed
from runbook.results.asked_hosts import hosts_asked


def hosts_named(step: Step, hosts: Sequence[Host], shared: SharedSource) -> frozenset[str]:
    """Return the hosts whose names or addresses are in what is typed, written or checked.

    A check that may ask all `hosts` names all of them.
    """
    text = "\n".join((typed(step, contents=True), *(check.source for check in step.checks)))
    words = set(re.findall(r"[\w-]+(?:\.\d+)*", text))
    found = {host.name for host in hosts if words & {host.name, host.address}}
    return frozenset(found.union(*hosts_asked(step, hosts, shared)))
