"""A lab knows what its hosts came from, whatever happens to them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs import Origin
from runbook.labs.checkpoint_store import DIRECTORY
from runbook.labs.container.checkpoints import checkpoint_root
from runbook.labs.container.engine import available_engines
from runbook.labs.container.lab import ContainerLab
from tests.labs.test_checkpoints import described, pytestmark, quiet
from tests.support.lab_shell import on

__all__ = ["pytestmark"]

KILLED = """
import os, signal, sys, threading
from pathlib import Path
from tests.labs.test_checkpoints import described, quiet
lab = described(Path(sys.argv[1]))
def kill():
    os.kill(os.getpid(), signal.SIGKILL)
threading.Timer(float(sys.argv[3]), kill).start()
if sys.argv[2] == "take":
    lab.take_checkpoint("killed", "", quiet)
else:
    lab.restore_checkpoint(sys.argv[2], quiet)
kill()
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ContainerLab]:
    """A lab that is not up, with a store of checkpoints of its own."""
    monkeypatch.setenv(DIRECTORY, str(tmp_path / "store"))
    made = described(tmp_path)
    yield made
    made.down(quiet)


def kill(lab: ContainerLab, what: str, after: float) -> None:
    """Take or restore a checkpoint in a program that is killed `after` seconds."""
    argv = [sys.executable, "-c", KILLED, str(lab.directory), what]
    done = subprocess.run([*argv, str(after)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_lab_tells_what_its_hosts_came_from(lab: ContainerLab) -> None:
    """Fresh, mixed, or a snapshot; and after each change it is another instance."""
    engine = next(available_engines())
    seen = [lab.instance()]

    def expect(origin: Origin, name: str = "") -> None:
        assert lab.origin() == (origin, name)
        assert lab.instance() not in seen
        seen.append(lab.instance())

    lab.up(quiet)
    expect(Origin.FRESH)
    lab.snapshot("mine", quiet)
    lab.revert("mine", quiet)
    expect(Origin.SNAPSHOT, "mine")
    engine.remove(lab.container_name("one"))
    assert lab.origin() == (Origin.MIXED, "")
    lab.up(quiet)
    expect(Origin.MIXED)
    lab.renew(quiet)
    expect(Origin.FRESH)
    # A host that is only started again stays what it was.
    engine.call("kill", lab.container_name("one"))
    engine.call("wait", lab.container_name("one"))  # it ends a little later
    lab.up(quiet)
    assert lab.origin() == (Origin.FRESH, "")
    assert lab.instance() == seen[-1]
    lab.down(quiet)
    assert lab.instance() == ""
    lab.up(quiet)
    expect(Origin.FRESH)


def test_the_recipe_is_all_that_hosts_are_made_of(lab: ContainerLab, tmp_path: Path) -> None:
    """Another directory's lab has the same one; other addresses or packages make another one."""
    other = tmp_path / "other"
    other.mkdir()
    again = described(other)
    assert again.recipe_digest() == lab.recipe_digest()
    assert again.id != lab.id


def test_a_lab_that_was_killed_while_it_was_saved_goes_on(lab: ContainerLab) -> None:
    """Whenever it was: its hosts are paused no longer, and there is no half checkpoint."""
    lab.up(quiet)
    for after in (0.05, 0.15, 0.25, 0.35, 0.5, 0.7):
        # Other content each time, which has to be copied.
        on(lab, "one", "head -c 50000000 /dev/urandom >/root/much")
        kill(lab, "take", after)
        assert {one.name for one in lab.checkpoints()} <= {"killed", "next"}
        lab.up(quiet)
        assert lab.origin() == (Origin.FRESH, "")
        assert on(lab, "one", "stat -c %s /root/much") == "50000000"
        lab.take_checkpoint("next", "", quiet)
        assert not list(checkpoint_root().glob("partial-*"))
    lab.restore_checkpoint("next", quiet)
    assert on(lab, "one", "stat -c %s /root/much") == "50000000"


def test_a_lab_that_was_killed_while_it_was_restored_is_known_to_be_nothing(
    lab: ContainerLab,
) -> None:
    """Whenever it was: until it is restored once more, or made anew."""
    lab.up(quiet)
    lab.take_checkpoint("start", "", quiet)
    for after in (0.1, 0.3, 0.5, 0.7, 1.0):
        on(lab, "one", "head -c 50000000 /dev/urandom >/root/much; rm -r /usr/share/doc")
        before, instance = lab.origin(), lab.instance()
        kill(lab, "start", after)
        changed = lab.instance() != instance
        lab.up(quiet)
        if lab.origin() != (Origin.CHECKPOINT, "start"):
            assert lab.origin() == ((Origin.MIXED, "") if changed else before)
        lab.restore_checkpoint("start", quiet)
        assert on(lab, "one", "ls /root; ls -d /usr/share/doc") == "/usr/share/doc"
        assert lab.origin() == (Origin.CHECKPOINT, "start")
