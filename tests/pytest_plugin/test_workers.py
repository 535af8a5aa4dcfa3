"""With pytest-xdist each worker has a lab of its own, and a chapter stays whole on one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook.labs.container.engine import available_engines
from tests.support.guides import CONTAINER_SECTION, making
from tests.support.needs import lacking_for_labs
from tests.support.pytested import PytestedGuide, write

pytest_plugins = ["pytester"]

CLUSTER = """
name: workers
network: 10.77.0.0/24
platform: debian12
hosts:
  box: {address: 10.77.0.11}
"""
LACKING = lacking_for_labs()


def chapter(title: str, *names: str) -> str:
    """Return the text of a chapter that makes files."""
    steps = "\n\n".join(making(name) for name in names).replace("PLACE", "/srv")
    return f"{title}\n{'=' * len(title)}\n\n{steps}\n"


def guide_of_two_chapters(pytester: pytest.Pytester) -> PytestedGuide:
    """Write a guide whose second chapter depends on its first."""
    guide = PytestedGuide(pytester)
    write(guide.directory / "index.rst", "Guide\n=====\n\n.. toctree::\n\n   first\n   second\n")
    write(guide.directory / "first.rst", chapter("First", "one", "two"))
    write(guide.directory / "second.rst", chapter("Second", "three", "four"))
    write(guide.directory / "lab/cluster.yaml", CLUSTER + CONTAINER_SECTION)
    return guide


def containers() -> list[str]:
    """Return the names of the containers of such labs."""
    listed = next(available_engines()).call("ps", "--all", "--format", "{{.Names}}")
    return [name for name in listed.split() if name.startswith("workers-")]


@pytest.mark.lab
@pytest.mark.skipif(bool(LACKING), reason=LACKING or "-")
def test_chapters_are_spread_over_labs(pytester: pytest.Pytester) -> None:
    """What the second chapter depends on is done on its worker's lab as well; no lab is left."""
    guide = guide_of_two_chapters(pytester)
    result = pytester.runpytest_subprocess("-n", "2", "-v", "-W", "default", "guide", timeout=300)
    result.assert_outcomes(passed=4)
    found = re.findall(r"\[(gw\d)\].*? PROVEN guide/(\w+)\.rst::make-(\w+)", result.stdout.str())
    by_chapter = {name: {w for w, one, _ in found if one == name} for name in ("first", "second")}
    assert {step for _, _, step in found} == {"one", "two", "three", "four"}
    assert [len(workers) for workers in by_chapter.values()] == [1, 1]
    assert by_chapter["first"] != by_chapter["second"]
    (second,) = by_chapter["second"]
    journal = Path(guide.directory, f"build/container-{second}/journal.jsonl").read_text()
    assert '"first/make-one"' in journal
    assert containers() == []


def test_somebodys_machine_is_not_shared_by_workers(pytester: pytest.Pytester) -> None:
    """There is only one of it, so the session says so and runs nothing."""
    guide = PytestedGuide(pytester, making("one"))
    result = pytester.runpytest_subprocess("--lab", "local", "--yes", "-n", "2", "guide")
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*there is only one local lab*"])
    assert guide.made() == []
