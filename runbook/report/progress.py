"""What a run is doing at the moment: the live part of the display."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Final

import rich.console
from attrs import define, field, frozen
from rich.text import Text

from runbook.model import Step
from runbook.report.text import format_duration, format_estimate, format_location, sanitize
from runbook.results import Event, Outcome, Phase, Started
from runbook.results.estimate import Estimate

_PHASES: Final = {
    Phase.CHECKING: "checking",
    Phase.ACTING: "running",
    Phase.PROVING: "checking again",
}


@frozen
class ActiveStep:
    """A step in progress on a host, and the monotonic time at which it began."""

    started: Started
    since: float


@define
class RunProgress:
    """The steps in progress; the runner's thread writes it, the display's thread reads it.

    `run_began` and `step_began` are the monotonic times at which the run and its present step
    began; `step` is the id of that step.
    """

    estimate: Estimate = field(factory=Estimate)
    run_began: float = field(factory=time.monotonic)
    step: str = ""
    step_began: float = 0.0
    _active: dict[tuple[str, str], ActiveStep] = field(factory=dict, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def start(self) -> None:
        """Start the clock of the run."""
        with self._lock:
            self.run_began = time.monotonic()

    def record(self, event: Event) -> None:
        """Record that a step has begun, entered another phase, or ended on a host."""
        if not isinstance(event, Started | Outcome):
            return
        now = time.monotonic()
        key = event.step, event.host
        with self._lock:
            if event.step != self.step:
                self.step, self.step_began = event.step, now
            if isinstance(event, Outcome):
                self._active.pop(key, None)
            else:
                before = self._active.get(key)
                self._active[key] = ActiveStep(event, before.since if before else now)

    def active(self) -> list[ActiveStep]:
        """Return the steps in progress, one for each host."""
        with self._lock:
            return list(self._active.values())

    def time_left(self, steps: Mapping[str, Step]) -> float | None:
        """Return the estimated seconds until the run ends, or `None` without an estimate."""
        with self._lock:
            step, began = self.step, self.step_began
        return self.estimate.left(step, time.monotonic() - began, steps)


@frozen
class ProgressView:
    """The live part of the display: the step in progress on each host, and the time."""

    progress: RunProgress
    steps: Mapping[str, Step]

    def __rich__(self) -> rich.console.Group:
        """Return the lines to show now; none while no step is in progress."""
        active = self.progress.active()
        numbers = {id_: number for number, id_ in enumerate(self.steps, 1)}
        lines: list[Text] = []
        for id_ in dict.fromkeys(one.started.step for one in active):
            step = self.steps.get(id_)
            location = sanitize(format_location(step.location)) if step else ""
            count = f"{numbers.get(id_, 0)}/{len(numbers)}"
            title = Text(f"{count}  {sanitize(step.title if step else id_)}", style="bold")
            title.append(f"  {location}", style="not bold dim")
            lines.append(title)
            lines += [_row(one) for one in active if one.started.step == id_]
        if lines:
            lines.append(self._time())
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return rich.console.Group(*lines)

    def _time(self) -> Text:
        text = f"  {format_duration(time.monotonic() - self.progress.run_began)} so far"
        if (left := self.progress.time_left(self.steps)) is not None:
            text += f", {format_estimate(left)} left" if left else ", longer than the last time"
        return Text(text, style="dim")


def _row(one: ActiveStep) -> Text:
    row = Text(f"  {sanitize(one.started.host):8} ")
    row.append(f"{_PHASES[one.started.phase]:14}", style="cyan")
    row.append(f" {format_duration(time.monotonic() - one.since):>8}  ")
    row.append(sanitize(one.started.detail).partition("\n")[0], style="dim")
    return row
