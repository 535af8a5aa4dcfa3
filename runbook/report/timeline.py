"""A timeline of the run: when each step ran on each host."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from runbook.results import Outcome, Verdict, summary
from runbook.results.summary import StepResult

_INTERVALS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
"""Seconds between two ticks of the scale."""

_MAX_TICKS: Final = 8
"""Most ticks on the scale."""


@frozen
class Bar:
    """A step on a host: when it began, and where to draw it.

    `number` counts the steps of the page from 1. `begin` is in seconds since the first step
    began; `left` and `width` are percent of the scale.
    """

    number: int
    title: str
    outcome: Outcome
    begin: float
    left: float
    width: float


@frozen
class Row:
    """The bars of one host, by start."""

    host: str
    bars: tuple[Bar, ...]


@frozen
class Tick:
    """A tick of the scale, and its position in percent."""

    label: str
    left: float


@frozen
class Timeline:
    """A row for each host on a scale of `seconds`."""

    seconds: float
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]


def timeline(results: Iterable[StepResult], hosts: Iterable[str]) -> Timeline | None:
    """Return the timeline of `results`, or `None` if no step was tried.

    Rows are in the order of `hosts`, followed by other hosts. The hosts of each worker of a fleet
    have rows of their own.
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
        lane = f"{outcome.worker}: {outcome.host}" if outcome.worker else outcome.host
        rows.setdefault(lane, []).append(bar)
    return Timeline(
        length,
        tuple(
            Row(host, tuple(sorted(bars, key=lambda bar: bar.begin)))
            for host, bars in rows.items()
            if bars
        ),
        _ticks(length),
    )


def _was_tried(outcome: Outcome) -> bool:
    if outcome.verdict in (Verdict.SKIPPED, Verdict.BLOCKED):
        return False
    return bool(outcome.seconds or outcome.before or outcome.actions or outcome.after)


def _ticks(length: float) -> tuple[Tick, ...]:
    if length <= 0:
        return (Tick("0:00", 0.0),)
    interval = next((step for step in _INTERVALS if length / step <= _MAX_TICKS), 86400)
    count = int(length / interval) + 1
    return tuple(
        Tick(clock(n * interval), round(100 * n * interval / length, 2)) for n in range(count)
    )


def clock(seconds: float) -> str:
    """Return an elapsed time as `0:05`, `12:30` or `1:02:30`."""
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
