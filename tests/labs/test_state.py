"""Locks on the files of a lab."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runbook.labs.state import (
    Busy,
    holding_lock,
    locked,
    locked_at_once,
    shared_lock,
    wait_for_release,
)
from tests.support.waiting import until


def test_a_command_that_outlives_a_killed_lab_is_waited_for(tmp_path: Path) -> None:
    """The next lab does not clean up while a command of the previous one still runs."""
    mark, go = tmp_path / "mark", tmp_path / "go"
    os.mkfifo(go)
    with shared_lock(tmp_path) as lock:
        process = subprocess.Popen(
            holding_lock(["sh", "-c", f"read _ <{go}; touch {mark}"]), stdin=lock
        )
    with process:
        assert not free(tmp_path)
        go.write_text("\n")
        wait_for_release(tmp_path)
        assert mark.exists()
        assert free(tmp_path)


def free(directory: Path) -> bool:
    """Return whether `directory` is not locked."""
    return subprocess.run(["flock", "-n", directory, "true"], check=False).returncode == 0


def test_a_lock_leaves_no_file_behind(tmp_path: Path) -> None:
    """The directory is empty while it is locked and afterwards."""
    with locked(tmp_path):
        assert not list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_who_holds_a_lock_is_told(tmp_path: Path) -> None:
    """With its process, its command line, and since when it has been running."""
    with locked(tmp_path), pytest.raises(Busy) as busy, locked_at_once(tmp_path):
        pass
    assert str(busy.value).startswith(f"process {os.getpid()} (")
    assert "which has been running since 20" in str(busy.value)
    with locked_at_once(tmp_path):
        pass


def test_of_a_long_command_the_beginning_is_told(tmp_path: Path) -> None:
    """A command with a hundred options would hide what the message asks for."""
    script = "import fcntl, os, sys; f = os.open(sys.argv[1], os.O_RDONLY);"
    script += " fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    argv = [sys.executable, "-c", script, str(tmp_path), *(f"--only=step-{n}" for n in range(100))]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(Busy) as busy, locked_at_once(tmp_path):
            pass
        process.communicate(b"\n")
    assert "step-99" not in str(busy.value)
    assert len(str(busy.value)) < 250
    assert f"process {process.pid} (" in str(busy.value)


def test_one_who_waits_for_a_lock_says_for_whom(tmp_path: Path) -> None:
    """Before waiting, and only then."""
    told: list[str] = []
    with locked(tmp_path, told.append):
        assert told == []
    holding = ["flock", str(tmp_path), "sh", "-c", f"touch {tmp_path}/held; read _"]
    with subprocess.Popen(holding, stdin=subprocess.PIPE) as other:
        until((tmp_path / "held").exists)

        def tell(holder: str) -> None:
            told.append(holder)
            assert other.stdin is not None
            other.stdin.write(b"\n")
            other.stdin.close()

        with locked(tmp_path, tell):
            assert "flock" in told[0]
