"""Virtual machines are saved as checkpoints with their memory, and brought back."""

from __future__ import annotations

import pytest

from runbook.labs import LabError, Origin, SupportsCheckpoints
from runbook.labs.checkpoint_store import COUNT
from runbook.labs.vagrant.lab import VagrantLab
from tests.support.lab_shell import on
from tests.support.machines import MARKS

pytestmark = MARKS


def quiet(line: str) -> None:
    """Say nothing of a lab's progress."""


def test_machines_go_on_from_a_checkpoint(
    machines: VagrantLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and running programs are as they were; snapshots of the operator's are others."""
    assert isinstance(machines, SupportsCheckpoints)
    snapshots = machines.snapshots()
    on(machines, "one", "echo 1 >/root/file; systemd-run --unit=busy sleep infinity")
    instance = machines.instance()
    machines.take_checkpoint("a", "what was done", quiet)
    assert (machines.instance(), machines.snapshots()) == (instance, snapshots)
    one = machines.checkpoints()[0]
    assert (one.name, one.about) == ("a", "what was done")
    assert one.size > 10_000_000
    on(machines, "one", "echo 2 >/root/file; systemctl stop busy")
    on(machines, "two", "touch /root/new")
    machines.restore_checkpoint("a", quiet)
    assert on(machines, "one", "cat /root/file; systemctl is-active busy") == "1\nactive"
    assert on(machines, "two", "ls /root/new 2>/dev/null || echo gone") == "gone"
    assert machines.origin() == (Origin.CHECKPOINT, "a")
    assert machines.instance() != instance
    monkeypatch.setenv(COUNT, "1")
    machines.take_checkpoint("b", "", quiet)
    assert [one.name for one in machines.checkpoints()] == ["b"]
    with pytest.raises(LabError, match="there is no checkpoint 'a'"):
        machines.restore_checkpoint("a", quiet)


def test_machines_are_made_anew_and_their_checkpoints_stay(machines: VagrantLab) -> None:
    """They are as after their first boot."""
    machines.take_checkpoint("kept", "", quiet)
    on(machines, "one", "touch /root/kept")
    instance = machines.instance()
    machines.renew(quiet)
    assert on(machines, "one", "ls /root/kept 2>/dev/null || echo gone") == "gone"
    assert machines.origin() == (Origin.FRESH, "")
    assert machines.instance() != instance
    assert "kept" in {one.name for one in machines.checkpoints()}


def test_a_machine_that_is_off_is_named(machines: VagrantLab) -> None:
    """Nothing is saved then; a restore starts it."""
    machines.take_checkpoint("kept", "", quiet)
    machines.stop("two")
    with pytest.raises(LabError, match="not all machines are running: two"):
        machines.take_checkpoint("broken", "", quiet)
    assert "broken" not in {one.name for one in machines.checkpoints()}
    machines.restore_checkpoint("kept", quiet)
    assert {one.state for one in machines.status()} == {"running"}
    machines.delete_checkpoint("kept")
    assert "kept" not in {one.name for one in machines.checkpoints()}
