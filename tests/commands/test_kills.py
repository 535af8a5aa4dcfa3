"""A run that is killed at any moment leaves every effect done exactly once in the end."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from runbook.labs.container.lab import ContainerLab
from runbook.model import cluster
from tests.support.guides import CONTAINER_SECTION
from tests.support.needs import lacking_for_labs

KILLS: Final = int(os.environ.get("RUNBOOK_TEST_KILLS", "6"))
"""How often a run is killed. Three hundred take a quarter of an hour."""

STEPS: Final = 40
LOG: Final = "/srv/log"
CLUSTER = """
name: kills
network: 10.83.0.0/24
platform: debian12
hosts:
  box: {address: 10.83.0.11}
"""
STEP = """
.. step:: Note {number}
   :on: box

   .. code-block:: console

      # echo {number} >> {log}

   .. check:: {number} is noted

      assert "{number}" in host.file("{log}").content_string.split()
"""


def write_guide(directory: Path) -> list[str]:
    """A guide of forty steps in four chapters; returns the command that runs it."""
    (directory / "lab").mkdir(parents=True)
    (directory / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (directory / "lab/cluster.yaml").write_text(CLUSTER + CONTAINER_SECTION)
    names = [f"chapter{number}" for number in range(4)]
    toc = "".join(f"   {name}\n" for name in names)
    (directory / "index.rst").write_text(f"Kills\n=====\n\n.. toctree::\n\n{toc}")
    for first, name in enumerate(names):
        numbers = range(first * STEPS // 4, (first + 1) * STEPS // 4)
        steps = "".join(STEP.format(number=number, log=LOG) for number in numbers)
        (directory / f"{name}.rst").write_text(f"{name}\n{'=' * len(name)}\n{steps}")
    return [sys.executable, "-m", "runbook", "run", str(directory)]


@pytest.mark.lab
@pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-")
def test_every_effect_is_there_exactly_once_whenever_a_run_was_killed(tmp_path: Path) -> None:
    """A step that was begun is undone by its checkpoint, or by a fresh lab, and typed again."""
    guide = tmp_path / "guide"
    argv = write_guide(guide)
    lab = ContainerLab(cluster.load(guide / "lab/cluster.yaml"), guide / "lab")
    moments = random.Random(20261128)  # the same moments each time
    lab.up(lambda _: None)
    try:
        for _ in range(KILLS):
            run = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                run.wait(moments.uniform(0.5, 4.0))
            except subprocess.TimeoutExpired:
                run.kill()
            run.communicate()
        done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout
        engine = lab.connections()["box"].exec_argv("root", ["cat", LOG])
        noted = subprocess.run(engine, capture_output=True, text=True, check=True).stdout
        assert noted.split() == [str(number) for number in range(STEPS)]
    finally:
        lab.down(lambda _: None)
