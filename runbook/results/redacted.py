"""Events and reports without secrets.

What names something, as a step or a host, comes from the guide, and stays as it is.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve

from runbook.observation.change import Observed
from runbook.redaction.known import KnownSecrets
from runbook.results.log import LogEntry
from runbook.results.outcome import (
    CheckResult,
    EndCheck,
    Event,
    Outcome,
    Performed,
    Report,
    ShellState,
    Started,
)

LOST: Final = "a part of it"
"""Stands for what a shell's state has lost if it is not known which variable held a secret."""


def redacted(event: Event, known: KnownSecrets) -> Event:
    """Return an event of a run without the `known` secrets."""
    match event:
        case Outcome():
            return redacted_outcome(event, known)
        case EndCheck():
            return _end(event, known)
        case Started():
            return evolve(event, detail=known.redact(event.detail))
        case _:
            return event


def redacted_report(report: Report, known: KnownSecrets) -> Report:
    """Return a report without the `known` secrets, as of a run that did not know all of them."""
    return evolve(
        report,
        outcomes=tuple(redacted_outcome(outcome, known) for outcome in report.outcomes),
        end_state=tuple(_end(end, known) for end in report.end_state),
    )


def redacted_outcome(outcome: Outcome, known: KnownSecrets) -> Outcome:
    """Return an outcome without the `known` secrets."""
    redact = known.redact
    return evolve(
        outcome,
        reason=redact(outcome.reason),
        before=tuple(_check(check, known) for check in outcome.before),
        after=tuple(_check(check, known) for check in outcome.after),
        actions=tuple(_performed(action, known) for action in outcome.actions),
        captured={name: redact(value) for name, value in outcome.captured.items()},
        tries=tuple(redact(why) for why in outcome.tries),
        shells={user: _shell(state, known) for user, state in outcome.shells.items()},
        observed=outcome.observed and _observed(outcome.observed, known),
    )


def redacted_entry(entry: LogEntry, known: KnownSecrets) -> LogEntry:
    """Return an entry of the log without the `known` secrets."""
    checks = tuple(evolve(one, result=_check(one.result, known)) for one in entry.checks)
    return evolve(entry, text=known.redact(entry.text), checks=checks)


def redacted_check(check: CheckResult, known: KnownSecrets) -> CheckResult:
    """Return the result of a check without the `known` secrets."""
    return _check(check, known)


def _observed(observed: Observed, known: KnownSecrets) -> Observed:
    redact = known.redact
    changes = (
        evolve(
            one,
            name=redact(one.name),
            before=redact(one.before),
            after=redact(one.after),
            # A secret may have several lines, or be encoded in them.
            lines=tuple(redact("\n".join(one.lines)).split("\n")) if one.lines else (),
        )
        for one in observed.changes
    )
    missing = {kind: redact(why) for kind, why in observed.not_observed.items()}
    return evolve(observed, changes=tuple(changes), not_observed=missing)


def _end(end: EndCheck, known: KnownSecrets) -> EndCheck:
    return evolve(end, check=_check(end.check, known))


def _check(check: CheckResult, known: KnownSecrets) -> CheckResult:
    return evolve(check, sentence=known.redact(check.sentence), detail=known.redact(check.detail))


def _performed(action: Performed, known: KnownSecrets) -> Performed:
    return evolve(
        action,
        text=known.redact(action.text),
        output=known.redact(action.output),
        complaint=known.redact(action.complaint),
    )


def _shell(state: ShellState, known: KnownSecrets) -> ShellState:
    # With a part of it masked the script would do something else.
    if known.redact(state.script) == state.script:
        return state
    return ShellState("", state.lost or (LOST,))
