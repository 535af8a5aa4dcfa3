"""The person at the terminal is asked plainly, and can always get away."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from tests.guides import Guide, making

MANUAL = """
.. step:: Look at the lamp
   :on: box

   .. manual::

      Look at the lamp. It must be \x1b[31mgreen.
"""


def start(guide: Guide, *options: str) -> pexpect.spawn[str]:
    """Start an attended run on a terminal, up to its question."""
    argv = guide.argv("run", "--attended", *options)
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8", dimensions=(24, 200))
    child.expect_exact("Is it done?")
    return child


def test_a_question_stands_still(tmp_path: Path) -> None:
    """The live display is away meanwhile, and the task's words cannot command the terminal."""
    child = start(Guide(tmp_path, MANUAL))
    assert child.before is not None
    assert "It must be green." in child.before
    child.expect_exact("[y/N]: ")
    # Several times what the live display waits between two pictures.
    assert child.expect([pexpect.TIMEOUT, r"."], timeout=0.8) == 0
    child.sendline("y")
    child.expect(pexpect.EOF)


def test_an_answer_that_is_none_is_asked_for_again(tmp_path: Path) -> None:
    """A slip of the hand decides nothing."""
    guide = Guide(tmp_path, MANUAL)
    child = start(guide)
    child.sendline("perhaps")
    child.expect_exact("Answer with y or n.")
    child.expect_exact("Is it done?")
    child.sendline("y")
    child.expect(pexpect.EOF)
    assert guide.verdicts() == {"look-at-the-lamp": "passed"}


def test_an_interrupt_is_heeded_while_a_question_is_open(tmp_path: Path) -> None:
    """The program ends though nobody answers; what was done before stands."""
    guide = Guide(tmp_path, making("one"), MANUAL)
    child = start(guide)
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert guide.verdicts() == {"make-one": "proven"}


def test_the_end_of_the_input_does_not_do_a_task(tmp_path: Path) -> None:
    """It is left to a person, which is no fault of the harness, and the rest goes on."""
    guide = Guide(tmp_path, MANUAL, making("two"))
    done = guide.call("run", "--attended")
    assert done.returncode == 0, done.stdout
    assert guide.verdicts() == {"look-at-the-lamp": "manual", "make-two": "proven"}
    assert "who was asked has not done it" in done.stdout


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_an_operator_can_leave_instead_of_agreeing(tmp_path: Path, key: str) -> None:
    """Nothing runs; it is an interruption, not the failure of a step."""
    guide = Guide(tmp_path, making("one"))
    argv = [one for one in guide.argv("run") if one != "--yes"]
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8")
    child.expect_exact("[y/N]: ")
    child.send(key)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert list(guide.place.iterdir()) == []


def test_a_step_for_an_unknown_host_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    """A guide that describes no hosts has only this machine."""
    guide = Guide(tmp_path, making("one"))
    (guide.directory / "lab/cluster.yaml").unlink()
    for command in ("run", "check"):
        done = guide.call(command)
        assert done.returncode == 3
        assert "index.rst:4: on: there is no host or group 'box' in this lab" in done.stderr
    assert list(guide.place.iterdir()) == []
