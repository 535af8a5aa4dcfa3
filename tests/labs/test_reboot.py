"""A container that is told to reboot is started again, and knows its own name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from runbook.execution.hosts.host import HostConnection
from runbook.labs import Origin
from runbook.labs.container.lab import ContainerLab
from runbook.terminal.faults import Failure, HostLost
from tests.labs.test_checkpoints import described, pytestmark, quiet
from tests.support.lab_shell import on

__all__ = ["pytestmark"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerLab]:
    """A lab of two hosts that is up."""
    made = described(tmp_path_factory.mktemp("rebooted"))
    try:
        made.up(quiet)
        yield made
    finally:
        made.down(quiet)


@pytest.fixture
def host(lab: ContainerLab) -> Iterator[HostConnection]:
    """A connection to one of its hosts, with a session and a pipe open."""
    with contextlib.closing(HostConnection(lab.connections()["one"], {})) as opened:
        opened.session("root")
        opened.pipe()
        yield opened


def leave(host: HostConnection, command: str) -> None:
    """Run a command that takes the host away."""
    with contextlib.suppress(HostLost, Failure):
        host.session("root").run(command, timeout=20)


@pytest.mark.parametrize("command", ["reboot", "shutdown -r now", "systemctl reboot"])
def test_a_container_comes_back_after_a_reboot(
    lab: ContainerLab, host: HostConnection, command: str
) -> None:
    """It is the same host with its files, its network and another boot."""
    instance = lab.instance()
    before = host.boot()
    leave(host, f"touch /root/before; {command}")
    host.returned(before, anew=True, timeout=60)
    assert host.boot() != before
    assert host.session("root").run("ls /root/before", timeout=20).status == 0
    assert on(lab, "one", "systemctl is-system-running") == "running"
    on(lab, "one", "(exec 3<>/dev/tcp/10.74.0.12/9) 2>&1 | grep -q refused")
    assert (lab.instance(), lab.origin()) == (instance, (Origin.FRESH, ""))


def test_a_journal_that_is_kept_is_there_after_a_reboot(
    lab: ContainerLab, host: HostConnection
) -> None:
    """As on a machine with a disk; and as there, it is kept only if somebody has made its place."""
    assert on(lab, "one", "ls /var/log").split().count("journal") == 0
    on(
        lab,
        "one",
        "mkdir -p /var/log/journal && systemctl restart systemd-journald && journalctl --flush"
        " && logger -t drill 'a line before the reboot' && journalctl --sync",
    )
    before = host.boot()
    leave(host, "reboot")
    host.returned(before, anew=True, timeout=60)
    assert on(lab, "one", "journalctl -t drill -o cat --no-pager") == "a line before the reboot"


def test_a_container_that_is_switched_off_is_told_at_once(
    lab: ContainerLab, host: HostConnection
) -> None:
    """It is not waited for, and can be started again."""
    before = host.boot()
    leave(host, "poweroff")
    with pytest.raises(HostLost, match="one: it was switched off; `runbook lab up` starts it"):
        host.returned(before, anew=True, timeout=60)
    lab.up(quiet)
    assert on(lab, "one", "hostname") == "one"


def test_a_container_finds_itself_by_its_name(lab: ContainerLab) -> None:
    """As a Debian machine does: the name is behind a loopback address."""
    assert on(lab, "one", "getent hosts $(hostname)").split() == ["127.0.1.1", "one"]
