"""What the plan warns of, and where a failure is, as a session of pytest tells it."""

from __future__ import annotations

import pytest

from tests.support.guides import making
from tests.support.pytested import LOCAL, PytestedGuide

pytest_plugins = ["pytester"]

LOOSE = making("one").replace('assert host.file("PLACE/one").exists', "assert True or host")
"""A step with a check that `runbook plan` warns of."""


def test_what_the_plan_warns_of_is_a_warning_at_its_line(pytester: pytest.Pytester) -> None:
    """In pytest's summary, not in the midst of what it prints."""
    PytestedGuide(pytester, LOOSE)
    result = pytester.runpytest_inprocess(*LOCAL, "--collect-only", "guide")
    result.stdout.fnmatch_lines(["*guide/index.rst:*: PlanWarning: the check asserts nothing*"])
    assert "WARNING" not in result.stderr.str()


def test_only_chapters_that_are_asked_for_are_warned_of(pytester: pytest.Pytester) -> None:
    """Those of another one would hide what this session is about."""
    guide = PytestedGuide(pytester, LOOSE)
    other = guide.directory / "other.rst"
    other.write_text(f":orphan:\n\nOther\n=====\n\n{making('two')}\n")
    for document, told in (("other.rst", 0), ("index.rst", 1)):
        result = pytester.runpytest_inprocess(*LOCAL, "--collect-only", f"guide/{document}")
        assert result.stdout.str().count("PlanWarning") == told


def test_whoever_calls_pytest_in_a_guide_learns_how_to_run_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not run by chance; elsewhere nothing is said."""
    guide = PytestedGuide(pytester, making("one"))
    said = "runbook: steps change machines, so a guide runs only if it is named: pytest ."
    pytester.runpytest_inprocess().stdout.no_fnmatch_line("runbook:*")
    monkeypatch.chdir(guide.directory)
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines([said])
    assert guide.made() == []


def test_a_session_can_take_the_warnings_of_the_plan_for_errors(pytester: pytest.Pytester) -> None:
    """All of them are told, and nothing is run."""
    guide = PytestedGuide(pytester, LOOSE, LOOSE.replace("Make one", "Make two"))
    result = guide.run("-W", "error::runbook.pytest_plugin.PlanWarning")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["index.rst:*: the check asserts nothing*"] * 2)
    assert guide.made() == []


def test_a_failure_names_the_document_as_it_is_seen_from_here(pytester: pytest.Pytester) -> None:
    """As pytest does with tests, so that terminals and editors can open it."""
    PytestedGuide(pytester, making("one", "false")).run().stdout.fnmatch_lines(
        ["guide/index.rst:*: exit status 1, not 0", "FAILED *StepFailed: guide/index.rst:*"]
    )
