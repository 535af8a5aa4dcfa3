"""How long a step waits for its checks before it has failed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.execution.hosts.host import HostConnection
from runbook.model import Check
from runbook.results import Outcome, Verdict
from tests.support.steps import check, events, local_hosts, runbook, step


@pytest.fixture
def hosts() -> Iterator[dict[str, HostConnection]]:
    """One host, which is this machine."""
    with local_hosts("a") as found:
        yield found


def outcome(hosts: dict[str, HostConnection], action: str, *checks: Check) -> Outcome:
    """Return what became of a step with that action and these checks."""
    tried = events(runbook(step("wait", action, checks=checks)), hosts)
    (found,) = (one for one in tried if isinstance(one, Outcome))
    return found


def test_checks_that_do_not_hold_wait_at_the_same_time(hosts: dict[str, HostConnection]) -> None:
    """The step has failed with the first of them."""
    never = tuple(check("assert 1 == 2", f"it is {n}", within=2) for n in range(6))
    began = time.monotonic()
    found = outcome(hosts, "true", *never)
    assert time.monotonic() - began < 12
    assert found.verdict is Verdict.FAILED
    assert [one.held for one in found.after] == [False] * 6


def test_each_check_has_its_own_time_after_one_that_does_not_hold(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """What comes late, but in time, holds: the record says which checks noticed a mistake."""
    never = check("assert 1 == 2", "it is two")
    late = check(f'assert host.file("{tmp_path}/late").exists', "it comes late", within=60)
    found = outcome(hosts, f"(sleep 1; touch {tmp_path}/late) &", never, late)
    assert [one.held for one in found.after] == [False, True]
