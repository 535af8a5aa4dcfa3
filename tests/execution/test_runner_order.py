"""Which steps are tried, and which are not, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.execution.hosts.host import HostConnection
from runbook.execution.options import Options
from runbook.execution.selection import Selection
from runbook.model import Manual, Step
from runbook.results import Verdict
from tests.support.steps import PLACE, check, makes, outcomes, runbook, step, verdicts


def test_what_depends_on_a_failed_step_is_blocked(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """Without `:needs:` a step depends on every step before it, on whatever host."""
    later = makes(tmp_path / "x", on=("b",))
    found = outcomes(runbook(step("break", "false"), later), hosts)
    assert verdicts(found) == [Verdict.FAILED, Verdict.BLOCKED]
    assert "sample/break" in found[1].reason
    assert not (tmp_path / "x").exists()


def test_a_step_that_needs_other_steps_only_is_not_blocked(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """`:needs:` narrows what a step depends on."""
    free = makes(tmp_path / "x", needs=())
    held = makes(tmp_path / "y", name="held", needs=("sample/break",))
    found = outcomes(runbook(step("break", "false"), free, held), hosts)
    assert verdicts(found) == [Verdict.FAILED, Verdict.PROVEN, Verdict.BLOCKED]


def test_a_step_for_another_platform_is_skipped_even_after_a_failure(
    hosts: dict[str, HostConnection],
) -> None:
    """It was never meant for this host, so nothing blocked it."""
    found = outcomes(
        runbook(step("break", "false"), step("other", "false", platforms=("el6",))), hosts
    )
    assert verdicts(found) == [Verdict.FAILED, Verdict.SKIPPED]
    assert "el6" in found[1].reason


@pytest.mark.parametrize("requires", [("flying",), ("!systemd", "flying")])
def test_a_missing_capability_skips_the_step_with_its_name(
    hosts: dict[str, HostConnection], requires: tuple[str, ...]
) -> None:
    """Capabilities are probed from the host, never assumed."""
    (outcome,) = outcomes(runbook(step("fly", "false", requires=requires)), hosts)
    assert outcome.verdict is Verdict.SKIPPED
    assert outcome.reason


def test_steps_that_were_not_selected_are_skipped(hosts: dict[str, HostConnection]) -> None:
    """A filter leaves a trace in the report."""
    one, two = step("one", "true"), step("two", "true", needs=())
    found = outcomes(runbook(one, two), hosts, Selection(only=("*/two",)))
    assert [(o.verdict, o.reason) for o in found] == [
        (Verdict.SKIPPED, "not selected"),
        (Verdict.RAN, ""),
    ]


def test_what_a_selected_step_depends_on_runs_as_well(hosts: dict[str, HostConnection]) -> None:
    """Prerequisites are never missing without a word."""
    three = step("three", "true", needs=("sample/one",))
    steps = runbook(step("one", "true"), step("two", "true"), three)
    found = outcomes(steps, hosts, Selection(only=("*/three",)))
    assert verdicts(found) == [Verdict.RAN, Verdict.SKIPPED, Verdict.RAN]


def test_steps_are_selected_by_their_tags(hosts: dict[str, HostConnection]) -> None:
    """A tag is a word of the author's."""
    slow = step("slow", "true", needs=(), tags=("slow",))
    found = outcomes(runbook(step("one", "true"), slow), hosts, Selection(tags=("slow",)))
    assert verdicts(found) == [Verdict.SKIPPED, Verdict.RAN]


def test_a_run_stops_after_the_step_it_was_asked_for(hosts: dict[str, HostConnection]) -> None:
    """`--until` leaves the rest alone."""
    steps = runbook(step("one", "true"), step("two", "true"))
    found = outcomes(steps, hosts, Selection(last="sample/one"))
    assert verdicts(found) == [Verdict.RAN, Verdict.SKIPPED]


def test_a_run_may_stop_at_the_first_failure(hosts: dict[str, HostConnection]) -> None:
    """Also before steps that do not depend on it."""
    steps = runbook(step("break", "false"), step("free", "true", needs=()))
    found = outcomes(steps, hosts, options=Options(exit_first=True))
    assert verdicts(found) == [Verdict.FAILED, Verdict.SKIPPED]
    assert "sample/break" in found[1].reason


def test_an_unmarked_block_runs_only_if_asked(hosts: dict[str, HostConnection]) -> None:
    """Nothing runs by surprise."""
    bare = runbook(step("bare", "true", marked=False))
    assert verdicts(outcomes(bare, hosts)) == [Verdict.SKIPPED]
    assert verdicts(outcomes(bare, hosts, Selection(unmarked=True))) == [Verdict.RAN]


def test_a_manual_task_that_nobody_did_is_manual_and_blocks_nothing(
    hosts: dict[str, HostConnection],
) -> None:
    """A person's task without checks cannot be known, and does not stop the run."""
    task = step("task", Manual("Press the button.", PLACE))
    found = outcomes(runbook(task, step("next", "true")), hosts)
    assert verdicts(found) == [Verdict.MANUAL, Verdict.RAN]


@pytest.mark.parametrize(
    ("source", "verdict"),
    [('assert host.file("/").exists', Verdict.PASSED), ("assert True", Verdict.MANUAL)],
)
def test_a_manual_task_passes_unattended_when_its_checks_hold(
    hosts: dict[str, HostConnection], source: str, verdict: Verdict
) -> None:
    """Somebody has done it, unless the checks hold everywhere."""
    task = step("task", Manual("Press the button.", PLACE), checks=(check(source),))
    assert verdicts(outcomes(runbook(task), hosts)) == [verdict]


def test_a_manual_task_is_proven_by_its_checks_when_a_person_does_it(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """The same rule for people as for commands."""

    def press(_step: Step, host: str, task: Manual) -> bool:
        (tmp_path / "pressed").write_text(f"{host} {task.text}")
        return True

    task = step(
        "task",
        Manual("Press the button.", PLACE),
        checks=(check(f'assert host.file("{tmp_path}/pressed").exists'),),
    )
    assert verdicts(outcomes(runbook(task), hosts, options=Options(attend=press))) == [
        Verdict.PROVEN
    ]


def test_a_step_works_on_all_its_hosts_and_a_check_sees_the_others(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """The hosts wait for each other before the checks."""
    both = step(
        "both",
        f"echo >> {tmp_path}/$$",
        on=("all",),
        checks=(
            check(
                f'assert hosts["a"].run("ls {tmp_path} | wc -l").stdout.strip() == "2"\n'
                'assert set(hosts) == {"a", "b"}'
            ),
        ),
    )
    found = outcomes(runbook(both), hosts)
    assert [(o.host, o.verdict) for o in found] == [
        ("a", Verdict.PROVEN),
        ("b", Verdict.PROVEN),
    ]


def test_a_serial_step_stops_at_the_first_host_it_breaks(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """What goes from host to host must not break them all."""
    rolling = step("roll", f"mkdir {tmp_path}/x && false", on=("all",), serial=True)
    assert verdicts(outcomes(runbook(rolling), hosts)) == [Verdict.FAILED, Verdict.BLOCKED]
