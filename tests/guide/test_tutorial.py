"""The tutorial is followed to its end, as a reader would, by the harness itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs.checkpoint_store import DIRECTORY
from tests.support.guides import CLUSTER, Guide
from tests.support.needs import lacking_for_labs
from tests.support.paths import ROOT

TUTORIAL = ROOT / "docs/harness/tutorial.rst"
INSTALLING = re.compile(r"\.\. code-block:: text\n\n(?:   .*pip install.*\n|   .*\n)+")
TYPED = re.compile(r"^\.\. code-block:: console\n\n((?:   .*\n|\n)+)", re.MULTILINE)
LACKING = lacking_for_labs() or ("" if shutil.which("sudo") else "needs sudo")

AS_A_USER = """\
     runbook plan web-guide                      # show the steps; runs nothing
     sudo "$(command -v runbook)" run web-guide  # run them in a new container
"""
AS_ROOT = """\
     runbook plan web-guide  # show the steps; runs nothing
     runbook run web-guide   # run them in a new container
"""


def typed_and_compared(text: str) -> str:
    """Make a step of each console block: what is typed there prints what the block shows."""
    numbers: Iterator[int] = iter(range(1, 100))

    def step(block: re.Match[str]) -> str:
        return f".. step:: Block {next(numbers)}\n   :on: box\n\n" + textwrap.indent(
            block[0], "   "
        )

    return TYPED.sub(step, text)


def forget_earlier_followers(place: Path) -> None:
    """Delete the checkpoints of the lab: a run would restore one instead of typing a step."""
    runbook = [sys.executable, "-m", "runbook"]
    subprocess.run([*runbook, "init", str(place)], check=True, capture_output=True)
    # What a login and sudo run does not get the variable that the tests set.
    env = {name: value for name, value in os.environ.items() if name != DIRECTORY}
    forget = ["lab", "checkpoints", str(place), "--delete", "all"]
    subprocess.run([*runbook, *forget], check=True, capture_output=True, env=env)


def test_the_step_that_the_tutorial_shows_is_that_of_a_new_guide() -> None:
    """Whoever opens the file finds it there."""
    _, shown = TUTORIAL.read_text().split("This is the second step:\n\n.. code-block:: rst\n\n")
    step = textwrap.dedent(shown.partition("\nLook at the plan.")[0])
    chapter = (ROOT / "runbook/commands/authoring/new_guide/web-server.rst").read_text()
    assert step.startswith(".. step:: ")
    assert chapter.endswith(step)


@pytest.mark.lab
@pytest.mark.skipif(bool(LACKING), reason=LACKING)
def test_the_tutorial_leads_where_it_says(tmp_path: Path) -> None:
    """Every file is written, every command typed, every output compared; nothing is left."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    home = tmp_path / "home"
    home.mkdir()
    # A login sets both anew.
    environment = f'environment: {{PATH: "{programs}", HOME: "{home}"}}\n'
    guide = Guide(tmp_path, cluster=f"{CLUSTER}user: root\n{environment}")
    # Its links lead to pages that are not part of this guide.
    text = re.sub(":(?:doc|ref):", ":code:", TUTORIAL.read_text())
    # The harness is installed already, and the tests are root, who is told to type no sudo.
    text, installing = INSTALLING.subn("", text)
    assert installing == 1
    assert AS_A_USER in text
    text = text.replace(AS_A_USER, AS_ROOT)
    (guide.directory / "index.rst").write_text(typed_and_compared(text))
    forget_earlier_followers(tmp_path / "earlier")
    done = subprocess.run(
        guide.argv("run", "--unmarked"),
        # In the file that is written, the role is text, and not a place for a value.
        env={**os.environ, "RUNBOOK_SECRET_ANNA": ":secret:`anna`"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if (home / "web-guide").exists():
        down = [sys.executable, "-m", "runbook", "lab", "down", str(home / "web-guide")]
        subprocess.run(down, check=False, capture_output=True)
    told = guide.verdicts()
    assert len(told) == len(TYPED.findall(text)) + 1, done.stdout + done.stderr
    assert set(told.values()) == {"proven", "ran"}, done.stdout + done.stderr
    assert not list(home.iterdir())
