"""What cannot be read, written or shown is told plainly, and is never a step's failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.guides import Guide, making


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """A guide of one step."""
    return Guide(tmp_path, making("one"))


def test_a_directory_that_cannot_be_made_is_named(guide: Guide) -> None:
    """Exit status 3: no step has failed."""
    (guide.directory / "build").write_text("in the way")
    for command in ("plan", "run"):
        done = guide.call(command)
        assert done.returncode == 3
        assert f"{guide.directory}/build" in done.stderr
        assert "Traceback" not in done.stderr
    assert list(guide.place.iterdir()) == []


def test_a_plan_that_cannot_be_kept_runs_nothing(guide: Guide) -> None:
    """Its report could never be written again."""
    (guide.results / "plan.json").mkdir(parents=True)
    done = guide.call("run")
    assert done.returncode == 3
    assert "plan.json: it cannot be written" in done.stderr
    assert list(guide.place.iterdir()) == []


def test_a_report_that_cannot_be_written_loses_no_outcome(guide: Guide) -> None:
    """The closing table is shown, and `report` makes up for it later."""
    (guide.results / "junit.xml").mkdir(parents=True)
    done = guide.call("run")
    assert done.returncode == 3
    assert "1 step proven" in done.stdout
    assert "junit.xml: it cannot be written" in done.stderr
    (guide.results / "junit.xml").rmdir()
    assert guide.call("report").returncode == 0
    assert (guide.results / "junit.xml").is_file()
    # Nothing of the first attempt is left.
    hidden = {path.name for path in guide.results.iterdir() if path.name.startswith(".")}
    assert hidden <= {".known-secrets"}


@pytest.mark.parametrize(
    ("text", "told"),
    [(b'{"schema": 99}', "schema 99"), (b"{", "not JSON"), (b"\xff", "not UTF-8")],
)
def test_a_plan_that_cannot_be_understood_is_named(guide: Guide, text: bytes, told: str) -> None:
    """With its path, and what is wrong with it."""
    guide.call("run")
    (guide.results / "plan.json").write_bytes(text)
    done = guide.call("report")
    assert done.returncode == 3
    assert f"{guide.results}/plan.json: " in done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_cluster_is_named_by_every_command(guide: Guide) -> None:
    """With file and line."""
    (guide.directory / "lab/cluster.yaml").write_text("name: sample\nhosts: 3\n")
    for command in ("plan", "run", "check"):
        done = guide.call(command)
        assert done.returncode == 3
        assert "lab/cluster.yaml:1: " in done.stderr


def test_an_output_that_is_full_is_told(guide: Guide) -> None:
    """The outcome is in the journal; the program does not say that a step failed."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            guide.argv("run"), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 3
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert guide.verdicts() == {"make-one": "proven"}


def test_a_reader_that_has_gone_ends_the_run_as_it_ends_any_program(guide: Guide) -> None:
    """Like a program that a broken pipe has killed, and without a word."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        guide.argv("run"), stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert done.returncode == 141
    assert done.stderr == ""


def test_a_machine_may_do_without_git(guide: Guide, tmp_path: Path) -> None:
    """Only the guide's version is not known then."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for directory in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for path in Path(directory).glob("*"):
            if path.name != "git" and not (programs / path.name).exists():
                (programs / path.name).symlink_to(path)
    assert shutil.which("git", path=str(programs)) is None
    done = guide.call("run", environment={"PATH": str(programs)})
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a file system that is full")
def test_a_disk_that_is_full_when_the_guide_is_read(guide: Guide) -> None:
    """A message, nothing run, and with space again the guide is read as if nothing had been."""
    build = guide.directory / "build"
    build.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(build)], check=True)
    try:
        done = guide.call("run")
        assert done.returncode == 3
        assert "No space left" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(guide.place.iterdir()) == []
        subprocess.run(["mount", "-o", "remount,size=8m", str(build)], check=True)
        assert guide.call("run").returncode == 0
    finally:
        subprocess.run(["umount", str(build)], check=True)
