"""When each step ran on each host, as bars on a common scale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from runbook import summary
from runbook.result import Outcome, Verdict
from runbook.summary import StepResult

_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
"""Seconds between two marks of the scale; people count time in these."""

_MARKS: Final = 8
"""How many marks the scale has at most."""


@frozen
class Bar:
    """A step on a host: when it began on the scale, how long it took, and where to draw it.

    `number` counts the steps of the page from 1. `begin` is in seconds; `left` and `width`
    are percent of the scale.
    """

    number: int
    title: str
    outcome: Outcome
    begin: float
    left: float
    width: float


@frozen
class Row:
    """The bars of one host in the order in which they began."""

    host: str
    bars: tuple[Bar, ...]


@frozen
class Mark:
    """A mark of the scale, and its place in percent."""

    label: str
    left: float


@frozen
class Timeline:
    """The rows of all hosts on a scale of `seconds`."""

    seconds: float
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]


def timeline(results: Iterable[StepResult], hosts: Iterable[str]) -> Timeline | None:
    """Return when the steps of `results` were tried, or `None` if none was.

    Rows are in the order of `hosts`; one that is not among them comes last.
    """
    tried = [
        (number, result.step.title, outcome, begin)
        for number, result in enumerate(results, 1)
        for outcome in result.outcomes
        if _was_tried(outcome) and (begin := summary.instant(outcome.started)) is not None
    ]
    if not tried:
        return None
    first = min(begin for *_, begin in tried)
    length = max(begin + outcome.seconds for *_, outcome, begin in tried) - first
    scale = 100 / (length or 1.0)
    rows: dict[str, list[Bar]] = {host: [] for host in hosts}
    for number, title, outcome, begin in tried:
        left, width = round((begin - first) * scale, 2), round(outcome.seconds * scale, 2)
        bar = Bar(number, title, outcome, begin - first, left, width)
        rows.setdefault(outcome.host, []).append(bar)
    return Timeline(
        length,
        tuple(
            Row(host, tuple(sorted(bars, key=lambda bar: bar.begin)))
            for host, bars in rows.items()
            if bars
        ),
        _marks(length),
    )


def _was_tried(outcome: Outcome) -> bool:
    if outcome.verdict in (Verdict.SKIPPED, Verdict.BLOCKED):
        return False
    return bool(outcome.seconds or outcome.before or outcome.actions or outcome.after)


def _marks(length: float) -> tuple[Mark, ...]:
    if length <= 0:
        return (Mark("0:00", 0.0),)
    apart = next((step for step in _STEPS if length / step <= _MARKS), 86400)
    count = int(length / apart) + 1
    return tuple(Mark(clock(n * apart), round(100 * n * apart / length, 2)) for n in range(count))


def clock(seconds: float) -> str:
    """Return a time since the beginning as a clock shows it: `0:05`, `12:30`, `1:02:30`."""
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
