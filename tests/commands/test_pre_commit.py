"""The hooks for pre-commit, run by pre-commit itself in the environment that it makes of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.guides import Guide, making
from tests.support.paths import ROOT

TYPO = """
.. code-block:: console

   # ls DASHl
""".replace("DASH", "\u2013")


@pytest.mark.skipif(
    not (ROOT / ".git").exists() or not shutil.which("git"), reason="needs git and a checkout"
)
def test_the_hooks_find_what_the_commands_find(tmp_path: Path) -> None:
    """From this checkout, with what is not committed: one hook fails, the other passes."""
    guide = Guide(tmp_path, TYPO, making("a")).directory
    # The checkout may belong to somebody else than who runs the tests.
    environment = os.environ | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
    }
    for command in (("init", "--quiet"), ("add", ".")):
        subprocess.run(["git", *command], cwd=guide, env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "--all-files"],
        cwd=guide,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    verdicts = {
        line.partition("..")[0]: line.rpartition(".")[2]
        for line in done.stdout.splitlines()
        if line.startswith("runbook ")
    }
    assert verdicts == {"runbook lint": "Failed", "runbook rehearse": "Passed"}, said
    assert "starts with a typographic dash" in done.stdout
    assert done.stdout.count("Initializing environment for") <= 2, "one environment is enough"
