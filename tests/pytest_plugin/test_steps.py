"""A guide's steps are pytest's items, and mean what pytest's users expect."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.support.guides import making
from tests.support.pytested import PytestedGuide

pytest_plugins = ["pytester"]

GREEN = """
.. step:: Make a second
   :on: box

   .. code-block:: console

      # touch PLACE/second

   .. check:: second is there

      assert host.file("PLACE/second").exists

   .. check:: one is there

      assert host.file("PLACE/one").exists
"""
UNCHECKED = """
.. step:: Only run
   :on: box

   .. code-block:: console

      # touch PLACE/unchecked
"""
LOOKING = """
.. step:: Look
   :on: box
   :readonly:

   .. code-block:: console

      # true
"""
UNDOING = """
.. step:: Remove one
   :on: box

   .. code-block:: console

      # rm PLACE/one; touch PLACE/removed

   .. check:: it was removed

      assert host.file("PLACE/removed").exists
"""


def test_collecting_shows_every_step_on_its_host_and_runs_nothing(
    pytester: pytest.Pytester,
) -> None:
    """A chapter has an item for each step and host, named by the step's id."""
    guide = PytestedGuide(pytester, making("one"), making("two"))
    result = guide.run("--collect-only", "-q")
    result.stdout.fnmatch_lines(
        ["guide/index.rst::make-one[[]box[]]", "guide/index.rst::make-two[[]box[]]"]
    )
    assert result.ret == pytest.ExitCode.OK
    assert guide.made() == []
    assert not guide.results.exists()


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only"])
def test_what_only_sets_up_runs_nothing(pytester: pytest.Pytester, option: str) -> None:
    """The run of a guide is no fixture: nothing is typed to show what would be."""
    guide = PytestedGuide(pytester, making("one"), making("two"))
    assert guide.run(option).ret == pytest.ExitCode.OK
    assert guide.made() == []


def test_each_verdict_is_what_ci_must_see(pytester: pytest.Pytester) -> None:
    """A proven step passes, a failed one fails, and one that could not be tried is an error."""
    guide = PytestedGuide(
        pytester, making("one"), making("two", "false"), making("three"),
        making("four", options=":platform: el6"),
    )  # fmt: skip
    result = guide.run("-v", "-ra")
    result.assert_outcomes(passed=1, failed=1, errors=1, skipped=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "guide/index.rst::make-one*PROVEN*",
            "*ERROR at setup of Make three*",
            "*it depends on index/make-two, which did not hold",
            "guide/index.rst:*: exit status 1, not 0",
            "ran       false",
            "SKIPPED * guide/index.rst:*: for el6; box is *",
        ]
    )
    result.stdout.no_fnmatch_line("*guide_run.py*")


def test_an_item_is_at_the_line_of_its_step(pytester: pytest.Pytester) -> None:
    """A report names the document and line of the step, for editors and CI servers."""
    guide = PytestedGuide(pytester, making("one"))
    guide.run("--junitxml=junit.xml", "-o", "junit_family=xunit1")
    (case,) = ET.parse(pytester.path / "junit.xml").iter("testcase")  # our own
    lines = (guide.directory / "index.rst").read_text().splitlines()
    assert case.get("file") == "guide/index.rst"
    assert lines[int(case.get("line", "0"))] == ".. step:: Make one"
    assert (case.get("classname"), case.get("name")) == ("guide.index.rst", "make-one[box]")
    (verdict,) = [p.get("value") for p in case.iter("property") if p.get("name") == "verdict"]
    assert verdict == "proven"


def test_what_a_selected_step_depends_on_runs_as_well(pytester: pytest.Pytester) -> None:
    """Steps that `-k` deselects are run for those that it selects; later ones are not."""
    guide = PytestedGuide(pytester, making("one"), making("two"), making("three"))
    guide.run("-k", "make-two").assert_outcomes(passed=1, deselected=2)
    assert guide.made() == ["one", "two"]


def test_a_deselected_step_that_fails_is_explained(pytester: pytest.Pytester) -> None:
    """A step that is blocked says what is wrong with a step that nobody asked for."""
    guide = PytestedGuide(pytester, making("one", "false"), making("two"))
    result = guide.run("-k", "make-two")
    result.assert_outcomes(errors=1, deselected=1)
    result.stdout.fnmatch_lines(["*exit status 1, not 0", "ran       false"])


def test_a_node_id_selects_a_step(pytester: pytest.Pytester) -> None:
    """What a report names can be given to pytest, with its host or without."""
    guide = PytestedGuide(pytester, making("one"), making("two"))
    guide.run(guide="guide/index.rst::make-one").assert_outcomes(passed=1)
    guide.run(guide="guide/index.rst::make-two[box]").assert_outcomes(passed=1)
    guide.run(guide="guide/index.rst").assert_outcomes(passed=2)


@pytest.mark.parametrize("expression", ["slow", "box and not quick", "el9"])
def test_tags_hosts_and_platforms_are_marks(pytester: pytest.Pytester, expression: str) -> None:
    """They are registered, so that strict markers know them."""
    guide = PytestedGuide(
        pytester, making("one", options=":tags: quick"),
        making("two", options=":tags: slow\n:platform: el9"),
    )  # fmt: skip
    result = guide.run("--collect-only", "-q", "--strict-markers", "-m", expression)
    result.stdout.fnmatch_lines(["guide/index.rst::make-two*", "1/2 tests collected*"])


def test_a_tag_that_pytest_acts_on_is_only_a_word(pytester: pytest.Pytester) -> None:
    """A step with the tag `skip` runs."""
    guide = PytestedGuide(pytester, making("one", options=":tags: skip"))
    guide.run("-m", "tag_skip").assert_outcomes(passed=1)


def test_the_first_failure_can_be_the_last(pytester: pytest.Pytester) -> None:
    """With `-x` nothing is typed after a failure, even if it does not depend on it."""
    guide = PytestedGuide(
        pytester, making("one", "false"), making("two", options=":needs: nothing")
    )
    guide.run("-x").assert_outcomes(failed=1)
    assert guide.made() == []
    assert not guide.records("finished")


def test_only_what_failed_runs_again(pytester: pytest.Pytester) -> None:
    """`--lf` runs the step that failed and what was blocked; what is done is not typed again."""
    log = "echo {} >> PLACE/log"
    guide = PytestedGuide(
        pytester, making("one", log.format(1)), making("two", "test -e PLACE/mended"),
        making("three"),
    )  # fmt: skip
    guide.run_again().assert_outcomes(passed=1, failed=1, errors=1)
    (guide.place / "mended").touch()
    guide.run_again("--lf").assert_outcomes(passed=2)
    assert (guide.place / "log").read_text() == "1\n"


@pytest.mark.parametrize("option", ["--ff", "--stepwise"])
def test_the_order_of_the_guide_is_kept(pytester: pytest.Pytester, option: str) -> None:
    """Whatever is sorted first, or begun with, a step is only run after those before it."""
    guide = PytestedGuide(
        pytester, making("one"), making("two", "test -e PLACE/mended"), making("three")
    )
    guide.run_again(option)
    (guide.place / "mended").touch()
    result = guide.run_again(option, "-v")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*make-two*PROVEN*", "*make-three*PROVEN*"])
    begun = [one["step"] for one in guide.records("begun")]
    assert begun == ["index/make-one", "index/make-two", "index/make-two", "index/make-three"]


def test_a_finding_is_a_warning(pytester: pytest.Pytester) -> None:
    """A check that never was red, and a step without one, are told at their lines.

    Of the step the plan warns as well: it can be mended before it is run.
    """
    guide = PytestedGuide(pytester, making("one"), GREEN, UNCHECKED)
    result = guide.run()
    result.assert_outcomes(passed=3, warnings=3)
    result.stdout.fnmatch_lines(
        ["*guide/index.rst:*FindingWarning: *proves nothing*vacuous*", "*no check*unchecked*"]
    )


@pytest.mark.parametrize(
    "option", ["--require-proven", "-Werror::runbook.pytest_plugin.FindingWarning"]
)
def test_a_finding_can_be_a_failure(pytester: pytest.Pytester, option: str) -> None:
    """By the command line's option, and by pytest's own."""
    guide = PytestedGuide(pytester, making("one"), GREEN, UNCHECKED)
    result = guide.run(option)
    result.assert_outcomes(passed=1, failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_check_that_a_later_step_made_false_is_found(pytester: pytest.Pytester) -> None:
    """It is a warning that names the later step."""
    guide = PytestedGuide(pytester, making("one"), UNDOING)
    result = guide.run()
    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(["*index/remove-one made this false: one is there*"])


def test_a_check_that_fell_for_no_known_reason_is_an_error(pytester: pytest.Pytester) -> None:
    """What held and holds no more at the end is told at the end, whoever broke it."""
    guide = PytestedGuide(pytester, making("one"), LOOKING)
    pytester.makeconftest(
        f"""
        import pathlib
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_teardown(nextitem):
            if nextitem is None:
                pathlib.Path("{guide.place}/one").unlink()
        """
    )
    result = guide.run()
    result.assert_outcomes(passed=2, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["guide/index.rst:*: no longer true on box: one is there (index/make-one)"]
    )


def test_a_machine_is_not_changed_unasked(pytester: pytest.Pytester) -> None:
    """Without `--yes` every step is an error, and nothing is typed."""
    guide = PytestedGuide(pytester, making("one"), making("two"))
    result = pytester.runpytest_inprocess("--lab", "local", "guide")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*this would change this machine; agree to it with --yes"])
    assert guide.made() == []


def test_a_session_in_which_nothing_is_proven_does_not_pass(pytester: pytest.Pytester) -> None:
    """All checks hold already, so nothing was typed: CI must not take that for a proof."""
    guide = PytestedGuide(pytester, making("one"))
    (guide.place / "one").touch()
    result = guide.run("-v")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["*SATISFIED*", "runbook: nothing was proven or passed"])


def test_a_guide_with_errors_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    """The message is that of the plan: every error with its file and line, and no traceback."""
    guide = PytestedGuide(pytester, making("one", options=":nonsense: 1"))
    result = guide.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*index.rst:*nonsense*"])
    result.stdout.no_fnmatch_line("*Traceback*")
