"""With `--pdb` the operator gets the session of a step that does not hold."""

from __future__ import annotations

import shlex

import pytest

from tests.support.guides import making
from tests.support.pytested import LOCAL, PytestedGuide

pytest_plugins = ["pytester"]


def test_the_session_that_failed_can_be_mended_and_the_step_tried_again(
    pytester: pytest.Pytester,
) -> None:
    """It is in the directory and has the variables of the step; Python's debugger stays out."""
    guide = PytestedGuide(
        pytester,
        making("one", "cd PLACE\nWORD=kept\ntest -e mended"),
        making("two"),
    )
    child = pytester.spawn_pytest(shlex.join((*LOCAL, "--pdb", "guide")), expect_timeout=120)
    child.expect_exact("ran       test -e mended")
    child.expect_exact("is yours")
    child.sendline('touch mended; echo "the word is $WORD"')
    child.expect_exact("the word is kept")
    child.sendline("exit")
    child.expect_exact("Try the step again, go on, or stop?")
    child.sendline("t")
    child.expect_exact("2 passed")
    assert b"(Pdb)" not in (child.before or b"")
    child.wait()
    assert child.exitstatus == pytest.ExitCode.OK
    assert guide.made() == ["mended", "one", "two"]


def test_a_step_that_stays_broken_fails(pytester: pytest.Pytester) -> None:
    """The operator looks, and goes on; what depends on the step is blocked."""
    PytestedGuide(pytester, making("one", "false"), making("two"))
    child = pytester.spawn_pytest(shlex.join((*LOCAL, "--pdb", "guide")), expect_timeout=120)
    child.expect_exact("is yours")
    child.sendline("exit")
    child.expect_exact("Try the step again, go on, or stop?")
    child.sendline("g")
    child.expect_exact("1 failed, 1 error")
    child.wait()
    assert child.exitstatus == pytest.ExitCode.TESTS_FAILED
