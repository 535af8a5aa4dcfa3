"""What a run came to, in numbers that a shell and a person can rely on."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from attrs import evolve

from runbook.results import Outcome, Verdict, summary
from runbook.results.summary import ExitStatus, StepResult
from tests.support.reports import NAMES, RUNBOOK, STORAGE, bad, good, outcome, report

EARNED = {Verdict.PROVEN, Verdict.PASSED}
UNTRIED = {Verdict.ERROR, Verdict.BLOCKED}


def of(*verdicts: Verdict) -> list[Outcome]:
    """An outcome of each verdict, on hosts of their own."""
    return [outcome(STORAGE.steps[0], f"gs{n}", v) for n, v in enumerate(verdicts, 1)]


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.PROVEN, ExitStatus.OK),
        (Verdict.PASSED, ExitStatus.OK),
        (Verdict.SATISFIED, ExitStatus.NOTHING_PROVEN),
        (Verdict.REHEARSED, ExitStatus.NOTHING_PROVEN),
        (Verdict.CHECKED, ExitStatus.NOTHING_PROVEN),
        (Verdict.SKIPPED, ExitStatus.NOTHING_PROVEN),
        (Verdict.MANUAL, ExitStatus.NOTHING_PROVEN),
        (Verdict.FAILED, ExitStatus.FAILED),
        (Verdict.ERROR, ExitStatus.ERROR),
        (Verdict.BLOCKED, ExitStatus.ERROR),
    ],
)
def test_every_verdict_alone_has_its_exit_status(verdict: Verdict, status: ExitStatus) -> None:
    """Only proven and passed are a success; could-not-run is neither a failure nor fine."""
    assert summary.exit_status(report(*of(verdict))) is status


@pytest.mark.parametrize(
    "together", list(itertools.combinations(Verdict, 2)) + list(itertools.combinations(Verdict, 3))
)
def test_in_every_combination_the_worst_decides(together: tuple[Verdict, ...]) -> None:
    """Failed outweighs what could not be tried, and that outweighs what was earned."""
    verdicts = set(together)
    if Verdict.FAILED in verdicts:
        expected = ExitStatus.FAILED
    elif verdicts & UNTRIED:
        expected = ExitStatus.ERROR
    elif verdicts & EARNED:
        expected = ExitStatus.OK
    else:
        expected = ExitStatus.NOTHING_PROVEN
    assert summary.exit_status(report(*of(*together))) is expected


def test_a_run_without_outcomes_proves_nothing() -> None:
    """An empty run never looks like a good one."""
    assert summary.exit_status(report()) is ExitStatus.NOTHING_PROVEN


def test_an_unfinished_run_is_an_error_unless_something_failed() -> None:
    """What was proven before the end does not make the run whole."""
    assert summary.exit_status(report(*of(Verdict.PROVEN), finished=False)) is ExitStatus.ERROR
    failed = report(*of(Verdict.FAILED), finished=False)
    assert summary.exit_status(failed) is ExitStatus.FAILED


def test_what_an_earlier_run_earned_counts() -> None:
    """Running again on a verified lab is a success."""
    resumed = [evolve(one, resumed=True) for one in of(Verdict.PROVEN)]
    assert summary.exit_status(report(*resumed)) is ExitStatus.OK


def test_the_exit_statuses_are_the_documented_numbers() -> None:
    """Scripts depend on them; 2 stays free for a wrong command line."""
    assert [int(status) for status in ExitStatus] == [0, 1, 3, 4, 130]


def test_counts_are_of_steps_on_hosts() -> None:
    """One step on two hosts counts twice."""
    found = summary.counts(of(Verdict.PROVEN, Verdict.PROVEN, Verdict.SKIPPED))
    assert found == Counter({Verdict.PROVEN: 2, Verdict.SKIPPED: 1})


def test_a_step_is_as_bad_as_its_worst_host() -> None:
    """A failure on one host is not hidden behind three that went well."""
    mixed = StepResult(STORAGE.steps[0], tuple(of(Verdict.PROVEN, Verdict.FAILED, Verdict.PROVEN)))
    assert mixed.verdict is Verdict.FAILED


def test_a_step_that_is_not_for_all_hosts_is_proven_by_the_others() -> None:
    """A skipped host takes nothing away from what was proven."""
    assert StepResult(STORAGE.steps[0], tuple(of(Verdict.SKIPPED, Verdict.PROVEN))).verdict is (
        Verdict.PROVEN
    )


def test_every_verdict_has_its_weight() -> None:
    """No verdict can make the summary fail."""
    for verdict in Verdict:
        assert StepResult(STORAGE.steps[0], tuple(of(verdict))).verdict is verdict


def test_a_check_that_was_red_on_no_host_is_vacuous() -> None:
    """Each is named once, with the step that it stands in."""
    names = NAMES.steps[0]
    found = summary.vacuous(bad())
    assert found == ((names, outcome(names, "gs1", Verdict.PASSED).after[0]),)


def test_a_check_that_was_red_on_one_host_is_not_vacuous() -> None:
    """It has shown that it can tell the difference."""
    peers = STORAGE.steps[0]
    run = report(outcome(peers, "gs1", Verdict.PROVEN), outcome(peers, "gs2", Verdict.PASSED))
    assert summary.vacuous(run) == ()


def test_a_step_that_only_reads_is_never_vacuous() -> None:
    """Its checks cannot have been red."""
    assert summary.vacuous(good()) == ()


def test_chapters_come_in_the_order_of_the_guide_whatever_ran_first() -> None:
    """A report reads like the guide."""
    mixed = report(*reversed(good().outcomes))
    assert [c.chapter.title for c in summary.by_chapter(mixed)] == [NAMES.title, STORAGE.title]


def test_outcomes_of_steps_the_guide_has_no_more_are_kept() -> None:
    """Nothing that happened is left out of a report."""
    lost = evolve(of(Verdict.FAILED)[0], step="storage/gone")
    (chapter,) = summary.by_chapter(report(lost))
    assert [r.step.id for r in chapter.steps] == ["storage/gone"]


def test_steps_that_a_run_never_came_to_are_known() -> None:
    """An interrupted run can say what is left."""
    assert summary.unreached(report(*of(Verdict.PROVEN), finished=False)) == tuple(
        step for step in RUNBOOK.steps() if step != STORAGE.steps[0]
    )
