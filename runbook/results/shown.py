"""What a run has shown of a guide's steps, as proofs; what it leaves open is none.

Nobody knows what a step does after something that is not the guide's: after values that somebody
edited, a code block that is no step, or a step that an earlier run typed when it still had other
time limits or another user. So a step gives no proof then.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from runbook.results.basis import ProofKeys
from runbook.results.evidence import REHEARSED_ON, SHOWN, Proof
from runbook.results.outcome import Outcome, Report, Verdict

_HINDERED: Final = (Verdict.ERROR, Verdict.BLOCKED)
"""Verdicts of a host of which nothing is known, though the step was for it."""

_ON_A_STAND_IN: Final = (Verdict.REHEARSED, Verdict.CHECKED)


def proofs_of(report: Report, keys: ProofKeys) -> tuple[Proof, ...]:
    """Return what the run of `report` showed, a proof for each step and platform.

    `keys` are those of the guide as it was in that run. A step that failed on one host is known to
    fail; otherwise all hosts of a platform must have shown something.
    """
    found: dict[tuple[str, str], list[Outcome]] = {}
    hindered: set[tuple[str, str]] = set()
    for outcome in report.outcomes:
        if outcome.step not in keys:
            continue
        if outcome.verdict in SHOWN:
            found.setdefault((outcome.step, outcome.platform), []).append(outcome)
        elif outcome.verdict in _HINDERED:
            hindered.add((outcome.step, _platform(outcome, report)))
    ran: dict[str, set[str]] = {}
    for step, platform in found:
        ran.setdefault(platform, set()).add(step)
    altered, late = _altered(report, keys), _after_unmarked(report, keys)
    return tuple(
        _proof(report, step, platform, outcomes, keys, ran[platform])
        for (step, platform), outcomes in found.items()
        if step not in late
        and not keys.depends(step, platform, altered)
        and ((step, platform) not in hindered or _worst(outcomes).verdict is Verdict.FAILED)
    )


def _platform(outcome: Outcome, report: Report) -> str:
    """Return the platform of an outcome's host, also if the step never came to ask for it."""
    probed = report.run.hosts.get(outcome.host)
    return outcome.platform or (probed.platform if probed is not None else "")


def _altered(report: Report, keys: ProofKeys) -> set[str]:
    """Return the steps that ran, and were not those of the guide as it was in that run."""
    typed = keys.basis.typed()
    return {
        one.step
        for one in report.outcomes
        if one.verdict in SHOWN
        and (one.edited or (one.resumed and one.typed not in ("", typed.get(one.step))))
    }


def _after_unmarked(report: Report, keys: ProofKeys) -> set[str]:
    """Return the steps that ran after a code block that is no step, which is in no key."""
    found: set[str] = set()
    begun = False
    for one in report.outcomes:
        if one.step in keys:
            found |= {one.step} if begun else set()
        elif one.platform and (one.actions or one.verdict in SHOWN):
            begun = True
    return found


def _worst(outcomes: list[Outcome]) -> Outcome:
    return min(outcomes, key=lambda outcome: SHOWN.index(outcome.verdict))


def _proof(
    report: Report,
    step: str,
    platform: str,
    outcomes: list[Outcome],
    keys: ProofKeys,
    ran: Collection[str],
) -> Proof:
    rehearsed = outcomes[0].verdict in _ON_A_STAND_IN
    worst = _worst(outcomes)
    where = REHEARSED_ON if rehearsed else platform
    left_out = keys.missing(step, where, ran)
    return Proof(
        step=step,
        platform=where,
        verdict=worst.verdict,
        key=keys.key(step, where, left_out),
        started=min(outcome.started for outcome in outcomes),
        seconds=round(max(outcome.seconds for outcome in outcomes), 1),
        hosts=() if rehearsed else tuple(outcome.host for outcome in outcomes),
        lab=report.run.lab,
        made_of=report.run.made_of,
        versions=report.run.versions,
        recording=worst.recording,
        left_out=left_out,
    )
