"""Checkpoints on disk: complete or not there, and limited."""

from __future__ import annotations

import os
import queue
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.checkpoint_store import BYTES, COUNT, CheckpointStore, write_size


@pytest.fixture
def store(tmp_path: Path) -> CheckpointStore:
    """An empty store."""
    return CheckpointStore(tmp_path / "store", "recipe", "image")


def take(store: CheckpointStore, name: str, size: int = 100, used: int = 0) -> None:
    """Take a checkpoint that was last used `used` seconds after some moment."""
    with store.lock(), store.taking(name, f"about {name}") as directory:
        (directory / "file").write_text(name)
        write_size(directory, size)
    os.utime(store.path(name) / "about", (1000 + used, 1000 + used))


def test_a_checkpoint_is_listed_with_what_was_noted(store: CheckpointStore) -> None:
    """The last used one stands first."""
    take(store, "a", 10, used=2)
    take(store, "b", 20, used=1)
    assert [(one.name, one.about, one.size) for one in store.list()] == [
        ("a", "about a", 10),
        ("b", "about b", 20),
    ]
    assert store.list()[0].taken > 0
    store.require("b")
    assert [one.name for one in store.list()] == ["b", "a"]
    with pytest.raises(LabError, match="no checkpoint 'c'"):
        store.require("c")


def test_only_root_sees_it(store: CheckpointStore) -> None:
    """What is saved of hosts holds their secrets."""
    take(store, "a")
    assert store.root.stat().st_mode & 0o777 == 0o700


def test_nothing_is_left_of_one_that_fails(store: CheckpointStore) -> None:
    """Neither an entry nor a file."""

    def fill_the_disk() -> None:
        with store.lock(), store.taking("a", "") as directory:
            (directory / "file").write_text("x")
            raise OSError(28, "No space left on device")

    with pytest.raises(LabError, match=r"cannot be written.*No space left on device"):
        fill_the_disk()
    assert store.list() == ()
    assert [path.name for path in store.root.rglob("*")] == ["kept"]


def test_what_a_killed_program_left_is_removed(store: CheckpointStore) -> None:
    """It was never listed, and the next one takes it away."""
    (store.root / "partial-x/deep").mkdir(parents=True)
    assert store.list() == ()
    take(store, "a")
    assert {path.name for path in store.root.iterdir()} == {"kept"}


def test_a_checkpoint_takes_the_place_of_one_of_its_name(store: CheckpointStore) -> None:
    """There is always one of them."""
    take(store, "a", 1)
    take(store, "a", 2)
    assert [one.size for one in store.list()] == [2]


def test_a_count_of_none_deletes_nothing(
    store: CheckpointStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is for runs, which then take none; what others have taken stays."""
    for number, name in enumerate("abc"):
        take(store, name, used=number)
    monkeypatch.setenv(COUNT, "0")
    with store.lock():
        store.trim(store.path("c"))
    assert [one.name for one in store.list()] == ["c", "b", "a"]


def test_the_least_used_are_removed_over_the_limits(
    store: CheckpointStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of other recipes count as well, and the one that was just taken stays."""
    other = CheckpointStore(store.root, "other", "image")
    take(other, "z", used=0)
    for number, name in enumerate("abc", 1):
        take(store, name, used=number)
    monkeypatch.setenv(COUNT, "3")
    with store.lock():
        store.trim(store.path("a"))
    assert [one.name for one in store.list()] == ["c", "b", "a"]
    assert other.list() == ()
    monkeypatch.setenv(BYTES, "250")
    with store.lock():
        store.trim(store.path("a"))
    assert [one.name for one in store.list()] == ["c", "a"]
    monkeypatch.setenv(BYTES, "0")
    with store.lock():
        store.trim(store.path("a"))
    assert [one.name for one in store.list()] == ["a"]
    monkeypatch.setenv(BYTES, "many")
    with pytest.raises(LabError, match="must be a whole number, not 'many'"):
        store.trim(store.path("a"))


def test_room_is_made_or_refused(store: CheckpointStore) -> None:
    """A tenth of the file system stays free: for what cannot fit, nothing is written."""
    take(store, "a")
    take(store, "b")
    with store.lock():
        store.make_room(0, ())
        assert len(store.list()) == 2
        with pytest.raises(LabError, match="there is not enough space"):
            store.make_room(1 << 60, [store.path("b")])
    assert [one.name for one in store.list()] == ["b"]


def test_all_of_a_recipe_are_removed(store: CheckpointStore) -> None:
    """Those that were made of other images of it, too."""
    take(store, "a")
    other = CheckpointStore(store.root, "recipe", "older")
    take(other, "b")
    whole = CheckpointStore(store.root, "recipe", "newer")
    with whole.lock():
        whole.delete_all()
    assert (store.list(), other.list()) == ((), ())


def test_several_may_read_at_once_and_nobody_changes_anything_meanwhile(
    store: CheckpointStore,
) -> None:
    """Whoever wants to write comes before those who want to read later."""
    take(store, "a")
    done: queue.SimpleQueue[str] = queue.SimpleQueue()

    def write() -> None:
        with store.lock():
            done.put("written")

    def read() -> None:
        with store.reading():
            done.put("read")

    with ThreadPoolExecutor() as pool:
        with store.reading():
            pool.submit(read).result(timeout=60)
            assert done.get() == "read"
            writing = pool.submit(write)
            until_waiting(store.root)
            reading = pool.submit(read)
            until_waiting(store.root / "kept")
            assert done.empty()
        writing.result(timeout=60)
        reading.result(timeout=60)
    assert [done.get(), done.get()] == ["written", "read"]


def until_waiting(directory: Path) -> None:
    """Wait until somebody waits for the lock on a directory: the kernel says so."""
    waiting = re.compile(rf"\d+: -> FLOCK .* [0-9a-f:]+:{directory.stat().st_ino} ")
    deadline = time.monotonic() + 60
    while not waiting.search(Path("/proc/locks").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
