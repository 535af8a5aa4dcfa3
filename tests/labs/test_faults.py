"""A host that is killed during a run on a container lab."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs.checkpoint_store import DIRECTORY
from runbook.labs.container.engine import available_engines
from runbook.labs.container.lab import ContainerLab
from runbook.model import cluster
from tests.support.guides import CONTAINER_SECTION
from tests.support.needs import lacking_for_labs
from tests.support.waiting import until

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

CLUSTER = """
name: fault
network: 10.77.3.0/24
platform: debian12
hosts:
  one: {address: 10.77.3.11}
  two: {address: 10.77.3.12}
"""
PAGE = """
Sample
======

.. step:: Begin

   .. code-block:: console

      # touch /root/begun

   .. check:: it has begun

      assert host.file("/root/begun").exists

.. step:: Wait

   .. code-block:: console

      # touch /root/waiting; until [ -e /root/go ]; do sleep 0.1; done
      # touch /root/waited

   .. check:: it has waited

      assert host.file("/root/waited").exists

.. step:: Go on
   :on: one

   .. code-block:: console

      # touch /root/on

   .. check:: it went on

      assert host.file("/root/on").exists
"""
SHORT = PAGE.partition(".. step:: Wait")[0]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ContainerLab]:
    """The lab of a guide with two hosts, which is removed after the test."""
    (tmp_path / "lab").mkdir()
    path = tmp_path / "lab/cluster.yaml"
    path.write_text(CLUSTER + CONTAINER_SECTION)
    (tmp_path / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (tmp_path / "index.rst").write_text(PAGE)
    lab = ContainerLab(cluster.load(path), tmp_path / "lab")
    yield lab
    lab.down(print)


def outcomes(guide: Path) -> dict[str, str]:
    """Return the verdicts of the last run in the journal, by step and host."""
    found: dict[str, str] = {}
    for line in (guide / "build/container/journal.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["record"] == "run":
            found = {}
        elif record["record"] == "outcome":
            found[f"{record['step'].rpartition('/')[2]} {record['host']}"] = record["verdict"]
    return found


def test_a_host_that_is_killed_is_an_error_and_the_next_run_continues(
    lab: ContainerLab, tmp_path: Path
) -> None:
    """The other host's outcome is kept, the steps that depend on it are blocked."""
    engine = next(available_engines())
    argv = [sys.executable, "-m", "runbook", "run", str(tmp_path)]
    run = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def waiting(host: str) -> bool:
        test = [engine.program, "exec", lab.container_name(host), "test", "-e", "/root/waiting"]
        return subprocess.run(test, capture_output=True, check=False).returncode == 0

    until(lambda: waiting("one") and waiting("two"), 120)
    engine.call("kill", lab.container_name("two"))
    engine.call("exec", lab.container_name("one"), "touch", "/root/go")
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 3, output
    assert outcomes(tmp_path) == {
        "begin one": "proven",
        "begin two": "proven",
        "wait one": "proven",
        "wait two": "error",
        "go-on one": "blocked",
    }
    assert "the connection or the host is gone" in output

    argv[3] = "check"
    seen = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    # One check differs, which outweighs that nothing is known of the other host.
    assert seen.returncode == 1
    assert "error    two  its checks were not evaluated" in seen.stdout
    assert "holds    one" in seen.stdout
    argv[3] = "run"

    lab.up(print)
    run = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ended() -> bool:
        # The hosts are brought back to their checkpoint at some moment, and wait again then.
        for host in ("one", "two"):
            go = [engine.program, "exec", lab.container_name(host), "touch", "/root/go"]
            subprocess.run(go, capture_output=True, check=False)
        return run.poll() is not None

    until(ended, 120)
    output, _ = run.communicate()
    assert run.returncode == 0, output
    assert "back to the checkpoint after index/begin" in output
    assert set(outcomes(tmp_path).values()) == {"proven"}
    assert "by an earlier run" in output


def test_a_full_disk_for_checkpoints_stops_no_run(
    lab: ContainerLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on without, and says so."""
    (tmp_path / "index.rst").write_text(SHORT)
    (small := tmp_path / "small").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=30", "none", small], check=True)
    monkeypatch.setenv(DIRECTORY, str(small))
    try:
        done = call("run", tmp_path)
        assert lab.checkpoints() == ()
    finally:
        subprocess.run(["umount", small], check=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "this run takes no more checkpoints: " in done.stdout
    assert "No space left on device" in done.stdout


@pytest.mark.usefixtures("lab")
def test_hosts_that_somebody_reverted_are_not_taken_for_done(tmp_path: Path) -> None:
    """The next run brings them back to what it knows, and proves that."""
    (tmp_path / "index.rst").write_text(SHORT)
    assert call("lab", "up", tmp_path).returncode == 0
    assert call("lab", "snapshot", "empty", tmp_path).returncode == 0
    assert call("run", tmp_path).returncode == 0
    reverted = call("lab", "revert", "empty", tmp_path)
    assert reverted.returncode == 0, reverted.stderr
    done = call("run", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "back to the checkpoint after index/begin" in done.stdout
    assert "all by an earlier run: their checks still hold" in done.stdout


def call(command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command of the harness."""
    argv = [sys.executable, "-m", "runbook", command, *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
