"""What a green run does not prove is told, whatever the verdicts are."""

from __future__ import annotations

from attrs import evolve

from runbook.results import CheckResult, Outcome, Report, Verdict
from runbook.results.findings import RunFindingKind, findings
from tests.support.reports import RUN
from tests.support.steps import PLACE, runbook, step


def test_a_check_that_asserts_nothing_is_told_of_a_satisfied_step() -> None:
    """Once, although it may have been evaluated before and after the actions."""
    real = CheckResult("it is there", held=True, location=PLACE)
    idle = evolve(real, sentence="it is so", asserts=False)
    left_alone = Outcome(
        "sample/one", "a", Verdict.SATISFIED, "d", RUN.started, before=(real, idle)
    )
    for outcome in (left_alone, evolve(left_alone, verdict=Verdict.PASSED, after=(real, idle))):
        found = findings(Report(runbook(step("one", "true")), RUN, (outcome,)))
        empty = [one for one in found if one.kind is RunFindingKind.EMPTY]
        assert [one.message.rpartition(": ")[2] for one in empty] == ["it is so"]
