"""What stands in an included file is told at its line there."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.model import Step
from runbook.sphinx.planning.plan import PlanError, build
from tests.support.guides import Guide

SNIPPET = """\
Remarks for authors
stand above the line.
BEGIN

.. step:: Included
   :on: box

   .. code-block:: console

      # echo one
      two
      # echo three

   .. check:: it is there

      assert host.file("PLACE/included").exists

END
"""


def guide(directory: Path, index: str, **files: str) -> Path:
    """Return a guide of one page with these files beside it; `_` in a name is a dot."""
    (directory / "lab").mkdir(parents=True)
    (directory / "conf.py").write_text("extensions = ['runbook.sphinx']\n")
    (directory / "index.rst").write_text(f"Guide\n=====\n\n{index}")
    for name, text in files.items():
        (directory / name.replace("_", ".")).write_text(text)
    return directory


def the_step(directory: Path) -> Step:
    """Return the only step of a guide."""
    (step,) = build(directory, output=directory / "build/plan").steps()
    return step


def places(step: Step) -> list[str]:
    """Return the locations of a step, of its actions and of its checks."""
    actions = [str(action.location) for action in step.actions]
    return [str(step.location), *actions, *(str(check.location) for check in step.checks)]


@pytest.mark.parametrize(
    "options",
    [
        "   :start-after: BEGIN\n   :end-before: END\n",
        "   :start-line: 3\n   :end-line: 17\n",
        "   :start-line: 1\n   :start-after: BEGIN\n   :end-before: END\n",
        "   :start-line: -16\n   :end-before: END\n",
    ],
)
def test_lines_are_counted_in_the_file_and_not_from_its_first_included_line(
    tmp_path: Path, options: str
) -> None:
    """However the part of the file is chosen."""
    index = f"A paragraph\nof two lines.\n\n.. include:: part.txt\n{options}\n\nMore.\n"
    step = the_step(guide(tmp_path, index, part_txt=SNIPPET))
    assert places(step) == ["part.txt:5", "part.txt:10", "part.txt:12", "part.txt:16"]


def test_a_file_that_is_included_by_an_included_file_has_its_own_lines(tmp_path: Path) -> None:
    """And so has what comes after it, in both files."""
    outer = "Skipped.\n\nHere:\n\n.. include:: inner.txt\n   :start-after: BEGIN\n\n::\n\n   # ls\n"
    inner = "Above.\n\nBEGIN\n\n::\n\n   # echo inner\n"
    index = ".. include:: outer.txt\n   :start-line: 2\n\n::\n\n   # echo after\n"
    found = build(guide(tmp_path, index, outer_txt=outer, inner_txt=inner), output=tmp_path / "p")
    assert [str(step.location) for step in found.steps()] == [
        "inner.txt:7",
        "outer.txt:10",
        "index.rst:9",
    ]


def test_an_include_inside_a_step_has_the_lines_of_its_file(tmp_path: Path) -> None:
    """The content of a directive is a part of the page with numbers of its own."""
    index = (
        ".. step:: One\n\n   .. include:: part.txt\n      :start-after: BEGIN\n\n"
        "   .. check:: it is\n\n      assert host\n"
    )
    part = "Above.\n\nBEGIN\n\n.. code-block:: console\n\n   # echo inner\n"
    step = the_step(guide(tmp_path, index, part_txt=part))
    assert places(step) == ["index.rst:4", "part.txt:7", "index.rst:11"]


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: part.txt\n   :code: bash\n   :start-line: 1\n",
        ".. include:: part.txt\n   :code: bash\n   :start-after: bash\n",
        ".. literalinclude:: part.txt\n   :language: bash\n   :lines: 2-\n",
        ".. literalinclude:: part.txt\n   :language: bash\n   :start-after: bash\n",
    ],
)
def test_the_lines_of_a_file_shown_as_a_block_are_those_of_the_file(
    tmp_path: Path, directive: str
) -> None:
    """Each command has its own."""
    step = the_step(guide(tmp_path, directive, part_txt="# bash\nset -e\nls\n"))
    assert places(step)[1:] == ["part.txt:2", "part.txt:3"]


def test_a_file_shown_in_pieces_has_the_line_of_its_directive(tmp_path: Path) -> None:
    """Its lines do not follow one another in the file."""
    directive = ".. literalinclude:: part.txt\n   :language: bash\n   :lines: 1,3\n"
    step = the_step(guide(tmp_path, directive, part_txt="set -e\necho\nls\n"))
    assert set(places(step)) == {"index.rst:4"}


def test_a_mistake_in_an_included_file_is_told_there(tmp_path: Path) -> None:
    """By docutils, and by us."""
    wrong = (
        "Above.\nBEGIN\n\n.. step:: One\n   :onn: x\n\n   Words.\n\n.. check:: it is\n\n   assert\n"
    )
    index = ".. include:: part.txt\n   :start-after: BEGIN\n"
    directory = guide(tmp_path / "deep", index, part_txt=wrong)
    with pytest.raises(PlanError) as error:
        build(directory, output=tmp_path / "plan")
    lines = str(error.value).splitlines()
    assert any(line.startswith("part.txt:4: ") and '"onn"' in line for line in lines)
    assert "part.txt:9: the directive 'check' belongs inside a step" in lines


def test_a_step_that_is_included_twice_names_both_directives(tmp_path: Path) -> None:
    """Its own place is the same for both."""
    index = ".. include:: part.txt\n   :start-after: BEGIN\n   :end-before: END\n\nAgain.\n\n"
    directory = guide(tmp_path, index * 2, part_txt=SNIPPET)
    with pytest.raises(PlanError) as error:
        build(directory, output=tmp_path / "plan")
    (line,) = str(error.value).splitlines()
    assert line.startswith("part.txt:5: the step id 'index/included' is there twice")
    assert "index.rst:4" in line
    assert "index.rst:10" in line


def test_reports_tell_the_included_file(tmp_path: Path) -> None:
    """Where a failing check stands, in the output and for a build server."""
    sample = Guide(tmp_path)
    sample.write(".. include:: part.txt\n   :start-after: BEGIN\n   :end-before: END\n")
    part = SNIPPET.replace("PLACE", str(sample.place)).replace("      two\n", "      one\n")
    (sample.directory / "part.txt").write_text(part)
    done = sample.call("run")
    assert done.returncode == 1
    assert "part.txt:16" in done.stdout
    junit = (sample.results / "junit.xml").read_text()
    assert 'file="part.txt" line="5"' in junit
