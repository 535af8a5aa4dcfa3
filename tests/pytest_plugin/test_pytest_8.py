"""What works with the pytest that is installed works with the oldest one that is promised."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

from tests.support.paths import ROOT

OF_PYTEST = (
    "tests/pytest_plugin/test_steps.py",
    "tests/pytest_plugin/test_operator.py",
    "tests/execution/test_explanations.py",
)
"""Tests of what depends on pytest: its items, and its explanations of assertions."""


def oldest() -> str:
    """Return the oldest version of pytest that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (version,) = (
        match[1]
        for one in project["dependencies"]
        if (match := re.match(r"pytest>=([\d.]+)", one)) is not None
    )
    return version


@pytest.fixture(scope="module")
def old_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the oldest pytest, and all else that this one has."""
    directory = tmp_path_factory.mktemp("oldest")
    venv.create(directory, symlinks=True)
    python = directory / "bin" / "python"
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", f"pytest=={oldest()}.*"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if installed.returncode:
        pytest.skip(f"needs a package registry with pytest {oldest()}: {installed.stderr[-300:]}")
    (packages,) = directory.glob("lib/python*/site-packages")
    # Behind its own: what is not there is found here.
    (packages / "rest.pth").write_text(sysconfig.get_path("purelib") + f"\n{ROOT}\n")
    return python


def test_the_tests_pass_with_the_oldest_pytest(old_python: Path, tmp_path: Path) -> None:
    """Collecting, running, selecting, reporting, and explaining a check that does not hold."""
    result = subprocess.run(
        [old_python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path}/base",
         *OF_PYTEST],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-5000:]
    assert re.search(r"\d\d passed", result.stdout)
