"""A guide that has not changed is not read again; whatever changes makes it read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from tests.support.forked import run_module

CONF = """
import os
from pathlib import Path
import words

extensions = ["runbook.sphinx"]
project = words.TITLE
runbook_sources = "notes"
release = Path("VERSION").read_text().strip()
rst_prolog = os.environ.get("PROLOG", "")
"""

CLUSTER = """
name: small
network: 10.9.8.0/24
hosts: {one: {address: 10.9.8.1}}
values: {color: green}
"""

NOTES = """
program: engine
release: 4.5
repository: someone/engine
notes: {mode: {file: setup.py, says: it asks}}
"""

INDEX = """
Top
===

.. toctree::

   page

.. step:: Greet
   :on: one

   .. include:: greeting.inc

   .. check:: it is there

      assert host.file("/greeting").exists

.. image:: missing.png

.. image:: never.png
"""


@frozen
class Planned:
    """What came of planning: the plan, whether conf.py was executed, and what was said."""

    plan: str
    read: bool
    said: str
    sphinx: bool
    """Whether Sphinx was imported, which says something of a program that was not forked."""


def planned(guide: Path, *options: str, forked: bool = True, **environment: str) -> Planned:
    """Plan the guide as a command does, in a process of its own."""
    done = run_module(
        *("tests.support.planning", *options),
        cwd=guide,
        environment={**os.environ, **environment},
        forked=forked,
    )
    assert done.returncode == 0, done.stderr
    *plan, took = done.stdout.splitlines()
    read, sphinx = (word == "True" for word in took.split())
    return Planned("".join(plan), read, done.stderr, sphinx)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A guide whose conf.py imports a module, reads a file and looks up a variable."""
    guide = tmp_path_factory.mktemp("guide")
    (guide / "lab").mkdir()
    (guide / "notes").mkdir()
    for name, text in {
        "conf.py": CONF,
        "words.py": "TITLE = 'Small'\n",
        "VERSION": "1.0\n",
        "lab/cluster.yaml": CLUSTER,
        "notes/engine-4.yaml": NOTES,
        "index.rst": INDEX,
        "page.rst": "Page\n====\n\nNothing.\n",
        "greeting.inc": ".. code-block:: console\n\n   # touch /greeting\n",
    }.items():
        (guide / name).write_text(text)
    return guide


@pytest.fixture
def guide(written: Path) -> Path:
    """The same guide, as planned before and unchanged since."""
    for _ in range(3):
        if not planned(written).read:
            return written
    raise AssertionError("an unchanged guide is read again and again")


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text in a file, which keeps its length."""
    assert len(old) == len(new)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a document": lambda guide: edit(guide / "page.rst", "Nothing.", "Anything"),
    "an included file": lambda guide: edit(guide / "greeting.inc", "touch", "mkdir"),
    "a file that was missing": lambda guide: (guide / "missing.png").write_bytes(b"\x89PNG"),
    "a new document": lambda guide: (guide / "lab/new.rst").write_text("New\n===\n"),
    "a removed document": lambda guide: (guide / "lab/new.rst").unlink(),
    "a source note": lambda guide: edit(guide / "notes/engine-4.yaml", "asks", "says"),
    "new source notes": lambda guide: (guide / "notes/engine-5.yaml").write_text(NOTES),
    "the cluster file": lambda guide: edit(guide / "lab/cluster.yaml", "green", "white"),
    "conf.py": lambda guide: edit(guide / "conf.py", "words.TITLE", "'Other'    "),
    "an imported module": lambda guide: edit(guide / "words.py", "Small", "Large"),
    "a file that conf.py reads": lambda guide: edit(guide / "VERSION", "1.0", "2.0"),
    "a removed cluster file": lambda guide: (guide / "lab/cluster.yaml").unlink(),
    "a new cluster file": lambda guide: (guide / "lab/cluster.yaml").write_text(CLUSTER),
    "the plan itself": lambda guide: edit(guide / "build/plan/plan.json", "Greet", "Great"),
    "a lost plan": lambda guide: (guide / "build/plan/plan.json").unlink(),
    "a damaged record": lambda guide: (guide / "build/plan/sources.json").write_text("{"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_makes_the_guide_read(guide: Path, what: str) -> None:
    """Not even the length of a file has to be another one."""
    CHANGES[what](guide)
    assert planned(guide).read


def test_sphinx_is_imported_only_to_read_a_guide(guide: Path) -> None:
    """The import alone takes longer than all that an unchanged guide takes."""
    assert not planned(guide, forked=False).sphinx
    (guide / "build/plan/sources.json").unlink()
    fresh = planned(guide, forked=False)
    assert (fresh.read, fresh.sphinx) == (True, True)


def test_an_unchanged_guide_has_the_same_plan_and_the_same_warnings(guide: Path) -> None:
    """What was wrong with it is still wrong."""
    again = planned(guide)
    assert not again.read
    (guide / "build/plan/sources.json").unlink()
    fresh = planned(guide)
    assert fresh.read
    assert (again.plan, again.said) == (fresh.plan, fresh.said)
    assert "image file not readable: never.png" in again.said


def test_the_same_content_written_again_is_no_change(guide: Path) -> None:
    """A checkout that comes back to the same texts does not cost a reading."""
    for name in ("page.rst", "conf.py", "lab/cluster.yaml"):
        (guide / name).write_text((guide / name).read_text())
    os.utime(guide / "index.rst", (time.time() - 100, time.time() - 100))
    assert not planned(guide).read


def test_a_variable_that_conf_py_looks_up_is_a_source(guide: Path) -> None:
    """One that nobody looks up is not."""
    assert not planned(guide, UNRELATED="x").read
    other = planned(guide, PROLOG=".. |x| replace:: y")
    assert other.read
    assert not planned(guide, PROLOG=".. |x| replace:: y").read
    assert planned(guide).read


def test_another_way_of_reading_is_another_plan(guide: Path) -> None:
    """A plan of `--lenient` is not taken for one without."""
    assert planned(guide, "lenient").read
    assert planned(guide).read


def test_modules_from_elsewhere_make_the_guide_read(guide: Path, tmp_path: Path) -> None:
    """With another search path, conf.py may import something else."""
    assert planned(guide, PYTHONPATH=str(tmp_path)).read
    assert planned(guide).read


def test_another_program_reads_the_guide_itself(guide: Path) -> None:
    """Versions are part of what a plan was made from."""
    record = guide / "build/plan/sources.json"
    data = json.loads(record.read_text())
    record.write_text(json.dumps({**data, "programs": "another version"}))
    assert planned(guide).read


def test_strict_fails_in_the_same_way_with_and_without_reading(guide: Path) -> None:
    """Warnings of a plan that was not strict are the errors of one that is."""
    remembered = planned(guide, "strict")
    assert not remembered.read
    (guide / "build/plan/sources.json").unlink()
    fresh = planned(guide, "strict")
    assert fresh.read
    assert remembered.plan == fresh.plan == ""
    assert remembered.said == fresh.said != ""


def test_a_plan_with_errors_is_made_anew(guide: Path) -> None:
    """Nothing is remembered of a guide that cannot be planned."""
    good = (guide / "page.rst").read_text()
    try:
        (guide / "page.rst").write_text(f"{good}\n.. step:: Wrong\n   :on: nobody\n\n   Words.\n")
        said = planned(guide)
        assert "there is no host or group 'nobody'" in said.said
        assert planned(guide) == said
        assert said.read
    finally:
        (guide / "page.rst").write_text(good)


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess; subprocess.run(['true'], check=True)",
        "Path('page.rst').touch()",
    ],
    ids=["a program is started", "a document changes meanwhile"],
)
def test_what_cannot_be_known_is_read_every_time(guide: Path, line: str) -> None:
    """The output of a program, and a document that changes while Sphinx reads, have no stamp."""
    good = (guide / "conf.py").read_text()
    try:
        (guide / "conf.py").write_text(f"{good}\n{line}\n")
        assert planned(guide).read
        assert planned(guide).read
    finally:
        (guide / "conf.py").write_text(good)
