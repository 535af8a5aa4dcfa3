"""What a green run does not prove: checks that cannot fail, steps without any, promises broken."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from attrs import frozen

from runbook.model import Location
from runbook.results import summary
from runbook.results.outcome import Report, Run, Verdict


class RunFindingKind(enum.Enum):
    """What is wrong with a step that did not fail."""

    VACUOUS = "vacuous"
    """A check held before its step ever ran here, so it proves nothing."""
    EMPTY = "asserts-nothing"
    """A check asserts nothing, so it cannot fail."""
    UNCHECKED = "unchecked"
    """The step has no check, so nothing says whether it did what it should."""
    UNDONE = "undone"
    """A later step made a check false, and the guide does not say that it may."""
    UNASKED = "unasked"
    """A program did not ask what the guide shows, so a reader will look for it in vain."""


@frozen
class RunFinding:
    """A finding about a step; `message` is a sentence without a full stop."""

    kind: RunFindingKind
    step: str
    location: Location
    message: str

    def __str__(self) -> str:
        return f"{self.location}: {self.message} [{self.kind.value}]"


def findings(report: Report) -> tuple[RunFinding, ...]:
    """Return all findings of a run, each once, in the order of the guide."""
    return tuple(dict.fromkeys(_findings(report)))


def _findings(report: Report) -> Iterator[RunFinding]:
    for result in summary.step_results(report):
        step = result.step
        for check in result.vacuous:
            if check.asserts:
                yield RunFinding(
                    RunFindingKind.VACUOUS, step.id, check.location,
                    f"the check held before the step ran, so it proves nothing: {check.sentence}",
                )  # fmt: skip
        for outcome in result.outcomes:
            # A step that was left alone has only those from before.
            for check in (*outcome.before, *outcome.after):
                if not check.asserts:
                    yield RunFinding(
                        RunFindingKind.EMPTY, step.id, check.location,
                        f"the check asserts nothing, so it cannot fail: {check.sentence}",
                    )  # fmt: skip
            for action in outcome.actions:
                for prompt in action.unasked:
                    yield RunFinding(
                        RunFindingKind.UNASKED, step.id, action.location,
                        f"the program did not ask {prompt!r}; if it does so only sometimes, say "
                        "so in a table of answers",
                    )  # fmt: skip
            if outcome.verdict is Verdict.RAN and step.marked and not step.readonly:
                yield RunFinding(
                    RunFindingKind.UNCHECKED, step.id, step.location,
                    f"the step has no check, so nothing proves it: {step.title}",
                )  # fmt: skip
    for end in report.end_state:
        if not end.check.held and end.broken_by:
            yield RunFinding(
                RunFindingKind.UNDONE, end.step, end.check.location,
                f"{end.broken_by} made this false: {end.check.sentence}; "
                f"if that is meant, write ':until: {end.broken_by}'",
            )  # fmt: skip


def is_error(finding: RunFinding, run: Run) -> bool:
    """Tell whether `run` takes a finding for an error."""
    return run.require_proven or (run.strict and finding.kind is RunFindingKind.UNDONE)


def exit_status(report: Report) -> summary.ExitStatus:
    """Return the exit status of a run, with the findings that it takes for errors."""
    errors = sum(is_error(one, report.run) for one in findings(report))
    return summary.exit_status(report, errors)
