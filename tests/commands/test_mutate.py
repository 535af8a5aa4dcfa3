"""`runbook mutate`: mistakes that a check notices, and those that none does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runbook.commands.labs.lab import open_checkpoints
from runbook.labs.container.engine import available_engines
from runbook.labs.container.lab import ContainerLab
from runbook.model import cluster
from runbook.mutation import record
from tests.support.forked import run_module
from tests.support.guides import CONTAINER_SECTION, Guide, making
from tests.support.needs import lacking_for_labs

CLUSTER = f"""\
name: mutated
network: 10.72.0.0/24
platform: debian12
hosts:
  box: {{address: 10.72.0.11}}
{CONTAINER_SECTION}"""

STRONG = """
.. step:: Keep strong
   :on: box

   .. code-block:: console

      # echo strong >/srv/strong

   .. check:: the word is there

      assert host.file("/srv/strong").content_string == "strong\\n"

   .. check:: the directory is there

      assert host.file("/srv").is_directory
"""
WEAK = """
.. step:: Keep weak
   :on: box

   .. file:: /srv/weak

      one
      two
      three

   .. check:: one is there

      assert "one" in host.file("/srv/weak").content_string
"""
WAITING = """
.. step:: Wait
   :on: box

   .. code-block:: console

      # touch /srv/ready
      # until test -e /srv/ready; do sleep 1; done

   .. check:: it is ready

      assert host.file("/srv/ready").exists
"""
GONE = """
.. step:: Leave a mark in memory
   :on: box

   .. code-block:: console

      # touch /run/mark

   .. check:: it is there

      assert host.file("/run/mark").exists

.. step:: Copy the mark
   :on: box

   .. code-block:: console

      # cp /run/mark /srv/copied

   .. check:: it is copied

      assert host.file("/srv/copied").exists
"""
EXPLAINED = """
survive:
  "index/keep-weak line 1 three": nobody reads it
  "index/keep-strong *": it may say anything
  "index/nothing *": it was here once
"""
TRIED = (
    "index/keep-strong",
    "index/keep-weak",
    "index/wait drop 1 *",
    "index/copy-the-mark argument 1 /run/mark",
)


def call(guide: Guide, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command line; it ends with the directory of the guide."""
    return run_module("runbook", *arguments, guide.directory, timeout=600)


def state(guide: Guide) -> tuple[object, ...]:
    """What the guide's lab and its runs are: they must stay as they are."""
    path = guide.directory / cluster.PLACE
    lab = ContainerLab(cluster.load(path), path.parent)
    names = {one.name for one in open_checkpoints(guide.directory, "container").checkpoints()}
    box = next(available_engines()).call("exec", lab.container_name("box"), "ls", "-l", "/srv")
    files = sorted((guide.directory / "build/container").rglob("*"))
    contents = [one.read_bytes() for one in files if one.is_file()]
    return lab.instance(), names, box, files, contents


def containers() -> str:
    """The names of all containers there are."""
    return next(available_engines()).call("ps", "--all", "--format", "{{.Names}}")


def became(done: dict[str, Any]) -> dict[str, str]:
    """What became of each mutant, by its name without its step's document."""
    return {one["id"].removeprefix("index/"): one["fate"] for one in done["tried"]}


@pytest.mark.lab
@pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_weak_check_lets_a_mutant_survive_and_a_good_one_kills_it(
    tmp_path: Path, jobs: str
) -> None:
    """One that hangs is cut off; the lab of the guide, its journal and checkpoints stay.

    What a step needs that a restart takes away is there, because the step that makes it runs first.
    """
    guide = Guide(tmp_path, STRONG, WEAK, WAITING, GONE, cluster=CLUSTER)
    (guide.directory / "lab/mutants.yaml").write_text(EXPLAINED)
    try:
        assert call(guide, "run").returncode == 0
        before = state(guide)
        only = [word for pattern in TRIED for word in ("--only", pattern)]
        ended = call(guide, "mutate", "--format", "json", "--jobs", jobs, *only)
        assert state(guide) == before
    finally:
        call(guide, "lab", "down")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    done = json.loads(ended.stdout)
    assert became(done) == {
        "keep-strong drop 1 echo strong >/srv/strong": "killed by check",
        "keep-strong argument 1 strong": "killed by check",
        "keep-strong target 1 /srv/strong": "killed by check",
        "keep-weak drop 1 /srv/weak": "killed by check",
        "keep-weak line 1 one": "killed by check",
        "keep-weak line 1 two": "survived",
        "keep-weak line 1 three": "survived",
        "wait drop 1 touch /srv/ready": "killed by command",
        "copy-the-mark argument 1 /run/mark": "killed by command",
    }
    assert {one["id"]: one["explained"] for one in done["survivors"]} == {
        "index/keep-weak line 1 two": "",
        "index/keep-weak line 1 three": "nobody reads it",
    }
    hung = next(one for one in done["tried"] if one["id"].startswith("index/wait"))
    assert "still running after 15 s, and stopped" in hung["why"]
    assert {one["pattern"]: one["why"] for one in done["stale"]} == {
        "index/keep-strong *": "it is killed now",
        "index/nothing *": "there is no such mutant",
    }
    assert "mutated-mutants" not in containers()
    strong = record.load(guide.directory).steps[0]
    assert strong.idle() == ("the directory is there",)
    assert [one.red for one in strong.checks] == [True, False]


@pytest.mark.parametrize("kind", ["local", "static"])
def test_nothing_is_tried_on_machines_of_somebody(tmp_path: Path, kind: str) -> None:
    """A mutant may do anything to them, and there is nothing to bring them back from."""
    guide = Guide(tmp_path, making("one"))
    done = call(guide, "mutate", "--lab", kind)
    assert done.returncode == 3
    assert f"mutants are not tried in a {kind} lab" in done.stderr


def test_several_labs_at_once_are_containers(tmp_path: Path) -> None:
    """A machine has no room for the virtual machines of many labs."""
    guide = Guide(tmp_path, making("one"))
    done = call(guide, "mutate", "--lab", "vagrant", "--jobs", "2")
    assert done.returncode == 3
    assert "--jobs: only labs of containers try mutants side by side" in done.stderr


def test_a_slip_in_a_pattern_is_refused_before_a_host_is_started(tmp_path: Path) -> None:
    """Nothing that was tried must not look like nothing that survived."""
    guide = Guide(tmp_path, making("one"), cluster=CLUSTER)
    done = call(guide, "mutate", "--only", "index/nonesuch*")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no mutant is selected, so there is nothing to try" in done.stderr
