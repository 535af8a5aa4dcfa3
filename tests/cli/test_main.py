"""The command line: every command, on a small guide."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pexpect
import pytest

from runbook.model import Runbook, codec
from tests.support.forked import run_module
from tests.support.guides import Guide, making

MANUAL = """
.. step:: Look at the lamp
   :on: box

   .. manual::

      Look at the lamp. It must be green.
"""


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("plan",),
        ("lint",),
        ("run",),
        ("check",),
        ("report",),
        ("rehearse",),
        ("lab",),
        ("lab", "up"),
        ("lab", "down"),
        ("lab", "status"),
        ("lab", "shell"),
    ],
)
def test_every_command_has_a_help_text(command: tuple[str, ...]) -> None:
    """With its arguments."""
    done = run_module("runbook", *command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage:")
    if command not in ((), ("lab",)):
        assert "GUIDE" in done.stdout


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        (("plan",), {"pytest", "_pytest", "testinfra", "rich.live"}),
        (("--help",), {"pytest", "_pytest", "testinfra", "rich", "sphinx", "docutils", "cattrs"}),
    ],
)
def test_a_command_imports_only_what_it_needs(
    guide: Guide, command: tuple[str, ...], unwanted: set[str]
) -> None:
    """A plan runs no steps, so nothing that runs them is imported."""
    argv = [sys.executable, "-X", "importtime", "-m", "runbook", *command]
    done = subprocess.run(argv, cwd=guide.directory, capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in lines if "|" in line}
    assert "runbook.cli" in imported
    assert imported & unwanted == set()


def test_a_usage_error_has_its_own_exit_status(guide: Guide) -> None:
    """It is not a failure of the guide."""
    assert guide.call("run", "--nonsense").returncode == 2


def test_the_printed_plan_equals_the_file(guide: Guide) -> None:
    """And can be loaded."""
    done = guide.call("plan", "--json")
    assert done.returncode == 0, done.stderr
    runbook = codec.loads(done.stdout, Runbook)
    assert [step.id for step in runbook.steps()] == ["index/make-one", "index/make-two"]
    written = json.loads((guide.directory / "build/plan/plan.json").read_text())
    # Only a file can name another one.
    assert written.pop("$schema")
    assert written == json.loads(done.stdout)


def test_a_plan_lists_the_steps(guide: Guide) -> None:
    """In order, with hosts and lines."""
    done = guide.call("plan")
    assert done.returncode == 0
    assert done.stdout.index("make-one") < done.stdout.index("make-two")
    assert "Sample  index.rst" in done.stdout
    assert " :4  step  1 check" in done.stdout
    assert "box" in done.stdout


def test_the_text_of_a_guide_cannot_control_the_terminal(tmp_path: Path) -> None:
    """An escape sequence in a command is shown as text."""
    guide = Guide(tmp_path, making("one", "echo \x1b[31mred"))
    done = guide.call("plan")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


def test_a_run_proves_records_and_reports(guide: Guide) -> None:
    """The journal, the plan and both reports are written, and agree."""
    done = guide.call("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert guide.verdicts() == {"make-one": "proven", "make-two": "proven"}
    assert "2 steps proven on 1 host" in done.stdout
    suite = ElementTree.fromstring((guide.results / "junit.xml").read_text())
    assert len(list(suite.iter("testcase"))) == 2
    assert "Make one" in (guide.results / "report.html").read_text()
    plan = codec.loads((guide.results / "plan.json").read_text(), Runbook)
    assert [step.title for step in plan.steps()] == ["Make one", "Make two"]


def test_a_second_run_repeats_no_step(guide: Guide) -> None:
    """The checks still hold, and the log says so."""
    guide.call("run")
    for name in ("one", "two"):
        (guide.place / name).write_text("mine")
    done = guide.call("run")
    assert done.returncode == 0
    assert "by an earlier run" in done.stdout
    assert (guide.place / "one").read_text() == "mine"


def test_a_step_without_checks_is_not_said_to_hold(tmp_path: Path) -> None:
    """In a second run, which evaluates none."""
    guide = Guide(tmp_path, making("one").partition("   .. check::")[0])
    assert guide.call("run").returncode == 4
    done = guide.call("run")
    assert done.returncode == 4
    assert "by an earlier run" in done.stdout
    assert "hold" not in done.stdout.partition("\n\n")[0]


def test_a_check_changes_nothing_and_shows_differences(guide: Guide) -> None:
    """Exit status 1 before the run and 0 after it."""
    done = guide.call("check")
    assert done.returncode == 1
    assert "differs" in done.stdout
    assert "index.rst:13" in done.stdout
    assert list(guide.place.iterdir()) == []
    guide.call("run")
    done = guide.call("check")
    assert done.returncode == 0
    assert done.stdout.count("holds") == 2


def test_a_check_without_a_matching_step_is_an_error(guide: Guide) -> None:
    """It must not look like success."""
    assert guide.call("check", "--only", "nothing").returncode == 3


def test_a_run_without_a_step_is_an_error(guide: Guide) -> None:
    """Whether none is selected, or the guide has none."""
    done = guide.call("run", "--only", "nothing")
    assert done.returncode == 3
    assert "no step is selected" in done.stderr
    guide.write("Only words.\n")
    assert guide.call("run").returncode != 0
    done = guide.call("plan")
    assert done.returncode == 1
    assert "no steps" in done.stderr


def test_a_run_that_proves_nothing_is_no_success(tmp_path: Path) -> None:
    """Such as a manual task that was not done."""
    guide = Guide(tmp_path, MANUAL)
    done = guide.call("run")
    assert done.returncode == 4
    assert guide.verdicts() == {"look-at-the-lamp": "manual"}


@pytest.mark.parametrize(("answer", "verdict"), [("y", "ran"), ("n", "manual")])
def test_an_attending_operator_does_the_manual_tasks(
    tmp_path: Path, answer: str, verdict: str
) -> None:
    """The task is shown, and the answer decides the verdict."""
    guide = Guide(tmp_path, MANUAL)
    argv = guide.argv("run", "--attended")
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8")
    child.expect_exact("It must be green.")
    child.expect_exact("Is it done?")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert guide.verdicts() == {"look-at-the-lamp": verdict}


def test_this_machine_is_not_changed_without_confirmation(guide: Guide) -> None:
    """Without a terminal, the steps and the option to confirm are shown."""
    argv = [one for one in guide.argv("run") if one != "--yes"]
    done = run_module(*argv[2:])
    assert done.returncode == 3
    assert f"touch {guide.place}/one" in done.stdout
    assert "--yes" in done.stderr
    assert list(guide.place.iterdir()) == []


@pytest.mark.parametrize(("answer", "made"), [("n", set()), ("y", {"one", "two"})])
def test_the_operator_sees_the_commands_before_confirming(
    guide: Guide, answer: str, made: set[str]
) -> None:
    """`n` runs nothing."""
    argv = [one for one in guide.argv("run") if one != "--yes"]
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8", dimensions=(24, 200))
    child.expect_exact(f"touch {guide.place}/two")
    child.expect_exact("on this machine")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    assert {path.name for path in guide.place.iterdir()} == made


def test_a_directory_without_a_guide_is_an_error(tmp_path: Path) -> None:
    """With a message instead of a traceback."""
    done = run_module("runbook", "plan", tmp_path)
    assert done.returncode == 3
    assert "it has no conf.py" in done.stderr


def test_a_journal_of_another_schema_is_an_error(guide: Guide) -> None:
    """With file and line; it is not overwritten."""
    guide.call("run")
    journal = guide.results / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"schema": 2', '"schema": 99'))
    done = guide.call("run")
    assert done.returncode == 3
    assert "journal.jsonl:1" in done.stderr
    assert "99" in done.stderr
