"""On machines that are somebody's, a step is left alone only where it is done for certain."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from runbook.execution.options import Options
from runbook.model import Background, Manual
from runbook.results import Verdict
from tests.support.steps import (
    PLACE,
    Hosts,
    check,
    counts,
    events,
    history_of,
    lines,
    makes,
    outcomes,
    runbook,
    step,
    verdicts,
)

CONVERGING = Options(converging=True)


def test_an_edited_step_is_settled_once_it_ran_again(hosts: Hosts, tmp_path: Path) -> None:
    """What it was before is history: no later run types it again, or asks about it."""
    first = events(runbook(counts(tmp_path / "x")), hosts, options=CONVERGING)
    edited = runbook(counts(tmp_path / "x", repeatable=False, timeout=99))
    again = evolve(CONVERGING, repeat=frozenset({"sample/count"}))
    second = events(edited, hosts, history=history_of(first), options=again)
    history = history_of([*first, *second])
    (third,) = outcomes(edited, hosts, history=history, options=CONVERGING)
    assert third.resumed
    assert lines(tmp_path / "x") == 2


@pytest.mark.filterwarnings("ignore:assertion is always true")
@pytest.mark.parametrize(
    "source",
    [
        'assert (host.file("{}").exists, "it must be there")',
        'host.file("{}").exists',
        'try:\n    assert host.file("{}").exists\nexcept AssertionError:\n    print("no")',
        'assert host.run("test -e {}")',
        'assert (host.file(one).exists for one in ["{}"])',
    ],
)
def test_a_check_that_asserts_nothing_never_makes_a_step_satisfied(
    hosts: Hosts, tmp_path: Path, source: str
) -> None:
    """It holds everywhere, so the step is typed, and the check is named."""
    idle = step("idle", f"touch {tmp_path}/x", checks=(check(source.format(tmp_path / "x")),))
    (outcome,) = outcomes(runbook(idle), hosts, options=CONVERGING)
    assert outcome.verdict is Verdict.PASSED
    assert (tmp_path / "x").exists()
    assert [one.asserts for one in outcome.after] == [False]


def test_a_manual_task_is_not_done_by_a_check_that_asserts_nothing(hosts: Hosts) -> None:
    """Nobody has looked whether somebody did it."""
    task = step("task", Manual("Press the button", PLACE), checks=(check("host.file('/x')"),))
    (outcome,) = outcomes(runbook(task), hosts)
    assert outcome.verdict is Verdict.MANUAL


def test_nothing_is_typed_into_a_shell_that_lacks_what_a_satisfied_step_does(
    hosts: Hosts, tmp_path: Path
) -> None:
    """The variable is not set, so the command would write elsewhere."""
    there = check(f'assert host.file("{tmp_path}").exists')
    prepare = step("prepare", f"mkdir -p {tmp_path}; export STORE={tmp_path}", checks=(there,))
    guide = runbook(prepare, step("write", f"echo two >> ${{STORE:-{tmp_path}/wrong}}/log"))
    first, second = outcomes(guide, hosts, options=CONVERGING)
    assert [first.verdict, second.verdict] == [Verdict.SATISFIED, Verdict.ERROR]
    assert "--repeat sample/prepare" in second.reason
    assert not second.actions
    again = evolve(CONVERGING, repeat=frozenset({"sample/prepare"}))
    assert verdicts(outcomes(guide, hosts, options=again)) == [Verdict.PASSED, Verdict.RAN]
    assert lines(tmp_path / "log") == 1


def test_a_satisfied_step_that_leaves_its_shell_alone_is_in_nobodys_way(
    hosts: Hosts, tmp_path: Path
) -> None:
    """Neither is one of another user, or another host."""
    there = (check(f'assert host.file("{tmp_path}").exists'),)
    elsewhere = step("elsewhere", "cd /", on=("b",), checks=there)
    other = step("other", "cd /", user="nobody", checks=there)
    within = step("within", "(cd / && true)", checks=there)
    guide = runbook(elsewhere, other, within, makes(tmp_path / "x"))
    found = verdicts(outcomes(guide, hosts, options=CONVERGING))
    assert found == [*[Verdict.SATISFIED] * 3, Verdict.PROVEN]


def test_what_an_earlier_run_kept_running_is_started_again(hosts: Hosts, tmp_path: Path) -> None:
    """Its check still holds, by what the run that was killed has left there."""
    there = (check(f'assert host.file("{tmp_path}/beat").exists', within=10),)
    serve = step(
        "serve", f"echo >> {tmp_path}/beat; sleep 60", checks=there, background=Background()
    )
    first = events(runbook(serve), hosts, options=CONVERGING)
    guide = runbook(serve, makes(tmp_path / "x"))
    second = outcomes(guide, hosts, history=history_of(first), options=CONVERGING)
    assert verdicts(second) == [Verdict.PASSED, Verdict.PROVEN]


def test_a_service_that_somebody_else_runs_is_left_alone(hosts: Hosts, tmp_path: Path) -> None:
    """No run of ours has started it, so none has ended it."""
    there = (check(f'assert host.file("{tmp_path}").exists'),)
    serve = step("serve", "sleep 60", checks=there, background=Background())
    guide = runbook(serve, step("wrong", "false"))
    first = events(guide, hosts, options=CONVERGING)
    again = evolve(CONVERGING, repeat=frozenset({"sample/wrong"}))
    second = outcomes(guide, hosts, history=history_of(first), options=again)
    assert verdicts(second) == [Verdict.SATISFIED, Verdict.FAILED]
