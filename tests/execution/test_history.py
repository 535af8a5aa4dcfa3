"""A guide is a history: nothing runs twice on hosts of ours, and nothing is done too early."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from runbook.execution.options import Options
from runbook.execution.runner import Answer, walk
from runbook.execution.selection import Selection
from runbook.model import Capture, Manual, Retry
from runbook.results import Begun, Outcome, Verdict
from tests.support.steps import (
    CLUSTER,
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
    todo,
    verdicts,
)


def test_a_second_run_types_nothing_and_carries_the_verdicts(hosts: Hosts, tmp_path: Path) -> None:
    """It says where the proof is from."""
    steps = runbook(counts(tmp_path / "x"), step("look", f"touch {tmp_path}/ran"))
    first = events(steps, hosts)
    second = outcomes(steps, hosts, history=history_of(first))
    assert verdicts(second) == [Verdict.PROVEN, Verdict.RAN]
    assert all(outcome.resumed for outcome in second)
    assert lines(tmp_path / "x") == 1


def test_a_step_is_begun_before_anything_is_typed(hosts: Hosts, tmp_path: Path) -> None:
    """Whoever records it has it on the disk while the hosts are untouched."""
    steps = runbook(counts(tmp_path / "x"))
    happening = walk(steps, CLUSTER, hosts, todo(steps, hosts))
    begun = next(event for event in happening if isinstance(event, Begun))
    assert begun.hosts == ("a",)
    assert lines(tmp_path / "x") == 0
    happening.close()


def test_a_step_that_only_reads_is_never_begun(hosts: Hosts) -> None:
    """There is nothing to go back from when it fails."""
    look = step("look", "false", readonly=True)
    assert not [one for one in events(runbook(look), hosts) if isinstance(one, Begun)]


def test_a_step_runs_on_hosts_of_ours_although_its_checks_hold(
    hosts: Hosts, tmp_path: Path
) -> None:
    """It never ran here, so they are vacuous, and nothing is proven."""
    (tmp_path / "x").write_text("\n")
    (outcome,) = outcomes(runbook(counts(tmp_path / "x")), hosts)
    assert outcome.verdict is Verdict.PASSED
    assert [one.sentence for one in outcome.vacuous] == ["x is there"]
    assert lines(tmp_path / "x") == 2


CONVERGING = Options(converging=True)


def test_a_step_whose_checks_hold_is_satisfied_on_somebodys_machine(
    hosts: Hosts, tmp_path: Path
) -> None:
    """There it is left alone."""
    (tmp_path / "x").write_text("\n")
    (outcome,) = outcomes(runbook(counts(tmp_path / "x")), hosts, options=CONVERGING)
    assert outcome.verdict is Verdict.SATISFIED
    assert lines(tmp_path / "x") == 1


def test_a_begun_step_is_never_satisfied(hosts: Hosts, tmp_path: Path) -> None:
    """Its check holds, but the rest was never typed: the operator must look."""
    broken = counts(tmp_path / "x")
    broken = evolve(broken, actions=(*broken.actions, *step("any", "false").actions))
    first = events(runbook(broken), hosts, options=CONVERGING)
    history = history_of(first)
    (second,) = outcomes(runbook(broken), hosts, history=history, options=CONVERGING)
    assert second.verdict is Verdict.ERROR
    assert "begun and did not come to its end" in second.reason
    assert "--repeat sample/count" in second.reason
    again = evolve(CONVERGING, repeat=frozenset({"sample/count"}))
    (third,) = outcomes(runbook(broken), hosts, history=history, options=again)
    assert third.verdict is Verdict.FAILED
    assert lines(tmp_path / "x") == 2


def test_a_changed_step_is_never_silently_satisfied(hosts: Hosts, tmp_path: Path) -> None:
    """Nobody has seen this text make its checks hold."""
    first = events(runbook(counts(tmp_path / "x")), hosts, options=CONVERGING)
    edited = evolve(counts(tmp_path / "x"), user="nobody")
    (second,) = outcomes(runbook(edited), hosts, history=history_of(first), options=CONVERGING)
    assert second.verdict is Verdict.ERROR
    assert "was changed after it ran" in second.reason


def test_a_switchover_is_not_done_twice(hosts: Hosts, tmp_path: Path) -> None:
    """A later step has made an early check false; the second run touches no data."""
    primary, old = tmp_path / "primary", tmp_path / "old"
    switch = step(
        "switch", f"mv {primary} {old}", checks=(check(f'assert host.file("{old}").exists'),)
    )
    steps = runbook(counts(primary), switch)
    first = events(steps, hosts, options=CONVERGING)
    second = outcomes(steps, hosts, history=history_of(first), options=CONVERGING)
    assert [outcome.resumed for outcome in second] == [True, True]
    assert (lines(old), primary.exists()) == (1, False)


def test_a_flaky_step_is_tried_again_and_each_try_is_told(hosts: Hosts, tmp_path: Path) -> None:
    """`:retry: 3`: the world comes round at the second try."""
    flaky = step(
        "flaky",
        f"echo >> {tmp_path}/n; [ $(wc -l < {tmp_path}/n) -ge 2 ]",
        checks=(check(f'assert host.file("{tmp_path}/n").exists'),),
        retry=Retry(3),
    )
    (outcome,) = outcomes(runbook(flaky), hosts)
    assert outcome.verdict is Verdict.PROVEN
    assert len(outcome.tries) == 1
    assert "exit status 1" in outcome.tries[0]
    assert lines(tmp_path / "n") == 2


def test_an_operator_may_mend_something_and_try_again(hosts: Hosts, tmp_path: Path) -> None:
    """The answer to an outcome decides; without one the walk goes on."""
    needs = step("needs", f"cat {tmp_path}/x")
    happening = walk(runbook(needs), CLUSTER, hosts, todo(runbook(needs), hosts))
    found = []
    answer = None
    while True:
        try:
            event = next(happening) if answer is None else happening.send(answer)
        except StopIteration:
            break
        answer = None
        if isinstance(event, Outcome):
            found.append(event)
            if event.verdict is Verdict.FAILED:
                (tmp_path / "x").touch()
                answer = Answer.AGAIN
    assert verdicts(found) == [Verdict.FAILED, Verdict.RAN]


def test_captured_values_of_an_earlier_run_are_filled_in(hosts: Hosts, tmp_path: Path) -> None:
    """The step that captured them is not typed again."""
    take = step("take", "echo id=42", capture=Capture("vm_id", r"id=(\d+)"))
    first = events(runbook(take), hosts)
    use = step("use", f"echo <vm-id> > {tmp_path}/x")
    outcomes(runbook(take, use), hosts, history=history_of(first))
    assert (tmp_path / "x").read_text() == "42\n"


def test_steps_that_are_to_run_again_do(hosts: Hosts, tmp_path: Path) -> None:
    """`--only` with `--again`, on hosts that were brought back before."""
    steps = runbook(makes(tmp_path / "x"), counts(tmp_path / "n"))
    first = events(steps, hosts)
    again = Selection(only=("*/count",), again=True)
    second = outcomes(steps, hosts, again, history=history_of(first))
    assert [outcome.resumed for outcome in second] == [True, False]
    assert lines(tmp_path / "n") == 2


def test_a_manual_task_blocks_nothing(hosts: Hosts) -> None:
    """Nobody did it; what comes after is tried."""
    task = step("task", Manual("Press.", PLACE))
    assert verdicts(outcomes(runbook(task, step("next", "true")), hosts)) == [
        Verdict.MANUAL,
        Verdict.RAN,
    ]
