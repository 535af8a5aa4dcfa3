"""The options of the plugin get along with those of others."""

from __future__ import annotations

import pytest

from tests.support.guides import making
from tests.support.pytested import LOCAL, PytestedGuide

pytest_plugins = ["pytester"]


def test_an_option_that_another_plugin_has_taken_gets_a_prefix(pytester: pytest.Pytester) -> None:
    """Both plugins work."""
    guide = PytestedGuide(pytester, making("one"))
    pytester.makepyfile(early="def pytest_addoption(parser): parser.addoption('--lab')")
    pytester.syspathinsert()
    result = pytester.runpytest_inprocess(
        "-p", "early", "--lab", "theirs", "--runbook-lab", "local", "--yes", "guide"
    )
    result.assert_outcomes(passed=1)
    assert guide.made() == ["one"]


def test_a_conftest_may_have_an_option_for_hosts(pytester: pytest.Pytester) -> None:
    """It is the commonest name there is; the plugin is loaded before, and leaves it alone."""
    pytester.makeconftest("def pytest_addoption(parser): parser.addoption('--host')")
    pytester.makepyfile("def test_it(pytestconfig): assert pytestconfig.getoption('host') == 'a'")
    pytester.runpytest_inprocess("--host", "a").assert_outcomes(passed=1)


def test_a_choice_without_a_value_is_refused(pytester: pytest.Pytester) -> None:
    """Before anything is run."""
    guide = PytestedGuide(pytester, making("one"))
    result = guide.run("--choose", "engine")
    result.stdout.fnmatch_lines(["*--choose: 'engine' is not of the form NAME=VALUE"])
    assert guide.made() == []


def test_a_platform_is_for_hosts_that_are_made(pytester: pytest.Pytester) -> None:
    """Items have its mark; a machine that is somebody's is refused."""
    guide = PytestedGuide(pytester, making("one"))
    made = ("--lab", "vagrant", "--platform", "debian13", "--collect-only", "-m")
    for mark, count in (("debian13", 1), ("debian12", 0)):
        result = pytester.runpytest_inprocess(*made, mark, "guide")
        result.stdout.fnmatch_lines([f"*{count or 'no'} test*collected*"])
    result = guide.run("--platform", "debian13")
    result.stdout.fnmatch_lines(["*--platform: the hosts of a local lab are what they are"])
    assert guide.made() == []


def test_an_interrupt_leaves_a_complete_journal(pytester: pytest.Pytester) -> None:
    """The run is closed where it stands, and the next one goes on from there."""
    guide = PytestedGuide(pytester, making("one"), making("two"))
    conftest = pytester.makeconftest(
        """
        def pytest_runtest_setup(item):
            if "make-two" in item.name:
                raise KeyboardInterrupt
        """
    )
    # The process of an interrupted session ends.
    result = pytester.runpytest_subprocess(*LOCAL, "guide")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert guide.made() == ["one"]
    assert not guide.records("finished")
    conftest.unlink()
    guide.run().assert_outcomes(passed=2)
    assert [one["step"] for one in guide.records("begun")] == ["index/make-one", "index/make-two"]
