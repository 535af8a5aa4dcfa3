"""A host that dies in the middle of a run on a lab of containers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from runbook import cluster
from runbook.labs.container import ContainerLab
from runbook.labs.engine import programs
from tests.needs import lacking_for_labs
from tests.waiting import until

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

RECIPE = cluster.load(Path(__file__).parents[1] / "lab/cluster.yaml").recipe["container"]
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


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ContainerLab]:
    """A guide with a lab of two hosts, which is removed after the test."""
    (tmp_path / "lab").mkdir()
    path = tmp_path / "lab/cluster.yaml"
    path.write_text(CLUSTER + yaml.safe_dump({"container": RECIPE}))
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
    """The other host's outcome stands, what follows is blocked, and nothing is lost."""
    engine = next(programs())
    argv = [sys.executable, "-m", "runbook", "run", str(tmp_path)]
    run = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def waiting(host: str) -> bool:
        test = [engine.program, "exec", lab.container(host), "test", "-e", "/root/waiting"]
        return subprocess.run(test, capture_output=True, check=False).returncode == 0

    until(lambda: waiting("one") and waiting("two"), 120)
    engine.call("kill", lab.container("two"))
    engine.call("exec", lab.container("one"), "touch", "/root/go")
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 3, said
    assert outcomes(tmp_path) == {
        "begin one": "proven",
        "begin two": "proven",
        "wait one": "proven",
        "wait two": "error",
        "go-on one": "blocked",
    }
    assert "the connection or the host is gone" in said

    argv[3] = "check"
    seen = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert seen.returncode == 3
    assert "error    two  it cannot be reached" in seen.stdout
    assert "holds    one" in seen.stdout
    argv[3] = "run"

    lab.up(print)
    engine.call("exec", lab.container("two"), "touch", "/root/go")
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(outcomes(tmp_path).values()) == {"proven"}
    assert "by an earlier run" in done.stdout
