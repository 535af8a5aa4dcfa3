"""What testinfra is told of a host without asking, and what it always asks."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.results import CheckResult
from runbook.terminal.pipe import Pipe, PipeResult
from tests.support.steps import check, local_hosts

SOURCE = (
    'assert host.system_info.type == "linux"\n'
    f'assert host.system_info.arch == "{os.uname().machine}"\n'
    'assert host.file("/etc/passwd").exists\n'
    'assert not host.package("nobody-has-this").is_installed\n'
    "assert host.system_info.distribution"
)


@pytest.fixture
def hosts() -> Iterator[dict[str, HostConnection]]:
    """One host, a, which is this machine."""
    with local_hosts("a") as live:
        yield live


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that were run through pipes."""
    commands: list[str] = []
    run = Pipe.run

    def noted(pipe: Pipe, command: str, *, timeout: float) -> PipeResult:
        commands.append(command)
        return run(pipe, command, timeout=timeout)

    monkeypatch.setattr(Pipe, "run", noted)
    return commands


def result(source: str, hosts: dict[str, HostConnection]) -> CheckResult:
    """How a check with this source ends on host a."""
    return evaluate(check(source), HostMap(hosts), "a")


def test_what_no_step_can_change_is_asked_once_for_each_connection(
    hosts: dict[str, HostConnection], asked: list[str]
) -> None:
    """Kernel and kind of packages; files and the release are asked anew every time."""
    assert result(SOURCE, hosts).held
    first = list(asked)
    assert "uname -sm" in first
    asked.clear()
    assert result(SOURCE, hosts).held
    assert "uname -sm" not in asked
    assert {"test -e /etc/passwd", "cat /etc/os-release"} < set(asked)
    # A host that has started anew may have another kernel.
    hosts["a"].pipe().close()
    asked.clear()
    assert result(SOURCE, hosts).held
    assert asked == first


def test_a_check_of_a_file_is_one_command(
    hosts: dict[str, HostConnection], asked: list[str]
) -> None:
    """On a host that was asked before."""
    result(SOURCE, hosts)
    asked.clear()
    assert result('assert host.file("/etc/passwd").exists', hosts).held
    assert asked == ["test -e /etc/passwd"]
