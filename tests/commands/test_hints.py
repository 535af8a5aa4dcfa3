"""After a failure the operator reads how to look at the host themselves."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from attrs import evolve

from runbook.commands.running.hints import how_to_look
from runbook.labs.ssh import StaticLab
from runbook.report.console import Console
from runbook.results import Verdict
from tests.support.reports import RUNBOOK, STORAGE, outcome

STEP = STORAGE.steps[0]


def shown(verdict: Verdict, *, shell: bool = False) -> str:
    """The log of a run in which a step ended with `verdict` on two hosts."""
    stream = io.StringIO()
    hint = how_to_look(Path.cwd(), "container", shell=shell)
    console = Console(stream, RUNBOOK, hint)
    for host in ("gs1", "gs2"):
        console.show(outcome(STEP, host, verdict))
    return stream.getvalue()


def test_an_explanation_ends_with_the_command_that_helps() -> None:
    """For each host on which the step failed."""
    lines = shown(Verdict.FAILED).splitlines()
    (first, second) = (n for n, line in enumerate(lines) if "to look at it" in line)
    assert lines[first] == "    to look at it: runbook lab shell gs1, or run with --shell"
    assert lines[second] == "    to look at it: runbook lab shell gs2, or run with --shell"
    assert lines[second] == lines[-1]


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.BLOCKED, Verdict.PROVEN])
def test_what_did_not_fail_has_no_hint(verdict: Verdict) -> None:
    """A host that is lost has no shell to offer."""
    assert "look at it" not in shown(verdict)


def test_who_is_given_the_session_needs_no_hint() -> None:
    """They see the prompt at once."""
    assert "look at it" not in shown(Verdict.FAILED, shell=True)


def test_the_command_can_be_pasted(tmp_path: Path) -> None:
    """It names the guide, the kind of lab and the user of the step where they are others."""
    guide = tmp_path / "my guide"
    guide.mkdir()
    how = how_to_look(guide, "vagrant", shell=False)
    assert how(evolve(STEP, user="postgres"), "gs1") == (
        f"to look at it: runbook lab shell gs1 '{guide}' --lab vagrant --user postgres, "
        "or run with --shell"
    )


def test_the_command_names_the_inventory(tmp_path: Path) -> None:
    """If the operator named one."""
    path = tmp_path / "other.yaml"
    path.write_text("hosts: {gs1: {address: 192.0.2.1}}")
    how = how_to_look(Path.cwd(), "static", StaticLab(None, path), shell=False)
    assert f"runbook lab shell gs1 --lab static --inventory {path}," in how(STEP, "gs1")


def test_on_this_very_machine_there_is_no_lab_to_log_in_to() -> None:
    """The operator is there already; only the session of the step is elsewhere."""
    how = how_to_look(Path.cwd(), "local", shell=False)
    assert how(STEP, "box") == "to look at it: run with --shell"
