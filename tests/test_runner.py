"""A step is proven when its checks fail before it and hold after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from runbook.connect import LocalConnection
from runbook.live import LiveHost, closing_all
from runbook.model import Capture
from runbook.result import Phase, Probed, Started, Verdict
from runbook.runner import Choice, to_come, walk

from .steps import CLUSTER, check, local_hosts, makes, outcomes, runbook, step, verdicts


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

    def login(self, user: str) -> list[str]:
        """Nobody logs in here."""
        raise NotImplementedError(user)


@pytest.fixture
def live() -> Iterator[dict[str, LiveHost]]:
    """Two hosts, a and b, which are this machine."""
    with local_hosts() as hosts:
        yield hosts


def test_red_before_and_green_after_is_proven(live: dict[str, LiveHost], tmp_path: Path) -> None:
    """The outcome shows the check red, the command, and the check green."""
    (outcome,) = outcomes(runbook(makes(tmp_path / "x")), live)
    assert outcome.verdict is Verdict.PROVEN
    assert [c.held for c in outcome.before] == [False]
    assert [c.held for c in outcome.after] == [True]
    assert [(a.text, a.status) for a in outcome.actions] == [(f"touch {tmp_path}/x", 0)]
    assert outcome.vacuous == ()


def test_a_check_that_never_was_red_is_vacuous(live: dict[str, LiveHost], tmp_path: Path) -> None:
    """A step can be proven by one check while another says nothing."""
    sound = check(f'assert host.file("{tmp_path}/x").exists')
    empty = check("assert True", "nothing is said", line=30)
    made = step("make", f"touch {tmp_path}/x", checks=(sound, empty))
    (outcome,) = outcomes(runbook(made), live)
    assert outcome.verdict is Verdict.PROVEN
    assert [c.sentence for c in outcome.vacuous] == ["nothing is said"]


def test_a_step_whose_checks_hold_is_satisfied_and_not_run(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """Nothing is done again that need not be."""
    (tmp_path / "x").touch()
    made = step(
        "make",
        f"touch {tmp_path}/x {tmp_path}/ran",
        checks=(check(f'assert host.file("{tmp_path}/x").exists'),),
    )
    assert verdicts(outcomes(runbook(made), live)) == [Verdict.SATISFIED]
    assert not (tmp_path / "ran").exists()


def test_a_satisfied_step_runs_if_asked_and_then_it_passed(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """Running what was green before proves nothing, so it is not called proven."""
    (tmp_path / "x").touch()
    (outcome,) = outcomes(runbook(makes(tmp_path / "x")), live, Choice(again=True))
    assert outcome.verdict is Verdict.PASSED
    assert len(outcome.actions) == 1


def test_a_step_without_checks_passes(live: dict[str, LiveHost]) -> None:
    """It ran and nothing went wrong, but nothing is proven."""
    assert verdicts(outcomes(runbook(step("look", "true")), live)) == [Verdict.PASSED]


def test_a_readonly_step_runs_though_its_checks_hold(live: dict[str, LiveHost]) -> None:
    """Reading proves nothing and is exempt from the rule."""
    look = step("look", "echo seen", checks=(check("assert True"),), readonly=True)
    (outcome,) = outcomes(runbook(look), live)
    assert outcome.verdict is Verdict.PASSED
    assert outcome.actions[0].output == "seen\n"


def test_a_failing_command_fails_the_step_with_its_line(live: dict[str, LiveHost]) -> None:
    """The reason names the document's line and the exit status."""
    (outcome,) = outcomes(
        runbook(step("break", "echo oops; exit_with() { return 7; }; exit_with")), live
    )
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason.startswith("docs/sample.rst:12:")
    assert "7" in outcome.reason
    assert "oops" in outcome.actions[0].output


def test_another_exit_status_can_be_the_right_one(live: dict[str, LiveHost]) -> None:
    """`:status:` is about the last command of the step only."""
    odd = step("odd", "(exit 3)", statuses=(3,))
    early = step("early", "(exit 3)", "(exit 3)", statuses=(3,))
    assert verdicts(outcomes(runbook(odd, early), live)) == [Verdict.PASSED, Verdict.FAILED]


def test_actions_that_change_nothing_fail_the_step(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """A check that is still red names its sentence, its line and what it saw."""
    wrong = step(
        "wrong", "true", checks=(check(f'assert host.file("{tmp_path}/x").exists', "x is there"),)
    )
    (outcome,) = outcomes(runbook(wrong), live)
    assert outcome.verdict is Verdict.FAILED
    assert "docs/sample.rst:20" in outcome.reason
    assert "x is there" in outcome.reason
    assert "assert False" in outcome.after[0].detail


def test_a_check_may_take_its_time(live: dict[str, LiveHost], tmp_path: Path) -> None:
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
    assert verdicts(outcomes(runbook(late), live)) == [Verdict.PROVEN]


def test_an_earlier_proof_on_the_same_lab_stands_while_its_checks_hold(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """A second run of a verified lab runs nothing again, and says where the proof is from."""
    steps = runbook(makes(tmp_path / "x"), step("look", f"touch {tmp_path}/ran"))
    first = outcomes(steps, live)
    (tmp_path / "ran").unlink()
    second = outcomes(steps, live, earlier={(o.step, o.host): o for o in first})
    assert verdicts(second) == [Verdict.PROVEN, Verdict.PASSED]
    assert all(outcome.resumed for outcome in second)
    assert second[0].before == first[0].before
    assert not (tmp_path / "ran").exists()


def test_an_earlier_proof_is_worth_nothing_when_its_checks_fail(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """What was undone is done again, and proven anew."""
    steps = runbook(makes(tmp_path / "x"))
    first = outcomes(steps, live)
    (tmp_path / "x").unlink()
    (second,) = outcomes(steps, live, earlier={(o.step, o.host): o for o in first})
    assert second.verdict is Verdict.PROVEN
    assert not second.resumed


def test_an_edited_step_is_not_taken_for_the_one_that_was_proven(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """Its checks hold, but nobody has seen this text make them hold."""
    first = outcomes(runbook(makes(tmp_path / "x")), live)
    edited = step(
        "make",
        f"touch {tmp_path}/x # now",
        checks=(check(f'assert host.file("{tmp_path}/x").exists'),),
    )
    second = outcomes(runbook(edited), live, earlier={(o.step, o.host): o for o in first})
    assert verdicts(second) == [Verdict.SATISFIED]


def test_a_captured_value_stands_for_its_placeholder_in_later_steps(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """`:capture:` takes it out, `<name>` puts it in, in commands and in checks."""
    take = step("take", "echo id=42 rest", capture=Capture("vm_id", r"id=(\d+)"))
    use = step(
        "use",
        f"echo <vm-id> > {tmp_path}/x",
        checks=(check(f'assert host.file("{tmp_path}/x").content_string == "<vm-id>\\n"'),),
    )
    found = outcomes(runbook(take, use), live)
    assert verdicts(found) == [Verdict.PASSED, Verdict.PROVEN]
    assert (tmp_path / "x").read_text() == "42\n"


def test_a_value_that_was_not_captured_is_never_typed_as_its_placeholder(
    live: dict[str, LiveHost],
) -> None:
    """`<vm-id>` would be a redirection to the shell."""
    take = step("take", "echo id=42", capture=Capture("vm_id"))
    use = step("use", "echo <vm-id>")
    found = outcomes(runbook(take, use), live, Choice(only=("*/use",)))
    assert found[1].verdict is Verdict.ERROR
    assert "sample/take" in found[1].reason


def test_a_host_that_dies_in_the_middle_is_an_error_and_the_rest_is_blocked(
    tmp_path: Path,
) -> None:
    """What was done before it died is kept."""
    door = tmp_path / "door"
    door.write_text('#!/bin/sh\nexec bash "$@"\n')
    door.chmod(0o755)
    die = step("die", "echo first", f"rm {door}; kill -9 $$")
    with closing_all({"a": LiveHost(Door("a", door), {})}) as gone:
        found = outcomes(runbook(die, step("next", "true")), gone)
    assert verdicts(found) == [Verdict.ERROR, Verdict.BLOCKED]
    assert "a: " in found[0].reason
    assert [a.output for a in found[0].actions] == ["first\n"]


def test_a_defect_of_the_harness_is_an_error_never_a_failure(
    live: dict[str, LiveHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own fault does not accuse the guide, and does not end the run."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("runbook.prove.perform", broken)
    (outcome,) = outcomes(runbook(step("any", "true")), live)
    assert outcome.verdict is Verdict.ERROR
    assert "harness" in outcome.reason


def test_a_walk_that_is_given_up_ends_what_it_started(live: dict[str, LiveHost]) -> None:
    """An interrupt in the middle of an endless command does not wait for its end."""
    session = live["a"].session("root")
    events = walk(runbook(step("endless", "tail -f /dev/null")), CLUSTER, live)
    for event in events:
        if isinstance(event, Started) and event.phase is Phase.ACTING:
            break
    events.close()
    assert not session.alive
    with pytest.raises(ProcessLookupError):
        os.kill(session.pid, 0)


def test_what_is_to_come_is_what_a_walk_will_try() -> None:
    """Not what is for other platforms, other choices, nobody that answers, or not selected."""
    steps = runbook(
        step("for-me", "true"),
        step("old", "true", platforms=("el6",)),
        step("other", "true", choices=("engine=hosted",)),
        step("silent", "true", on=("b",)),
        step("plain", "true", marked=False),
        step("everywhere", "true", on=("all",)),
    )
    hosts = {"a": Probed("debian12", frozenset())}
    ids = [one.id for one in to_come(steps, CLUSTER, hosts, Choice())]
    assert ids == ["sample/for-me", "sample/everywhere"]
    chosen = Choice(only=("sample/other",), chosen={"engine": "hosted"})
    assert [one.id for one in to_come(steps, CLUSTER, hosts, chosen)] == ["sample/other"]
