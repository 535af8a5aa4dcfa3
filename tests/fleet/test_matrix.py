"""A guide's jobs on workers: who does them, what is told, and what is left."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runbook.labs.container.engine import available_engines
from tests.support.forked import run_module
from tests.support.guides import CONTAINER_SECTION, Guide, making
from tests.support.needs import lacking_for_labs

LACKING = lacking_for_labs()
CLUSTER = """
name: matrix
network: 10.79.0.0/24
platform: debian12
choices: {way: short}
hosts:
  box: {address: 10.79.0.11}
"""


def write_guide(directory: Path, command: str = "", more: int = 0) -> None:
    """Write a guide of which two chapters depend on the first, and one of them has two ways.

    The steps of these two do `command` as well, and so do those of so many `more` chapters.
    """
    chapters = {
        "base": making("one"),
        "left": making("two", command, ":needs: base/make-one"),
        "right": "\n\n".join(
            making(way, command, f":needs: base/make-one\n:choice: way={way}")
            for way in ("short", "long")
        ),
    } | {f"more-{n}": making(str(n), command, ":needs: base/make-one") for n in range(more)}
    (directory / "lab").mkdir(parents=True)
    (directory / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    tree = "".join(f"   {name}\n" for name in chapters)
    (directory / "index.rst").write_text(f"Guide\n=====\n\n.. toctree::\n\n{tree}")
    for name, steps in chapters.items():
        text = f"{name}\n{'=' * len(name)}\n\n{steps}\n".replace("PLACE", "/srv")
        (directory / f"{name}.rst").write_text(text)
    (directory / "lab/cluster.yaml").write_text(CLUSTER + CONTAINER_SECTION)


def verify(guide: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Verify a guide side by side, and wait for it."""
    argv = [sys.executable, "-m", "runbook", "verify", "--matrix", str(guide), *options]
    return subprocess.run(argv, cwd="/", capture_output=True, text=True, check=False)


@pytest.mark.lab
@pytest.mark.skipif(bool(LACKING), reason=LACKING or "-")
def test_alternatives_are_verified_side_by_side(tmp_path: Path) -> None:
    """One journal tells of each step once for each variant; it is evidence, and no lab is left."""
    write_guide(tmp_path / "guide")
    choices = ("--choose", "way=short", "--choose", "way=long")
    done = verify(tmp_path / "guide", "--jobs", "2", *choices)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (tmp_path / "guide/build/container-matrix/journal.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    told = [(r["run"], r["step"], r["verdict"]) for r in records if r["record"] == "outcome"]
    assert len(told) == len(set(told)) == 8
    proven = sorted(step for _, step, verdict in told if verdict == "proven")
    assert proven == ["base/make-one"] * 2 + ["left/make-two"] * 2 + [
        "right/make-long", "right/make-short",
    ]  # fmt: skip
    assert len([r for r in records if r["record"] == "finished"]) == 2
    report = (tmp_path / "guide/build/container-matrix/report.html").read_text()
    assert "box (way=long)" in report
    listed = next(available_engines()).call("ps", "--all", "--format", "{{.Names}}")
    assert not [name for name in listed.split() if name.startswith("matrix-")]
    saved = run_module("runbook", "evidence", str(tmp_path / "guide"), cwd="/")
    assert saved.returncode == 0, saved.stderr
    # A proof of another choice is none of the guide as it is.
    assert "right/make-short" in (tmp_path / "guide/lab/evidence/right.json").read_text()


@pytest.mark.lab
@pytest.mark.skipif(bool(LACKING), reason=LACKING or "-")
def test_platforms_are_verified_side_by_side(tmp_path: Path) -> None:
    """One report has the hosts of both, and the guide gets evidence of both."""
    guide = Guide(tmp_path, cluster=CLUSTER + CONTAINER_SECTION)
    guide.write(making("one", "cat /etc/debian_version").replace("PLACE", "/srv"))
    platforms = ("debian12", "debian13")
    options = [word for one in platforms for word in ("--platform", one)]
    done = verify(guide.directory, "--jobs", "1", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    results = guide.directory / "build/container-matrix"
    records = map(json.loads, (results / "journal.jsonl").read_text().splitlines())
    told = {r["platform"]: r["verdict"] for r in records if r["record"] == "outcome"}
    assert told == dict.fromkeys(platforms, "proven")
    report = (results / "report.html").read_text()
    for one, version in zip(platforms, ("12", "13"), strict=True):
        assert f"box ({one})" in report
        (recording,) = results.glob(f"recordings/{one}/**/*.cast")
        events = map(json.loads, recording.read_text().splitlines()[1:])
        assert f"\n{version}." in "".join(text for _, kind, text in events if kind == "o")
    saved = run_module("runbook", "evidence", str(guide.directory), cwd="/")
    assert saved.returncode == 0, saved.stderr
    proofs = json.loads((guide.directory / "lab/evidence/index.json").read_text())["proofs"]
    assert {one["platform"]: one["verdict"] for one in proofs} == told
