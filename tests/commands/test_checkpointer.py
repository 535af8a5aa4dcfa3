"""A checkpoint is never of hosts on which a step was begun and not done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field

from runbook.commands.running.checkpoints import Checkpointer
from runbook.execution.hosts.host import HostConnection
from runbook.labs import LabError, Origin
from runbook.labs.checkpoint_store import COUNT
from runbook.model import Step
from runbook.results import Begun, Outcome, Reached
from runbook.results.estimate import Estimate
from runbook.results.position import DONE
from tests.support.steps import check, events, local_hosts, makes, runbook, step


@define
class Saves:
    """A lab that counts how often it is saved, after that many `failures`."""

    names: list[str] = field(factory=list)
    failures: int = 0

    def recipe_digest(self) -> str:
        """Return what every lab has."""
        return "recipe"

    def origin(self) -> tuple[Origin, str]:
        """Return where the hosts come from; nobody asks."""
        raise NotImplementedError

    def renew(self, progress: Callable[[str], None]) -> None:
        """Make the hosts anew; nobody asks."""
        raise NotImplementedError(progress)

    def take_checkpoint(self, name: str, about: str, progress: Callable[[str], None]) -> None:
        """Note that the hosts were saved."""
        assert about
        if self.failures:
            self.failures -= 1
            raise LabError("podman pause: timed out")
        progress("saved")
        self.names.append(name)

    def restore_checkpoint(self, name: str, progress: Callable[[str], None]) -> None:
        """Restore; nobody asks."""
        raise NotImplementedError(name, progress)

    def checkpoints(self) -> tuple[()]:
        """Return what is there."""
        return ()

    def delete_checkpoint(self, name: str) -> None:
        """Delete; nobody asks."""
        raise NotImplementedError(name)


@pytest.fixture
def hosts() -> Iterator[dict[str, HostConnection]]:
    """Two hosts, which are this machine."""
    with local_hosts() as found:
        yield found


def saved(hosts: dict[str, HostConnection], *steps: Step, failures: int = 0) -> int:
    """Return how many checkpoints are taken in a run of the steps in which all are wanted.

    Taking one fails that often first.
    """
    lab = Saves(failures=failures)
    edited = frozenset(f"index/{one.id.rpartition('/')[2]}" for one in steps)
    made = Checkpointer(lab, Estimate({}), edited | {one.id for one in steps}, lambda _: None)
    for event in events(runbook(*steps), hosts):
        if isinstance(event, Begun):
            made.begun(event)
        elif isinstance(event, Reached):
            made.reached(event)
        elif isinstance(event, Outcome) and event.verdict in DONE:
            made.note(event)
    made.take()
    return len(lab.names)


def test_what_is_done_is_saved(hosts: dict[str, HostConnection], tmp_path: Path) -> None:
    """Before the second step, and at the end."""
    steps = (makes(tmp_path / "x", "first"), makes(tmp_path / "y", "second"))
    assert saved(hosts, *steps) == 2


def test_what_a_failed_step_left_is_not_saved(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """It would be restored as the state before that step."""
    wrong = check("assert False", "it cannot be")
    failing = step("second", f"touch {tmp_path}/y", checks=(wrong,))
    assert saved(hosts, makes(tmp_path / "x", "first"), failing) == 1
    assert (tmp_path / "y").exists()


def test_what_failed_on_one_host_is_not_saved_with_the_others(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """All hosts are saved together."""
    fails_on_b = step("second", f'touch {tmp_path}/y; test "$(hostname)" = never', on=("b",))
    assert saved(hosts, makes(tmp_path / "x", "first"), fails_on_b) == 1


@pytest.mark.parametrize(("failures", "count"), [(2, 2), (3, 0)])
def test_what_fails_on_a_busy_machine_is_tried_again(
    hosts: dict[str, HostConnection], tmp_path: Path, failures: int, count: int
) -> None:
    """A run gives checkpoints up only if the same one fails three times."""
    steps = (makes(tmp_path / "x", "first"), makes(tmp_path / "y", "second"))
    assert saved(hosts, *steps, failures=failures) == count


def test_none_is_taken_where_none_are_kept(
    hosts: dict[str, HostConnection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that begins anew each time has no use for them."""
    monkeypatch.setenv(COUNT, "0")
    assert saved(hosts, makes(tmp_path / "x", "first"), makes(tmp_path / "y", "second")) == 0


@pytest.mark.parametrize("count", ["many", "-1"])
def test_a_number_of_checkpoints_that_is_none_ends_no_run(
    hosts: dict[str, HostConnection],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: str,
) -> None:
    """It is said, and the run goes on without."""
    monkeypatch.setenv(COUNT, count)
    assert saved(hosts, makes(tmp_path / "x", "first"), makes(tmp_path / "y", "second")) == 0
