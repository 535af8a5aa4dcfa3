"""The command line, as a user meets it: every command on a guide that is not ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pexpect
import pytest

from runbook import codec
from runbook.model import Runbook
from tests.guides import Guide, making

MANUAL = """
.. step:: Look at the lamp
   :on: box

   .. manual::

      Look at the lamp. It must be green.
"""


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """A guide of two steps."""
    return Guide(tmp_path, making("one"), making("two"))


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
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    """With what it takes."""
    argv = [sys.executable, "-m", "runbook", *command, "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
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
def test_a_command_does_not_wait_for_what_it_does_not_need(
    guide: Guide, command: tuple[str, ...], unwanted: set[str]
) -> None:
    """Nothing is run by a plan, so nothing that runs steps is imported."""
    argv = [sys.executable, "-X", "importtime", "-m", "runbook", *command]
    done = subprocess.run(argv, cwd=guide.directory, capture_output=True, text=True, check=True)
    told = done.stderr.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in told if "|" in line}
    assert "runbook.cli" in imported
    assert imported & unwanted == set()


def test_a_wrong_command_line_has_an_exit_status_of_its_own(guide: Guide) -> None:
    """It is no failure of the guide."""
    assert guide.call("run", "--nonsense").returncode == 2


def test_the_printed_plan_is_the_plan_on_the_disk(guide: Guide) -> None:
    """It can be read back."""
    done = guide.call("plan", "--json")
    assert done.returncode == 0, done.stderr
    runbook = codec.loads(done.stdout, Runbook)
    assert [step.id for step in runbook.steps()] == ["index/make-one", "index/make-two"]
    written = (guide.directory / "build/plan/plan.json").read_text()
    assert json.loads(written) == json.loads(done.stdout)


def test_a_plan_can_be_read_by_a_person(guide: Guide) -> None:
    """Steps in order, with hosts and lines."""
    done = guide.call("plan")
    assert done.returncode == 0
    assert done.stdout.index("make-one") < done.stdout.index("make-two")
    assert "Sample  index.rst" in done.stdout
    assert " :4  step  1 check" in done.stdout
    assert "box" in done.stdout


def test_what_a_guide_says_cannot_command_the_terminal(tmp_path: Path) -> None:
    """An escape sequence in a command is shown, not obeyed."""
    guide = Guide(tmp_path, making("one", "echo \x1b[31mred"))
    done = guide.call("plan")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


def test_a_run_proves_records_and_reports(guide: Guide) -> None:
    """All four files are there, and agree."""
    done = guide.call("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert guide.verdicts() == {"make-one": "proven", "make-two": "proven"}
    assert "2 steps proven on 1 host" in done.stdout
    suite = ElementTree.fromstring((guide.results / "junit.xml").read_text())
    assert len(list(suite.iter("testcase"))) == 2
    assert "Make one" in (guide.results / "report.html").read_text()
    plan = codec.loads((guide.results / "plan.json").read_text(), Runbook)
    assert [step.title for step in plan.steps()] == ["Make one", "Make two"]


def test_a_second_run_runs_nothing_again(guide: Guide) -> None:
    """The checks are seen to hold; a line of the log says so."""
    guide.call("run")
    for name in ("one", "two"):
        (guide.place / name).write_text("mine")
    done = guide.call("run")
    assert done.returncode == 0
    assert "by an earlier run" in done.stdout
    assert (guide.place / "one").read_text() == "mine"


def test_what_an_earlier_run_did_without_checks_is_not_said_to_hold(tmp_path: Path) -> None:
    """Nobody has looked."""
    guide = Guide(tmp_path, making("one").partition("   .. check::")[0])
    assert guide.call("run").returncode == 0
    done = guide.call("run")
    assert done.returncode == 0
    assert "by an earlier run" in done.stdout
    assert "hold" not in done.stdout.partition("\n\n")[0]


def test_a_report_can_be_written_again(guide: Guide) -> None:
    """With the run's own exit status."""
    guide.write(making("one"), making("two", "false"))
    assert guide.call("run").returncode == 1
    for name in ("junit.xml", "report.html"):
        (guide.results / name).unlink()
    done = guide.call("report")
    assert done.returncode == 1
    assert "failed" in done.stdout
    for name in ("junit.xml", "report.html"):
        assert (guide.results / name).stat().st_size > 0


def test_a_report_leads_to_the_guide_and_plays_what_happened(guide: Guide) -> None:
    """To the document, to the rendered page if there is one, and to no recording that is gone."""
    guide.call("run")
    rendered = guide.directory / "build/html/index.html"
    rendered.parent.mkdir()
    rendered.write_text('<section id="make-one">')
    (gone,) = guide.results.glob("recordings/index/make-two/*.cast")
    gone.unlink()
    assert guide.call("report").returncode == 0
    page = (guide.results / "report.html").read_text()
    assert '<a href="../../index.rst">index.rst:4</a>' in page
    assert '<a href="../html/index.html#make-one">' in page
    assert "index.html#make-two" not in page
    assert 'data-recording="0"' in page
    assert 'data-recording="1"' not in page


def test_a_report_without_a_run_is_an_error(guide: Guide) -> None:
    """It names the file that is missing."""
    done = guide.call("report")
    assert done.returncode == 3
    assert "no run is recorded" in done.stderr


def test_a_check_changes_nothing_and_tells_what_differs(guide: Guide) -> None:
    """Exit status 1 before, 0 after, and nothing is made."""
    done = guide.call("check")
    assert done.returncode == 1
    assert "differs" in done.stdout
    assert "index.rst:13" in done.stdout
    assert list(guide.place.iterdir()) == []
    guide.call("run")
    done = guide.call("check")
    assert done.returncode == 0
    assert done.stdout.count("holds") == 2


def test_a_check_of_nothing_is_an_error(guide: Guide) -> None:
    """A filter that matches nothing must not look like success."""
    assert guide.call("check", "--only", "nothing").returncode == 3


def test_a_run_of_nothing_is_an_error(guide: Guide) -> None:
    """So with a run, and with a guide that has no steps."""
    done = guide.call("run", "--only", "nothing")
    assert done.returncode == 3
    assert "no step is selected" in done.stderr
    guide.write("Only words.\n")
    assert guide.call("run").returncode != 0
    done = guide.call("plan")
    assert done.returncode == 1
    assert "no steps" in done.stderr


def test_a_run_in_which_nothing_is_proven_is_no_success(tmp_path: Path) -> None:
    """A person's task that nobody did proves nothing."""
    guide = Guide(tmp_path, MANUAL)
    done = guide.call("run")
    assert done.returncode == 4
    assert guide.verdicts() == {"look-at-the-lamp": "manual"}


@pytest.mark.parametrize(("answer", "verdict"), [("y", "passed"), ("n", "manual")])
def test_an_operator_who_is_there_is_asked(tmp_path: Path, answer: str, verdict: str) -> None:
    """The task's words are shown, and the answer decides."""
    guide = Guide(tmp_path, MANUAL)
    argv = guide.argv("run", "--attended")
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8")
    child.expect_exact("It must be green.")
    child.expect_exact("Is it done?")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert guide.verdicts() == {"look-at-the-lamp": verdict}


def test_this_machine_is_not_changed_without_consent(guide: Guide) -> None:
    """Who cannot be asked sees what would run, and how to agree."""
    argv = [one for one in guide.argv("run") if one != "--yes"]
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert f"touch {guide.place}/one" in done.stdout
    assert "--yes" in done.stderr
    assert list(guide.place.iterdir()) == []


@pytest.mark.parametrize(("answer", "made"), [("n", set()), ("y", {"one", "two"})])
def test_the_operator_agrees_after_having_seen_the_commands(
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


def test_a_directory_that_is_no_guide_is_said_to_be_none(tmp_path: Path) -> None:
    """Not a traceback of Sphinx."""
    argv = [sys.executable, "-m", "runbook", "plan", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "it has no conf.py" in done.stderr


def test_a_record_of_another_format_is_named(guide: Guide) -> None:
    """Nothing of it is lost or guessed at."""
    guide.call("run")
    journal = guide.results / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"schema": 1', '"schema": 99'))
    done = guide.call("run")
    assert done.returncode == 3
    assert "journal.jsonl:1" in done.stderr
    assert "99" in done.stderr
