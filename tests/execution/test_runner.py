"""A step is proven when its checks fail before it and hold after it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import frozen

from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.runner import walk
from runbook.model import Capture
from runbook.results import Phase, Started, Verdict
from runbook.terminal.connection import LocalConnection
from tests.support.steps import (
    CLUSTER,
    check,
    makes,
    outcomes,
    runbook,
    step,
    todo,
    verdicts,
)


@frozen
class Door:
    """A connection through a program that can be taken away, as a machine can."""

    host: str
    program: Path

    def shell(self, user: str) -> list[str]:
        """The local interactive shell, through the door."""
        return [str(self.program), *LocalConnection(self.host).shell(user)[1:]]

    def pipe(self, user: str) -> list[str]:
        """The local shell without a terminal, through the door."""
        return [str(self.program), *LocalConnection(self.host).pipe(user)[1:]]

    def login(self, user: str, *, interactive: bool = True) -> list[str]:
        """Nobody logs in here."""
        raise NotImplementedError(user, interactive)

    def exec_argv(
        self, user: str, command: Sequence[str], *, interactive: bool = False
    ) -> list[str]:
        """Nobody runs anything else here."""
        raise NotImplementedError(user, command, interactive)


def test_red_before_and_green_after_is_proven(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """The outcome shows the check red, the command, and the check green."""
    (outcome,) = outcomes(runbook(makes(tmp_path / "x")), hosts)
    assert outcome.verdict is Verdict.PROVEN
    assert [c.held for c in outcome.before] == [False]
    assert [c.held for c in outcome.after] == [True]
    assert [(a.text, a.status) for a in outcome.actions] == [(f"touch {tmp_path}/x", 0)]
    assert outcome.vacuous == ()


def test_a_check_that_never_was_red_is_vacuous(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """A step can be proven by one check while another says nothing."""
    sound = check(f'assert host.file("{tmp_path}/x").exists')
    empty = check("assert True", "nothing is said", line=30)
    made = step("make", f"touch {tmp_path}/x", checks=(sound, empty))
    (outcome,) = outcomes(runbook(made), hosts)
    assert outcome.verdict is Verdict.PROVEN
    assert [c.sentence for c in outcome.vacuous] == ["nothing is said"]


def test_a_step_without_checks_ran_and_is_no_proof(hosts: dict[str, HostConnection]) -> None:
    """It ran and nothing went wrong, but nothing is proven."""
    assert verdicts(outcomes(runbook(step("look", "true")), hosts)) == [Verdict.RAN]


def test_a_readonly_step_runs_though_its_checks_hold(hosts: dict[str, HostConnection]) -> None:
    """Reading proves nothing and is exempt from the rule."""
    look = step("look", "echo seen", checks=(check("assert True"),), readonly=True)
    (outcome,) = outcomes(runbook(look), hosts)
    assert outcome.verdict is Verdict.PASSED
    assert outcome.actions[0].output == "seen\n"


def test_a_failing_command_fails_the_step_with_its_line(hosts: dict[str, HostConnection]) -> None:
    """The reason names the document's line and the exit status."""
    (outcome,) = outcomes(
        runbook(step("break", "echo oops; exit_with() { return 7; }; exit_with")), hosts
    )
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason.startswith("docs/sample.rst:12:")
    assert "7" in outcome.reason
    assert "oops" in outcome.actions[0].output


def test_another_exit_status_can_be_the_right_one(hosts: dict[str, HostConnection]) -> None:
    """`:status:` is about the last command of the step only."""
    odd = step("odd", "(exit 3)", statuses=(3,))
    early = step("early", "(exit 3)", "(exit 3)", statuses=(3,))
    assert verdicts(outcomes(runbook(odd, early), hosts)) == [Verdict.RAN, Verdict.FAILED]


def test_actions_that_change_nothing_fail_the_step(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """A check that is still red names its sentence, its line and what it saw."""
    wrong = step(
        "wrong", "true", checks=(check(f'assert host.file("{tmp_path}/x").exists', "x is there"),)
    )
    (outcome,) = outcomes(runbook(wrong), hosts)
    assert outcome.verdict is Verdict.FAILED
    assert "docs/sample.rst:20" in outcome.reason
    assert "x is there" in outcome.reason
    assert "assert False" in outcome.after[0].detail


def test_a_check_may_take_its_time(hosts: dict[str, HostConnection], tmp_path: Path) -> None:
    """`:within:` waits for a state that comes by itself."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    late = step(
        "late",
        f"(read _ < {fifo}; touch {tmp_path}/x) &",
        checks=(
            check(
                # The first look after the actions lets the writer go on, so it is always red.
                f'there = host.file("{tmp_path}/x").exists\n'
                f"host.run(\"[ -e {tmp_path}/x ] || timeout 1 sh -c 'echo > {fifo}'\")\n"
                "assert there",
                within=20,
            ),
        ),
    )
    assert verdicts(outcomes(runbook(late), hosts)) == [Verdict.PROVEN]


def test_a_captured_value_stands_for_its_placeholder_in_later_steps(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """`:capture:` takes it out, `<name>` puts it in, in commands and in checks."""
    take = step("take", "echo id=42 rest", capture=Capture("vm_id", r"id=(\d+)"))
    use = step(
        "use",
        f"echo <vm-id> > {tmp_path}/x",
        checks=(check(f'assert host.file("{tmp_path}/x").content_string == "<vm-id>\\n"'),),
    )
    found = outcomes(runbook(take, use), hosts)
    assert verdicts(found) == [Verdict.RAN, Verdict.PROVEN]
    assert (tmp_path / "x").read_text() == "42\n"


def test_a_host_that_dies_in_the_middle_is_an_error_and_the_rest_is_blocked(
    tmp_path: Path,
) -> None:
    """What was done before it died is kept."""
    door = tmp_path / "door"
    door.write_text('#!/bin/sh\nexec env "$@"\n')
    door.chmod(0o755)
    die = step("die", "echo first", f"rm {door}; kill -9 $$")
    with closing_all({"a": HostConnection(Door("a", door), {})}) as gone:
        found = outcomes(runbook(die, step("next", "true")), gone)
    assert verdicts(found) == [Verdict.ERROR, Verdict.BLOCKED]
    assert "a: " in found[0].reason
    assert [a.output for a in found[0].actions] == ["first\n"]


def test_a_defect_of_the_harness_is_an_error_never_a_failure(
    hosts: dict[str, HostConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own fault does not accuse the guide, and does not end the run."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("runbook.execution.actions.act.perform", broken)
    (outcome,) = outcomes(runbook(step("any", "true")), hosts)
    assert outcome.verdict is Verdict.ERROR
    assert "harness" in outcome.reason


def test_a_walk_that_is_given_up_ends_what_it_started(hosts: dict[str, HostConnection]) -> None:
    """An interrupt in the middle of an endless command does not wait for its end."""
    session = hosts["a"].session("root")
    steps = runbook(step("endless", "tail -f /dev/null"))
    events = walk(steps, CLUSTER, hosts, todo(steps, hosts))
    for event in events:
        if isinstance(event, Started) and event.phase is Phase.ACTING:
            break
    events.close()
    assert not session.alive
    with pytest.raises(ProcessLookupError):
        os.kill(session.pid, 0)
