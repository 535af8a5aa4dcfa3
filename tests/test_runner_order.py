"""Which steps are tried, and which are not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.live import LiveHost
from runbook.model import Manual, Step
from runbook.result import Verdict
from runbook.runner import Choice

from .steps import PLACE, check, local_hosts, makes, outcomes, runbook, step, verdicts


@pytest.fixture
def live() -> Iterator[dict[str, LiveHost]]:
    """Two hosts, a and b, which are this machine."""
    with local_hosts() as hosts:
        yield hosts


def test_what_stands_on_a_failed_step_is_blocked(live: dict[str, LiveHost], tmp_path: Path) -> None:
    """Without `:needs:` a step stands on every step before it, on whatever host."""
    later = makes(tmp_path / "x", on=("b",))
    found = outcomes(runbook(step("break", "false"), later), live)
    assert verdicts(found) == [Verdict.FAILED, Verdict.BLOCKED]
    assert "sample/break" in found[1].reason
    assert not (tmp_path / "x").exists()


def test_a_step_that_needs_other_steps_only_is_not_blocked(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """`:needs:` narrows what a step stands on."""
    free = makes(tmp_path / "x", needs=())
    held = makes(tmp_path / "y", name="held", needs=("sample/break",))
    found = outcomes(runbook(step("break", "false"), free, held), live)
    assert verdicts(found) == [Verdict.FAILED, Verdict.PROVEN, Verdict.BLOCKED]


def test_a_step_for_another_platform_is_skipped_even_after_a_failure(
    live: dict[str, LiveHost],
) -> None:
    """It was never meant for this host, so nothing blocked it."""
    found = outcomes(
        runbook(step("break", "false"), step("other", "false", platforms=("el6",))), live
    )
    assert verdicts(found) == [Verdict.FAILED, Verdict.SKIPPED]
    assert "el6" in found[1].reason


@pytest.mark.parametrize("requires", [("flying",), ("!systemd", "flying")])
def test_a_missing_capability_skips_the_step_with_its_name(
    live: dict[str, LiveHost], requires: tuple[str, ...]
) -> None:
    """Capabilities are probed from the host, never assumed."""
    (outcome,) = outcomes(runbook(step("fly", "false", requires=requires)), live)
    assert outcome.verdict is Verdict.SKIPPED
    assert outcome.reason


def test_steps_that_were_not_selected_are_skipped(live: dict[str, LiveHost]) -> None:
    """A filter leaves a trace in the report."""
    found = outcomes(
        runbook(step("one", "true"), step("two", "true")), live, Choice(only=("*/two",))
    )
    assert [(o.verdict, o.reason) for o in found] == [
        (Verdict.SKIPPED, "not selected"),
        (Verdict.PASSED, ""),
    ]


def test_an_unmarked_block_runs_only_if_asked(live: dict[str, LiveHost]) -> None:
    """Nothing runs by surprise."""
    bare = runbook(step("bare", "true", marked=False))
    assert verdicts(outcomes(bare, live)) == [Verdict.SKIPPED]
    assert verdicts(outcomes(bare, live, Choice(unmarked=True))) == [Verdict.PASSED]


def test_a_manual_task_that_nobody_did_is_manual_and_blocks_nothing(
    live: dict[str, LiveHost],
) -> None:
    """A person's task without checks cannot be known, and does not stop the run."""
    task = step("task", Manual("Press the button.", PLACE))
    found = outcomes(runbook(task, step("next", "true")), live)
    assert verdicts(found) == [Verdict.MANUAL, Verdict.PASSED]


def test_a_manual_task_passes_unattended_when_its_checks_hold(
    live: dict[str, LiveHost],
) -> None:
    """Somebody has done it."""
    task = step("task", Manual("Press the button.", PLACE), checks=(check("assert True"),))
    assert verdicts(outcomes(runbook(task), live)) == [Verdict.PASSED]


def test_a_manual_task_is_proven_by_its_checks_when_a_person_does_it(
    live: dict[str, LiveHost], tmp_path: Path
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
    assert verdicts(outcomes(runbook(task), live, Choice(attend=press))) == [Verdict.PROVEN]


def test_a_step_works_on_all_its_hosts_and_a_check_sees_the_others(
    live: dict[str, LiveHost], tmp_path: Path
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
    found = outcomes(runbook(both), live)
    assert [(o.host, o.verdict) for o in found] == [
        ("a", Verdict.PROVEN),
        ("b", Verdict.PROVEN),
    ]


def test_a_serial_step_stops_at_the_first_host_it_breaks(
    live: dict[str, LiveHost], tmp_path: Path
) -> None:
    """What goes from host to host must not break them all."""
    rolling = step("roll", f"mkdir {tmp_path}/x && false", on=("all",), serial=True)
    assert verdicts(outcomes(runbook(rolling), live)) == [Verdict.FAILED, Verdict.BLOCKED]
