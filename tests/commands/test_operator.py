"""Questions to the operator, and how they are interrupted."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from tests.support.guides import Guide, making

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


def test_a_question_is_not_overwritten(tmp_path: Path) -> None:
    """The live display is hidden, and the text of the task cannot control the terminal."""
    child = start(Guide(tmp_path, MANUAL))
    assert child.before is not None
    assert "It must be green." in child.before
    child.expect_exact("[y/N]: ")
    # Several times the refresh interval of the live display.
    assert child.expect([pexpect.TIMEOUT, r"."], timeout=0.8) == 0
    child.sendline("y")
    child.expect(pexpect.EOF)


def test_an_invalid_answer_is_asked_for_again(tmp_path: Path) -> None:
    """Until it is y or n."""
    guide = Guide(tmp_path, MANUAL)
    child = start(guide)
    child.sendline("perhaps")
    child.expect_exact("Answer y or n.")
    child.expect_exact("Is it done?")
    child.sendline("y")
    child.expect(pexpect.EOF)
    assert guide.verdicts() == {"look-at-the-lamp": "ran"}


def test_a_question_can_be_interrupted(tmp_path: Path) -> None:
    """The program exits; earlier outcomes are kept."""
    guide = Guide(tmp_path, making("one"), MANUAL)
    child = start(guide)
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert guide.verdicts() == {"make-one": "proven"}


def test_at_the_end_of_the_input_a_manual_task_is_left_undone(tmp_path: Path) -> None:
    """That is no error, and the run continues."""
    guide = Guide(tmp_path, MANUAL, making("two"))
    done = guide.call("run", "--attended")
    assert done.returncode == 0, done.stdout
    assert guide.verdicts() == {"look-at-the-lamp": "manual", "make-two": "proven"}
    assert "it was not done" in done.stdout


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_a_confirmation_can_be_interrupted(tmp_path: Path, key: str) -> None:
    """Nothing runs, and the exit status is that of an interrupt."""
    guide = Guide(tmp_path, making("one"))
    argv = [one for one in guide.argv("run") if one != "--yes"]
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8")
    child.expect_exact("[y/N]: ")
    child.send(key)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert list(guide.place.iterdir()) == []


def test_a_step_for_an_unknown_host_is_an_error_before_any_question(tmp_path: Path) -> None:
    """A guide without a cluster file has only this machine."""
    guide = Guide(tmp_path, making("one"))
    (guide.directory / "lab/cluster.yaml").unlink()
    for command in ("run", "check"):
        done = guide.call(command)
        assert done.returncode == 3
        assert "index.rst:4: on: there is no host or group 'box' in this lab" in done.stderr
    assert list(guide.place.iterdir()) == []
