"""What is wrong with a guide, line by line, whichever command found it: for other programs."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import evolve, frozen

from runbook.lint import Finding
from runbook.model import Location, Step
from runbook.redaction.known import KnownSecrets
from runbook.report import rules
from runbook.report.failures import explain
from runbook.report.text import sanitize
from runbook.results import Outcome, Report, Verdict
from runbook.results.drift import Drift, State
from runbook.results.findings import findings, is_error
from runbook.results.plan_record import Message

WHOLE_GUIDE: Final = Location("conf.py", 0)
"""Where what is about no document in particular is shown."""

REHEARSAL: Final = "rehearsal"
"""The kind of lab of a run that is a rehearsal."""

_LINE: Final = re.compile(r"(\.[a-z]\w*):\d+")


class Level(enum.Enum):
    """How bad it is; the values are SARIF's."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@frozen
class Diagnostic:
    """Something that is wrong with a line; the line is 0 if it is about a whole file.

    `rule` is a key of `rules.RULES`. `identity` is what is the same the next time, wherever the
    line will be; `step` and `host` are empty if it is about none.
    """

    rule: str
    level: Level
    location: Location
    message: str
    identity: tuple[str, ...]
    step: str = ""
    host: str = ""


def of_plan(messages: Iterable[Message]) -> Iterator[Diagnostic]:
    """Yield what there is to say about a guide while it is planned."""
    for one in messages:
        level = Level.ERROR if one.error else Level.WARNING
        rule = rules.PLAN_ERROR if one.error else rules.PLAN_WARNING
        text = sanitize(one.text)
        yield Diagnostic(rule, level, _known(one.location), text, (_lineless(text),))


def of_lint(found: Iterable[Finding]) -> Iterator[Diagnostic]:
    """Yield the findings of the linter."""
    for one in found:
        text = sanitize(one.text)
        location = _known(one.location)
        yield Diagnostic(one.kind.value, Level.WARNING, location, text, (_lineless(text),))


def of_run(report: Report) -> Iterator[Diagnostic]:
    """Yield what did not hold in a run or a rehearsal, and what it does not prove."""
    steps = {step.id: step for step in report.runbook.steps()}
    for outcome in report.outcomes:
        if report.run.lab == REHEARSAL:
            yield from _of_rehearsal(outcome, steps.get(outcome.step))
        else:
            yield from _of_outcome(outcome, steps.get(outcome.step))
    for end in report.end_state:
        if not end.check.held and not end.broken_by:
            text = f"on {end.host} this is no longer true: {end.check.sentence}"
            if end.check.detail:
                text += f"\n{end.check.detail}"
            yield Diagnostic(
                rules.FALLEN, Level.ERROR, _known(end.check.location), sanitize(text),
                (end.step, end.host, end.check.sentence), end.step, end.host,
            )  # fmt: skip
    for one in findings(report):
        level = Level.ERROR if is_error(one, report.run) else Level.WARNING
        yield Diagnostic(
            one.kind.value, level, _known(one.location), sanitize(one.message),
            (one.step, _lineless(one.message)), one.step,
        )  # fmt: skip


def of_drift(drift: Drift) -> Iterator[Diagnostic]:
    """Yield the checks of the end state that do not hold on a lab, or of which nothing is known."""
    for check in drift.checks:
        if check.state is State.HOLDS:
            continue
        differs = check.state is State.DIFFERS
        what = "does not hold" if differs else "could not be evaluated"
        text = f"on {check.host} this check {what}: {check.sentence}\n{check.detail}".rstrip()
        yield Diagnostic(
            rules.DRIFT if differs else rules.NOT_TRIED, Level.ERROR if differs else Level.WARNING,
            _known(check.location), sanitize(text), check.identity, check.step, check.host,
        )  # fmt: skip


def redacted(one: Diagnostic, known: KnownSecrets) -> Diagnostic:
    """Return a diagnostic without the `known` secrets."""
    return evolve(one, message=known.redact(one.message))


_VERDICTS: Final = {
    Verdict.FAILED: (rules.FAILED, Level.ERROR),
    Verdict.ERROR: (rules.NOT_TRIED, Level.ERROR),
    Verdict.BLOCKED: (rules.BLOCKED, Level.NOTE),
}


def _of_outcome(outcome: Outcome, step: Step | None) -> Iterator[Diagnostic]:
    if outcome.verdict not in _VERDICTS:
        return
    rule, level = _VERDICTS[outcome.verdict]
    title = step.title if step else outcome.step
    place = _known(step.location) if step else WHOLE_GUIDE
    fallen = next((check for check in outcome.after if not check.held), None)
    if fallen is not None:
        place = _known(fallen.location)
    elif outcome.actions and outcome.verdict is Verdict.FAILED:
        place = _known(outcome.actions[-1].location)
    lines = [f"{title}, on {outcome.host}: {outcome.verdict.value}", *explain(outcome)]
    # What a program printed differs from run to run, so it says nothing of what is the same.
    identity = (outcome.step, outcome.host, fallen.sentence if fallen else "")
    yield Diagnostic(rule, level, place, "\n".join(lines), identity, outcome.step, outcome.host)


def _of_rehearsal(outcome: Outcome, step: Step | None) -> Iterator[Diagnostic]:
    if outcome.verdict is not Verdict.FAILED:
        return
    place = _known(step.location) if step else WHOLE_GUIDE
    for location, text in _problems(outcome.reason, place):
        message = sanitize(text)
        identity = (outcome.step, _lineless(message))
        yield Diagnostic(
            rules.REHEARSAL, Level.ERROR, location, message, identity, outcome.step
        )  # fmt: skip


def _problems(reason: str, place: Location) -> Iterator[tuple[Location, str]]:
    """Yield the problems of a rehearsed step; each begins with its location."""
    begins = re.compile(rf"{re.escape(place.document)}:(\d+): (.*)")
    location, text = place, ""
    for line in reason.splitlines():
        found = begins.match(line)
        if found is None:
            text += f"\n{line}" if text else line
            continue
        if text:
            yield location, text
        location, text = Location(place.document, int(found[1])), found[2]
    if text:
        yield location, text


def _known(location: Location) -> Location:
    return location if location.document else WHOLE_GUIDE


def _lineless(text: str) -> str:
    """Return a message without the numbers of the lines that it names."""
    return _LINE.sub(r"\1", text)
