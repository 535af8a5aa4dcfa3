"""How long a host may take to boot."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.container import boot
from runbook.labs.container.boot import NotifySocket, stretched


def tell(directory: Path) -> None:
    """Say what systemd says when a host has booted."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"STATUS=up\nREADY=1", str(directory / "notify"))


def test_a_host_is_waited_for_as_long_as_the_machine_is_busy(tmp_path: Path) -> None:
    """What was enough when the wait began is not when the machine has become busy meanwhile."""
    asked = []

    def patience(limit: float) -> float:
        asked.append(limit)
        if len(asked) == 2:
            tell(tmp_path)
        return 0.0 if len(asked) == 1 else 60.0

    with NotifySocket(tmp_path) as notify:
        notify.wait(os.getpid(), 0.01, patience)
    assert asked == [0.01] * 3


def test_a_host_that_is_not_ready_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """The message says how long it was."""
    with (
        NotifySocket(tmp_path) as notify,
        pytest.raises(LabError, match="its systemd was not ready after 0 s"),
    ):
        notify.wait(os.getpid(), 0.01, lambda limit: limit)


def test_a_host_that_is_silent_is_looked_at_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done then may be all that it needs to go on."""
    monkeypatch.setattr(boot, "_LOOK", 0.01)
    looks = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            tell(tmp_path)

    with NotifySocket(tmp_path) as notify:
        notify.wait(os.getpid(), 60.0, idle=look)
    assert len(looks) == 3


def test_a_limit_follows_the_load_of_the_machine() -> None:
    """It is never shorter than on an idle one."""
    load = max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))
    assert 90.0 <= stretched(90.0) <= 900.0
    assert stretched(90.0) == pytest.approx(90.0 * min(10.0, load), rel=0.2)
