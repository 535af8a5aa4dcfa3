"""An emulated host gets more time than the guide says, and any other host exactly that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from attrs import evolve

from runbook.live import LiveHost, closing_all
from runbook.model import Step
from runbook.result import Outcome, Verdict
from runbook.runner import walk
from tests.needs import lacking_for_ssh
from tests.sshd import Server
from tests.steps import CLUSTER, check, runbook, step

pytestmark = [
    pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-"),
    # Checks are root's, and this server has no sudo.
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose checks go over this ssh"),
]


def verdict(one: Step, server: Server, patience: float) -> Verdict:
    """What `one` comes to on a host of that patience."""
    live = {"a": LiveHost(server.connection("a", patience=patience), {})}
    with closing_all(live):
        events = list(walk(runbook(one), CLUSTER, live))
    return next(event.verdict for event in events if isinstance(event, Outcome))


@pytest.mark.parametrize(("patience", "expected"), [(1.0, Verdict.FAILED), (200.0, Verdict.PASSED)])
def test_a_slow_command_may_go_on_where_hosts_are_slow(
    server: Server, patience: float, expected: Verdict
) -> None:
    """Its `:timeout:` is that of a real processor."""
    slow = evolve(step("slow", "sleep 1"), timeout=0.2)
    assert verdict(slow, server, patience) == expected


@pytest.mark.parametrize(("patience", "expected"), [(1.0, Verdict.FAILED), (200.0, Verdict.PROVEN)])
def test_a_check_waits_longer_where_hosts_are_slow(
    server: Server, patience: float, expected: Verdict
) -> None:
    """So does its `:within:`: here the state comes long after it, and long before it times 200."""
    text = 'host.run("echo >>{0}"); assert len(host.file("{0}").content_string) > 6'
    path = Path(f"/tmp/patience-{os.getpid()}-{patience:.0f}")
    late = step("late", "true", checks=(check(text.format(path), within=0.1),))
    try:
        assert verdict(late, server, patience) == expected
    finally:
        path.unlink()
