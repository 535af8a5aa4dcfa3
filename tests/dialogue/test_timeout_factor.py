"""Timeouts are extended on emulated hosts, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from attrs import evolve

from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.model import Step
from runbook.results import Verdict
from tests.support.needs import lacking_for_ssh
from tests.support.sshd import Server
from tests.support.steps import check, outcomes, runbook, step

pytestmark = [
    pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-"),
    # Checks are root's, and this server has no sudo.
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose checks go over this ssh"),
]


def verdict(one: Step, server: Server, timeout_factor: float) -> Verdict:
    """Return the verdict of `one` on a host with that factor."""
    hosts = {"a": HostConnection(server.connection("a", timeout_factor=timeout_factor), {})}
    with closing_all(hosts):
        return outcomes(runbook(one), hosts)[0].verdict


@pytest.mark.parametrize(
    ("timeout_factor", "expected"), [(1.0, Verdict.FAILED), (200.0, Verdict.RAN)]
)
def test_a_command_has_more_time_on_a_slow_host(
    server: Server, timeout_factor: float, expected: Verdict
) -> None:
    """Its `:timeout:` is multiplied by the factor."""
    slow = evolve(step("slow", "sleep 1"), timeout=0.2)
    assert verdict(slow, server, timeout_factor) == expected


@pytest.mark.parametrize(
    ("timeout_factor", "expected"), [(1.0, Verdict.FAILED), (200.0, Verdict.PROVEN)]
)
def test_a_check_waits_longer_on_a_slow_host(
    server: Server, timeout_factor: float, expected: Verdict
) -> None:
    """So is its `:within:`: the state is reached well after 0.1 s, and well before 20 s."""
    text = 'host.run("echo >>{0}"); assert len(host.file("{0}").content_string) > 6'
    path = Path(f"/tmp/factor-{os.getpid()}-{timeout_factor:.0f}")
    late = step("late", "true", checks=(check(text.format(path), within=0.1),))
    try:
        assert verdict(late, server, timeout_factor) == expected
    finally:
        path.unlink()
