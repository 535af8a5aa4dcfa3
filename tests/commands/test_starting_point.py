"""Where a run goes on: hosts that were brought back must hold what was proven on them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define, evolve

from runbook.commands.mutation.lab import MutantLab
from runbook.commands.running.starting_point import Preparation
from runbook.execution.checks.shared_checks import NOTHING
from runbook.execution.schedule import Schedule, schedule
from runbook.execution.selection import Selection
from runbook.labs import Origin
from runbook.redaction.known import KnownSecrets
from runbook.results.position import History
from tests.support.machine_lab import Machine, Store
from tests.support.steps import check, runbook, step


@define
class Restored:
    """A lab with a checkpoint after the first of two steps, whose check holds no more."""

    lab: Machine
    preparation: Preparation
    plan: Schedule
    said: list[str]
    looked: Path

    def start(self, history: History) -> History:
        """Return the history with which a run goes on."""
        return self.preparation.start(self.plan, history).history


@pytest.fixture
def restored(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Restored]:
    """The check waits as many seconds as the test says."""
    place, looked = tmp_path / "machine", tmp_path / "looked"
    place.mkdir()
    seconds = getattr(request, "param", 0.0)
    # Its file is what a return to the checkpoint does not bring back.
    gone = check(f'assert host.file("{place}/one").exists', "it is there")
    after = check(f'host.run("touch {looked}")', "it was looked at")
    first = step("one", f"touch {place}/one", checks=(evolve(gone, within=seconds), after))
    guide = runbook(first, step("two", f"touch {place}/two", checks=(check("assert 1"),)))
    said: list[str] = []
    lab = Machine(place, Store())
    bench = MutantLab(
        tmp_path, "container", lab, guide, Selection(), NOTHING, KnownSecrets(), said.append
    )
    with bench.up():
        bench.go_before("sample/two")
        looked.unlink()
        plan = schedule(guide, lab.cluster, bench.probed, Selection(), base=lab.recipe_digest())
        preparation = Preparation(lab, guide, NOTHING, tmp_path, said.append)
        yield Restored(lab, preparation, plan, said, looked)


def test_a_checkpoint_that_does_not_hold_is_not_gone_on_from(restored: Restored) -> None:
    """It is deleted; the first check that does not hold says so, and no other is waited for."""
    lab = restored.lab
    lab.came_from = Origin.MIXED, ""
    assert restored.start(History()).outcomes == {}
    assert lab.store.kept == {}
    assert lab.came_from == (Origin.FRESH, "")
    assert not restored.looked.exists()
    assert any("it is not true that it is there (that checkpoint" in one for one in restored.said)


def test_hosts_that_a_killed_run_brought_back_are_looked_at(restored: Restored) -> None:
    """It had no time to, so they are not taken for what the checkpoint says of them."""
    lab = restored.lab
    (name,) = lab.store.kept
    lab.restore_checkpoint(name, lambda _: None)
    assert restored.start(History()).outcomes == {}
    assert lab.store.kept == {}
    assert lab.came_from == (Origin.FRESH, "")


def test_hosts_that_were_brought_back_and_hold_are_gone_on_with(restored: Restored) -> None:
    """They are not brought back once more."""
    lab = restored.lab
    (name,) = lab.store.kept
    lab.restore_checkpoint(name, lambda _: None)
    (lab.place / "one").touch()
    returns = lab.returns
    assert [outcome.step for outcome in restored.start(History()).outcomes.values()] == [
        "sample/one"
    ]
    assert lab.returns == returns
    assert name in lab.store.kept


@pytest.mark.parametrize("restored", [60.0], indirect=True)
def test_whoever_interrupts_the_look_does_not_wait_for_it(restored: Restored) -> None:
    """A check may wait for minutes for what does not come."""
    began = time.monotonic()
    restored.lab.came_from = Origin.MIXED, ""
    threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        restored.start(History())
    assert time.monotonic() - began < 30
