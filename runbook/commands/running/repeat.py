"""Ask the operator about steps that would be typed again on machines which are somebody's."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from runbook.execution.schedule import Schedule
from runbook.report.text import sanitize
from runbook.results.position import History


def agree_to_repeat(
    schedule: Schedule,
    history: History,
    repeat: frozenset[str],
    log: Callable[[str], None],
    *,
    yes: bool,
) -> frozenset[str]:
    """Return the ids of the steps that may be typed again, those of `repeat` among them.

    A step that was begun and not finished, or was changed after it ran, is named with the reason.
    With `yes` it may be repeated; otherwise the operator is asked. A step that its author calls
    not repeatable needs a word of its own: it must be named in `repeat`.
    """
    agreed = set(repeat)
    for one in schedule.steps:
        step = one.step
        if step.id in agreed or step.id not in schedule.wanted or one.key in schedule.again:
            continue
        reasons = {
            host: why for host, _ in one.hosts if (why := history.unsettled(step.id, one.key, host))
        }
        for host, why in reasons.items():
            log(f"{host}: {why}")
        if not reasons:
            continue
        if not step.repeatable:
            log(f"{step.id} must not be repeated; if you are sure, add --repeat {step.id}")
        elif yes or _asked(step.title):
            agreed.add(step.id)
    return frozenset(agreed)


def _asked(title: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return click.confirm(f"Run {sanitize(title)!r} again?")
