"""What steps changed, in words."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from runbook.observation.change import KINDS, Change, Count, Observed, count
from runbook.report.text import join_words, pluralize
from runbook.results import Outcome, Report
from runbook.results.summary import StepResult, step_results


@frozen
class Uncovered:
    """A change that no check covers, and the step that made it."""

    result: StepResult
    change: Change
    hosts: tuple[str, ...]


def of_report(report: Report) -> Count | None:
    """Return how many changes the run has seen; `None` if nobody looked."""
    seen = [outcome.observed for outcome in report.outcomes if outcome.observed is not None]
    return count(change for one in seen for change in one.changes) if seen else None


def uncovered(report: Report) -> Iterator[Uncovered]:
    """Yield the changes that no check covers, each once for the hosts on which it is the same."""
    for result in step_results(report):
        found: dict[tuple[str, str], tuple[Change, list[str]]] = {}
        for outcome in result.outcomes:
            for change in outcome.observed.changes if outcome.observed else ():
                if change.uncovered:
                    at = found.setdefault((change.kind, change.name), (change, []))
                    at[1].append(change.host or outcome.host)
        for change, hosts in found.values():
            yield Uncovered(result, change, tuple(hosts))


def sentence(counted: Count) -> str:
    """Return what is known of changes in a sentence."""
    if not counted.own and not counted.came_with:
        return "The steps changed nothing that was looked at."
    parts = [f"{counted.covered} covered by checks"]
    if counted.left_out:
        parts.append(f"{counted.left_out} left out knowingly")
    parts.append(f"{counted.uncovered} that no check covers")
    came = f"; {counted.came_with} more came with packages" if counted.came_with else ""
    return f"{pluralize(counted.own, 'change')}: {join_words(parts)}{came}."


def short(outcomes: list[Outcome]) -> str:
    """Return in a few words what a step changed; empty if nothing is known or to be said."""
    seen = [one.observed for one in outcomes if one.observed is not None]
    counted = count(change for one in seen for change in one.changes)
    if not counted.own:
        return ""
    said = pluralize(counted.own, "change")
    return f"{said}, {counted.uncovered} unchecked" if counted.uncovered else said


def not_seen(observed: Observed) -> str:
    """Return which kinds of things were not looked at, and why; empty if all were."""
    by_reason: dict[str, list[str]] = {}
    for kind, why in observed.not_observed.items():
        by_reason.setdefault(why, []).append(KINDS.get(kind, kind))
    return "; ".join(f"{join_words(kinds)} ({why})" for why, kinds in by_reason.items())
