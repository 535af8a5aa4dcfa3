"""What root writes for a guide belongs to the guide's owner; what needs root says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.commands.ownership import hand_back
from tests.support.guides import Guide, making
from tests.support.ordinary_user import (
    UID,
    give,
    lacking_for_ordinary_users,
    place_for_all,
    run_as_user,
)
from tests.support.paths import ROOT

pytestmark = pytest.mark.skipif(
    bool(lacking_for_ordinary_users()), reason=lacking_for_ordinary_users() or "-"
)


@pytest.fixture
def guide() -> Iterator[Guide]:
    """Give a guide that belongs to an ordinary user."""
    with place_for_all() as place:
        found = Guide(place, making("one"))
        give(found.directory)
        yield found


def of_others(directory: Path) -> list[Path]:
    """Return what below a directory does not belong to the ordinary user."""
    return [path for path in (directory, *directory.rglob("*")) if path.lstat().st_uid != UID]


@pytest.mark.parametrize("step", ["true", "false"])
def test_after_a_run_by_root_the_user_goes_on(guide: Guide, step: str) -> None:
    """Whether the run succeeded or not: the journal, the reports and the plan are the user's."""
    guide.write(making("one", step))
    os.chown(guide.directory / "index.rst", UID, UID)
    guide.call("run")
    assert (guide.results / "journal.jsonl").exists()
    assert of_others(guide.directory) == []
    os.utime(guide.directory / "index.rst")
    done = run_as_user("plan", guide.directory)
    assert done.returncode == 0, done.stderr
    (guide.directory / "index.rst").unlink()
    guide.write(making("one", step), making("two"))
    done = run_as_user("plan", guide.directory)
    assert "2 steps" in done.stdout, done.stderr


def test_after_pytest_by_root_likewise(guide: Guide) -> None:
    """Though pytest writes to other places as well."""
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--lab", "local", "--yes"]
    done = subprocess.run(
        [*argv, guide.directory], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert (guide.results / "journal.jsonl").exists()
    assert of_others(guide.directory / "build") == []


def test_only_what_is_roots_is_handed_over(guide: Guide, tmp_path: Path) -> None:
    """Not what is elsewhere, which a link leads to, nor what belongs to somebody else."""
    build = guide.directory / "build"
    (build / "container").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (build / "link").symlink_to(elsewhere)
    os.link(elsewhere / "file", build / "container/file")
    (build / "theirs").touch()
    os.chown(build / "theirs", 4711, 4711)
    hand_back(guide.directory)
    assert (build / "container").stat().st_uid == UID
    assert (build / "link").lstat().st_uid == UID
    assert (build / "theirs").stat().st_uid == 4711
    assert elsewhere.stat().st_uid == 0
    assert (elsewhere / "file").stat().st_uid == 0
    shutil.rmtree(build)
    build.symlink_to(elsewhere)
    hand_back(guide.directory)
    assert elsewhere.stat().st_uid == 0


@pytest.mark.parametrize("command", [("check",), ("run", "--yes"), ("run",)])
def test_the_local_lab_says_that_it_needs_root(guide: Guide, command: tuple[str, ...]) -> None:
    """Before anything is shown, asked or written, with what to type."""
    done = run_as_user(command[0], "--lab", "local", *command[1:], guide.directory)
    assert done.returncode == 3
    assert "--lab local needs root, and you are nobody" in done.stderr
    assert "run it with sudo " in done.stderr
    assert done.stdout == ""
