"""What only an operator can do, and undo, works from pytest as from the command line."""

from __future__ import annotations

import shlex

import pexpect
import pytest

from tests.support.guides import making
from tests.support.pytested import LOCAL, PytestedGuide, write

pytest_plugins = ["pytester"]

MANUAL = """
.. step:: Look at the lamp
   :on: box

   .. manual:: Press the button until the lamp is green.

   .. check:: the lamp is green

      assert host.file("PLACE/green").exists
"""


def undoing(name: str) -> str:
    """Return an undo step that removes what a step made."""
    return f"""
.. step:: Remove {name}
   :on: box
   :undo:

   .. code-block:: console

      # rm PLACE/{name}

   .. check:: {name} is gone

      assert not host.file("PLACE/{name}").exists
"""


def guide_of_two_chapters(pytester: pytest.Pytester) -> PytestedGuide:
    """Write a guide of two chapters that make and remove a file each."""
    guide = PytestedGuide(pytester)
    write(guide.directory / "index.rst", "Guide\n=====\n\n.. toctree::\n\n   first\n   second\n")
    for chapter, name in (("first", "one"), ("second", "two")):
        text = f"{chapter}\n======\n\n{making(name)}\n{undoing(name)}"
        write(guide.directory / f"{chapter}.rst", text.replace("PLACE", str(guide.place)))
    return guide


def test_a_guide_is_undone_from_its_last_chapter_to_its_first(pytester: pytest.Pytester) -> None:
    """With an item for each undo step, in the journal that the command line has for it."""
    guide = guide_of_two_chapters(pytester)
    guide.run().assert_outcomes(passed=2)
    assert guide.made() == ["one", "two"]
    result = guide.run("--undo", "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["guide/second.rst::remove-two?box? PROVEN*", "guide/first.rst::remove-one?box? PROVEN*"]
    )
    assert guide.made() == []
    assert (guide.directory / "build/local-undo/junit.xml").exists()
    guide.run().assert_outcomes(passed=2)
    assert guide.made() == ["one", "two"]


def test_one_chapter_can_be_undone(pytester: pytest.Pytester) -> None:
    """Selected as ever."""
    guide = guide_of_two_chapters(pytester)
    guide.run().assert_outcomes(passed=2)
    guide.run("--undo", "-k", "remove-one").assert_outcomes(passed=1, deselected=1)
    assert guide.made() == ["two"]


@pytest.mark.parametrize("answer", ["y", "n"])
def test_the_operator_is_asked_to_do_the_manual_tasks(
    pytester: pytest.Pytester, answer: str
) -> None:
    """At the terminal that pytest captures otherwise; a task that nobody did is skipped."""
    guide = PytestedGuide(pytester, MANUAL, making("two"))
    arguments = shlex.join((*LOCAL, "--attended", "-rs", "guide"))
    child = pytester.spawn_pytest(arguments, expect_timeout=120)
    child.expect_exact("Press the button until the lamp is green.")
    child.expect_exact("Is it done?")
    if answer == "y":
        (guide.place / "green").touch()
    child.sendline(answer)
    child.expect_exact("2 passed" if answer == "y" else "it was not done")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == pytest.ExitCode.OK
    assert guide.made() == (["green", "two"] if answer == "y" else ["two"])


def test_without_an_operator_a_manual_task_is_skipped(pytester: pytest.Pytester) -> None:
    """The reason says how to be asked."""
    guide = PytestedGuide(pytester, MANUAL)
    result = guide.run("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*--attended*"])


@pytest.mark.parametrize(
    ("option", "words"),
    [("--undo", "leaves nothing to undo"), ("--attended", "workers have no terminal")],
)
def test_workers_can_do_neither(pytester: pytest.Pytester, option: str, words: str) -> None:
    """The session says so before anything runs."""
    guide = PytestedGuide(pytester, making("one"))
    result = pytester.runpytest_subprocess("-n", "2", option, "guide")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{option}: *{words}*"])
    assert guide.made() == []
