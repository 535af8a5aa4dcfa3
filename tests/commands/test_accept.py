"""`runbook accept` updates the guide to what programs printed in a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.guides import Guide

STEP = """
.. step:: Set up
   :on: box
   :output: shown

   Some words.

   .. code-block:: console

      # PLACE/setup
      Welcome to version 1.
      # # this is a remark
      Go on? (Yes, No) [No]: yes
      Log file: /tmp/...
      Done soon.

      # echo one; echo two
      one

   More words.

   .. check:: it is there

      assert host.file("PLACE/made").exists
"""

NUMBERS = """
.. step:: Count
   :on: box

   .. code-block:: console

      # echo 3
      2
      # echo no number; false
      4
"""

PROGRAM = """#!/bin/bash
echo Welcome to version 2.
read -p 'Go on? (Yes, No) [No]: ' answer
echo Log file: /tmp/2026.log
echo Done.
touch PLACE/made
"""


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """A guide that ran with a newer version of its program."""
    guide = Guide(tmp_path, STEP)
    program = guide.place / "setup"
    program.write_text(PROGRAM.replace("PLACE", str(guide.place)))
    program.chmod(0o755)
    done = guide.call("run")
    assert done.returncode == 0, done.stdout + done.stderr
    return guide


def test_differences_are_shown_as_a_patch_of_the_guide(guide: Guide) -> None:
    """Only lines of output change; nothing is written."""
    before = (guide.directory / "index.rst").read_text()
    done = guide.call("accept", "--lab", "local")
    assert done.returncode == 1, done.stderr
    changed = [line for line in done.stdout.splitlines() if line[:1] in "+-"]
    assert changed == [
        "--- a/index.rst",
        "+++ b/index.rst",
        "-      Welcome to version 1.",
        "+      Welcome to version 2.",
        "-      Done soon.",
        "+      Done.",
        "+      two",
    ]
    assert (guide.directory / "index.rst").read_text() == before


def test_the_guide_is_changed_on_request(guide: Guide) -> None:
    """Answers, remarks and `...` stay; a second time there is no difference."""
    assert guide.call("accept", "--lab", "local", "--write").returncode == 0
    text = (guide.directory / "index.rst").read_text()
    assert (
        "      Welcome to version 2.\n      # # this is a remark\n"
        "      Go on? (Yes, No) [No]: yes\n      Log file: /tmp/...\n      Done.\n\n"
    ) in text
    assert "   More words.\n" in text
    (guide.place / "made").unlink()
    assert guide.call("run").returncode == 0
    done = guide.call("accept", "--lab", "local")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_step_that_was_edited_since_is_skipped(guide: Guide) -> None:
    """The output belongs to the earlier text."""
    page = guide.directory / "index.rst"
    page.write_text(page.read_text().replace("echo one;", "echo one ;"))
    done = guide.call("accept", "--lab", "local")
    assert done.returncode == 3
    assert "edited since it ran" in done.stderr


def test_output_that_made_its_step_fail_is_taken_into_the_guide(tmp_path: Path) -> None:
    """That of a command that failed for another reason is not."""
    guide = Guide(tmp_path, NUMBERS)
    assert guide.call("run").returncode == 1
    shown = guide.call("accept", "--lab", "local")
    assert shown.returncode == 1
    assert [line for line in shown.stdout.splitlines() if line[:1] in "+-"][2:] == [
        "-      2",
        "+      3",
    ]
    assert guide.call("accept", "--lab", "local", "--write").returncode == 0
    assert guide.call("run").returncode == 1
    assert "exit status 1" in str(guide.outcomes())
    done = guide.call("accept", "--lab", "local")
    assert (done.returncode, done.stdout) == (0, "")


INSTALLER = """#!/usr/bin/python3
import os, sys, textwrap

columns = os.get_terminal_size(0).columns


def ask(text):
    words = textwrap.wrap(text, columns - 26) if columns else text.split()
    sys.stdout.write("\\n".join(words) + " ")
    sys.stdout.flush()
    return sys.stdin.readline()


print("Version 2")
ask("Do you want Setup to configure the firewall of this very machine, all of it? (Yes, No) [Yes]:")
ask("Overwrite the store that is still there from the last time it was made? (Yes, No) [No]:")
ask("Full name of this server, as all its clients will know it [gs1.example.com]:")
open("PLACE/made", "w").close()
"""

INSTALL = """
.. step:: Install
   :on: box

   .. code-block:: console

      # PLACE/setup
      Version 1
      Do you want Setup to configure the firewall ... (Yes, No) [Yes]: no
      Full name of this server, as all its clients will know it [gs2.example.com]: gs1

   .. answers::

      :Overwrite the store that is still there ...: ``yes``, sometimes: if it is

   .. check:: it is there

      assert host.file("PLACE/made").exists
"""


@pytest.mark.parametrize("columns", ["0", "80", "132"])
def test_questions_are_known_at_the_width_of_the_run(tmp_path: Path, columns: str) -> None:
    """Shortened and broken ones are in the guide already, and so are those of the answers."""
    guide = Guide(tmp_path, INSTALL)
    program = guide.place / "setup"
    program.write_text(INSTALLER.replace("PLACE", str(guide.place)))
    program.chmod(0o755)
    assert guide.call("run", environment={"RUNBOOK_COLUMNS": columns}).returncode == 0
    done = guide.call("accept", "--lab", "local")
    assert [line.strip() for line in done.stdout.splitlines() if line[:1] in "+-"][2:] == [
        "-      Version 1",
        "+      Version 2",
        "-      Full name of this server, as all its clients will know it [gs2.example.com]: gs1",
        "+      Full name of this server, as all its clients will know it [gs1.example.com]: gs1",
    ]
