"""A rehearsal parses and lints commands, and reports findings at their lines."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from runbook.errors import RunbookError
from runbook.model import (
    Capture,
    Chapter,
    Cluster,
    Command,
    Dialogue,
    Host,
    Location,
    Override,
    Runbook,
    Step,
    Turn,
)
from runbook.rehearsal import lint
from runbook.rehearsal.rehearse import rehearse
from runbook.results import Verdict
from tests.support.forked import run_module
from tests.support.waiting import until

PLACE = Location("docs/page.rst", 7)


def outcomes(
    *steps: Step, cluster: Cluster | None = None, shellcheck: bool = True
) -> list[tuple[Verdict, str]]:
    """Return verdicts and reasons of a rehearsal."""
    runbook = Runbook("Guide", (Chapter("docs/page", "Page", steps),))
    found = rehearse(runbook, cluster, refuses=lambda _: "", shellcheck=shellcheck)
    return [(outcome.verdict, outcome.reason) for outcome in found]


def step(*actions: Command | Dialogue) -> Step:
    """Return a step with these actions."""
    return Step("page/step", "Step", PLACE, actions=actions)


def test_a_command_that_bash_cannot_parse_is_found_at_its_line() -> None:
    """Without running it."""
    text = "echo one\nfor x in 1 2; do\n  echo (\ndone"
    ((verdict, reason),) = outcomes(step(Command(text, PLACE)), shellcheck=False)
    assert verdict is Verdict.FAILED
    assert "docs/page.rst:9: bash cannot parse this:" in reason


def test_an_unterminated_here_document_is_found_where_it_begins() -> None:
    """Bash only warns of it and would run it."""
    ((verdict, reason),) = outcomes(step(Command("true\ncat <<EOF\ntext", PLACE)), shellcheck=False)
    assert verdict is Verdict.FAILED
    assert reason == "docs/page.rst:8: the here-document is not terminated (wanted `EOF')"


def test_a_missing_shellcheck_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which names the option to run without it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(RunbookError, match=r"not installed.*--no-shellcheck"):
        lint.shellcheck([])


def test_a_warning_of_shellcheck_is_found_at_its_line() -> None:
    """With the code of ShellCheck."""
    text = "cd /tmp\nrm -rf $nowhere/*"
    ((verdict, reason),) = outcomes(step(Command(text, PLACE)))
    assert verdict is Verdict.FAILED
    assert "docs/page.rst:8: " in reason
    assert "[SC2115]" in reason


def test_a_captured_placeholder_is_no_redirection() -> None:
    """`<vm-id>` is filled in before a shell sees it."""
    first = evolve(step(Command("virsh list", PLACE)), capture=Capture("vm_id"))
    second = Step("page/two", "Two", PLACE, actions=(Command("virsh start <vm-id>", PLACE),))
    assert [verdict for verdict, _ in outcomes(first, second)] == [Verdict.CHECKED] * 2


def test_a_step_is_rehearsed_only_if_it_has_a_dialogue() -> None:
    """A step with commands only is checked, since none of it was played."""
    command = Command("ls", PLACE)
    played = Dialogue("setup", PLACE, (Turn("Go on? (Yes, No)", "yes"),))
    both = evolve(step(command, played), id="page/both")
    assert outcomes(step(command), both, shellcheck=False) == [
        (Verdict.CHECKED, ""),
        (Verdict.REHEARSED, ""),
    ]


def test_the_answers_of_every_host_are_played() -> None:
    """An invalid answer for one host is found, though those for others are valid."""
    turn = Turn("Go on? (Yes, No)", "yes", overrides=(Override(("two",), answer="maybe"),))
    hosts = (Host("one", "10.0.0.1"), Host("two", "10.0.0.2"))
    ((verdict, reason),) = outcomes(
        step(Dialogue("setup", PLACE, (turn,))), cluster=Cluster("c", "10.0.0.0/24", hosts)
    )
    assert verdict is Verdict.FAILED
    assert "as written" in reason
    assert reason.count("\n    ") > 0


GUIDE = """
Guide
=====

.. step:: Set the store up
   :on: one

   .. code-block:: console

      # store-setup
      Go on? (Yes, No) [No]: yes
      Done.

   .. check:: it is there

      assert host.file("/store").exists

.. step:: List it
   :on: one

   .. code-block:: console

      # ls /store

   .. check:: it is there

      assert host.file("/store").exists

.. step:: Look at it
   :on: one

   .. code-block:: console

      # fi

   .. check:: it is there

      assert host.file("/store").exists
"""


def test_a_guide_is_rehearsed_from_the_command_line(tmp_path: Path) -> None:
    """Without a lab; findings have their lines, and the journal says what was rehearsed."""
    (tmp_path / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (tmp_path / "index.rst").write_text(GUIDE)
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/cluster.yaml").write_text(
        "name: c\nnetwork: 10.0.0.0/24\nplatform: debian12\nhosts:\n  one: {address: 10.0.0.1}\n"
    )

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return run_module("runbook", "rehearse", tmp_path, *options)

    done = run()
    assert done.returncode == 1, done.stderr
    assert "rehearsed stand-in index/set-the-store-up" in done.stdout
    assert "index.rst:34: bash cannot parse this" in done.stdout
    assert "checked   stand-in index/list-it" in done.stdout
    assert "1 step rehearsed, 1 checked, 1 with findings" in done.stdout
    recorded = (tmp_path / "build/rehearsal/journal.jsonl").read_text()
    assert '"rehearsed"' in recorded
    assert '"checked"' in recorded
    assert "proven" not in recorded
    good = run("--only", "*store*")
    assert good.returncode == 0
    assert "chapter" in good.stdout, "the summary table"
    assert run("--only", "*list*").returncode == 0, "a step that is only checked"
    assert run("--only", "nothing").returncode == 4


def test_an_interrupted_rehearsal_ends_at_once(tmp_path: Path) -> None:
    """Without waiting for stand-ins; the reports are written."""
    turns = "".join(f"      Question {n}? (Yes, No) [No]: yes\n" for n in range(30))
    head, _, tail = GUIDE.partition("      Go on? (Yes, No) [No]: yes\n")
    (tmp_path / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (tmp_path / "index.rst").write_text(head.replace("   :on: one\n", "") + turns + tail)
    argv = [sys.executable, "-m", "runbook", "rehearse", str(tmp_path), "--no-shellcheck"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        until(lambda: any(tmp_path.glob("build/rehearsal/plan.json")), 30)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert b"interrupted" in said
    assert (tmp_path / "build/rehearsal/report.html").exists()
