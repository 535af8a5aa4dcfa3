"""The tutorial is followed to its end, as a reader would, by the harness itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.guides import CLUSTER, Guide
from tests.support.needs import lacking_for_labs
from tests.support.paths import ROOT

TUTORIAL = ROOT / "docs/harness/tutorial.rst"
INSTALLING = ".. code-block:: text\n\n   pip install path/to/this/checkout\n"
LACKING = lacking_for_labs()


@pytest.mark.lab
@pytest.mark.skipif(bool(LACKING), reason=LACKING)
def test_the_tutorial_leads_where_it_says(tmp_path: Path) -> None:
    """Every file is written and every command typed; nothing is left behind."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    # A login sets the path anew.
    guide = Guide(tmp_path, cluster=f'{CLUSTER}user: root\nenvironment: {{PATH: "{programs}"}}\n')
    (guide.directory / "conf.py").write_text("")
    # Its links lead to pages that are not part of this guide.
    text = TUTORIAL.read_text().replace(":doc:", ":code:")
    # The harness is installed already.
    assert INSTALLING in text
    (guide.directory / "index.rst").write_text(text.replace(INSTALLING, ""))
    home = tmp_path / "home"
    home.mkdir()
    removing = "index/report-and-evidence-2"
    done = subprocess.run(
        guide.argv("run", "--unmarked", "--agree", removing),
        env={**os.environ, "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    if (home / "web-guide").exists():
        down = [sys.executable, "-m", "runbook", "lab", "down", str(home / "web-guide")]
        subprocess.run(down, check=False, capture_output=True)
    # The exit status is none of our business: the last block removes what others have written.
    told = guide.verdicts()
    assert len(told) == 13, done.stdout + done.stderr
    assert set(told.values()) == {"proven", "ran"}, done.stdout + done.stderr
    assert not list(home.iterdir())
