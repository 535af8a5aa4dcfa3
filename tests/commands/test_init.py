"""`runbook init`: the guide that it writes is complete, and nothing of the user's is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runbook.commands.authoring.init import FILES
from tests.support.forked import run_module


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in `cwd`."""
    return run_module("runbook", *arguments, environment=dict(os.environ), cwd=str(cwd))


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """A new guide."""
    done = run("init", "guide", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "guide"


def files_of(directory: Path) -> dict[str, str]:
    """The content of every file below `directory`, by its path there."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_text() for path in paths}


def test_a_new_guide_has_the_files_that_are_told(guide: Path) -> None:
    """No more, and none of them is empty."""
    files = files_of(guide)
    assert sorted(files) == sorted(FILES)
    assert all(files.values())


def test_a_new_guide_has_two_steps_and_no_findings(guide: Path) -> None:
    """What a beginner starts from is right."""
    planned = run("plan", "--strict", cwd=guide)
    assert "2 steps in 1 chapter" in planned.stdout, planned.stderr
    assert planned.returncode == 0
    assert run("lint", cwd=guide).stdout == "0 findings.\n"


def test_the_pages_of_a_new_guide_are_built_without_a_warning(guide: Path) -> None:
    """By the command of its README, and again after a run has written its results."""
    command = "sphinx-build -W . build/html"
    assert f"{command} " in (guide / "README.md").read_text()
    argv = [sys.executable, "-m", "sphinx", *command.split()[1:]]
    for _ in range(2):
        done = subprocess.run(argv, cwd=guide, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (guide / "build/container").mkdir(exist_ok=True)
        (guide / "build/container/report.rst").write_text("no page of the guide\n")
    assert (guide / "build/html/web-server.html").exists()


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_written_if_a_file_is_there_already(tmp_path: Path, name: str) -> None:
    """The message names it, and the directory is as it was."""
    own = tmp_path / "own" / name
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    done = run("init", "own", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == f"runbook: own: nothing was written, because there is already {name}\n"
    assert files_of(tmp_path) == {f"own/{name}": "mine"}


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    """Not even one that leads nowhere."""
    (tmp_path / "README.md").symlink_to("/nowhere/at/all")
    assert "already README.md" in run("init", ".", cwd=tmp_path).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_a_guide_may_be_written_beside_files_of_other_names(tmp_path: Path) -> None:
    """A new repository has a licence already."""
    (tmp_path / "LICENSE").write_text("free")
    assert run("init", ".", cwd=tmp_path).returncode == 0
    assert sorted(files_of(tmp_path)) == sorted([*FILES, "LICENSE"])


def test_the_next_commands_can_be_pasted(tmp_path: Path) -> None:
    """They find the program and the directory wherever these are."""
    place = tmp_path / "a guide's place"
    shown = run("init", str(place), cwd=Path("/")).stdout
    command = shown.partition("Next:\n")[2].strip().splitlines()[0]
    assert "plan" in command
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert "2 steps in 1 chapter" in done.stdout, done.stderr
