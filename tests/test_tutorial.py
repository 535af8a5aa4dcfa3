"""The tutorial is followed to its end, as a reader would, by the harness itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .guides import Guide
from .needs import lacking_for_labs

TUTORIAL = Path(__file__).parents[1] / "docs/harness/tutorial.rst"
LACKING = lacking_for_labs()


@pytest.mark.lab
@pytest.mark.skipif(bool(LACKING), reason=LACKING)
def test_the_tutorial_leads_where_it_says(tmp_path: Path) -> None:
    """Every file is written and every command typed; nothing is left behind."""
    guide = Guide(tmp_path)
    (guide.directory / "conf.py").write_text("")
    # Its links lead to pages that are not part of this guide.
    text = TUTORIAL.read_text().replace(":doc:", ":code:")
    (guide.directory / "index.rst").write_text(text)
    # All but the block that installs the harness, which is installed already.
    home = tmp_path / "home"
    home.mkdir()
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    removing = "index/what-is-left-of-it-2"
    done = subprocess.run(
        [
            *guide.argv("run", "--unmarked", "--agree", removing),
            *("--only", "index/[!t]*"),
        ],
        env={**os.environ, "HOME": str(home), "PATH": programs},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    if (home / "web-guide").exists():
        down = [sys.executable, "-m", "runbook", "lab", "down", str(home / "web-guide")]
        subprocess.run(down, check=False, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    told = guide.verdicts()
    ran = [name for name, verdict in told.items() if verdict == "passed"]
    assert len(ran) == 13, told
    assert not list(home.iterdir())
