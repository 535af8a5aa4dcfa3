"""How long a run may still take."""

from __future__ import annotations

import pytest
from attrs import evolve

from runbook.report.text import format_estimate
from runbook.results import Verdict
from runbook.results.estimate import Estimate, expected
from tests.support.reports import RUNBOOK, outcome, report

STEPS = tuple(RUNBOOK.steps())
NAME, LOOK, PEERS, BRICKS, VOLUME = STEPS
ORDER = [step.id for step in STEPS]


def test_without_a_past_nothing_is_estimated() -> None:
    """A first run, and one after runs in which nothing was tried, say nothing of what is left."""
    assert expected(STEPS, []) == Estimate()
    skipped = report(outcome(NAME, "gs1", Verdict.SKIPPED, seconds=0))
    assert expected(STEPS, [skipped]) == Estimate()
    assert Estimate().left(NAME.id, 1.0, ORDER) is None


def test_a_step_takes_what_it_took_the_last_time() -> None:
    """The latest run that tried it counts; its hosts work side by side."""
    first = report(outcome(NAME, "gs1", Verdict.PROVEN, seconds=50))
    second = report(
        outcome(NAME, "gs1", Verdict.PROVEN, seconds=10),
        outcome(NAME, "gs2", Verdict.FAILED, seconds=20),
    )
    third = report(evolve(outcome(NAME, "gs1", Verdict.PROVEN, seconds=1), resumed=True))
    assert expected([NAME], [first, second, third]).seconds == {NAME.id: 20}


def test_a_step_never_seen_takes_the_median_of_those_seen() -> None:
    """One very long step does not make all unknown ones long."""
    past = report(
        outcome(NAME, "gs1", Verdict.PROVEN, seconds=2),
        outcome(LOOK, "gs1", Verdict.PASSED, seconds=4),
        outcome(PEERS, "gs1", Verdict.PROVEN, seconds=900),
    )
    assert expected([PEERS, BRICKS], [past]).seconds == {PEERS.id: 900, BRICKS.id: 4}


def test_what_is_left_is_the_rest_of_this_step_and_all_after_it() -> None:
    """A step that takes longer than it did makes the rest no longer; unknown ones take nothing."""
    estimate = Estimate({NAME.id: 10, PEERS.id: 20, VOLUME.id: 5})
    assert estimate.left(NAME.id, 4, ORDER) == 31
    assert estimate.left(NAME.id, 400, ORDER) == 25
    assert estimate.left(LOOK.id, 1, ORDER) == 25
    assert estimate.left(VOLUME.id, 6, ORDER) == 0
    assert estimate.left("elsewhere/other", 0, ORDER) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "a few seconds"), (14, "about 10 s"), (89, "about 90 s"), (100, "about 2 min"),
     (3540, "about 59 min"), (3600, "about 1 h 00 min"), (7500, "about 2 h 05 min")],
)  # fmt: skip
def test_an_estimate_is_said_no_more_exactly_than_it_is_known(value: float, words: str) -> None:
    """Nobody believes seconds of an hour."""
    assert format_estimate(value) == words
