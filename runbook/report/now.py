"""What a run is doing at the moment: the part of the display that moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Final

import rich.console
from attrs import define, field, frozen
from rich.text import Text

from runbook.model import Step
from runbook.pace import Pace
from runbook.report.words import about, inert, place, seconds
from runbook.result import Event, Outcome, Phase, Started

_PHASES: Final = {
    Phase.CHECKING: "checking",
    Phase.ACTING: "running",
    Phase.PROVING: "checking again",
}


@frozen
class Busy:
    """A step that is under way on a host, and the monotonic time at which it began."""

    started: Started
    since: float


@define
class Now:
    """What is under way; the runner's thread tells it, the display's thread asks.

    `begun` is the monotonic time at which the run began, `step` the id of the step that it has
    come to, `since` when it did.
    """

    pace: Pace = field(factory=Pace)
    begun: float = field(factory=time.monotonic)
    step: str = ""
    since: float = 0.0
    busy: dict[tuple[str, str], Busy] = field(factory=dict)
    lock: threading.Lock = field(factory=threading.Lock)

    def start(self) -> None:
        """Begin to count: the run begins."""
        with self.lock:
            self.begun = time.monotonic()

    def take(self, event: Event) -> None:
        """Note what has begun or ended."""
        now = time.monotonic()
        key = event.step, event.host
        with self.lock:
            if event.step != self.step:
                self.step, self.since = event.step, now
            if isinstance(event, Outcome):
                self.busy.pop(key, None)
            else:
                before = self.busy.get(key)
                self.busy[key] = Busy(event, before.since if before else now)

    def all(self) -> list[Busy]:
        """Return all that is under way."""
        with self.lock:
            return list(self.busy.values())

    def left(self, order: Mapping[str, Step]) -> float | None:
        """Return the seconds that the run may still take, or `None` if nobody knows."""
        with self.lock:
            step, since = self.step, self.since
        return self.pace.left(step, time.monotonic() - since, order)


@frozen
class View:
    """The moving part of the display: what is under way on each host, and how long it takes."""

    now: Now
    steps: Mapping[str, Step]

    def __rich__(self) -> rich.console.Group:
        """Return the lines of this moment; none while nothing is under way."""
        busy = self.now.all()
        numbers = {id_: number for number, id_ in enumerate(self.steps, 1)}
        lines: list[Text] = []
        for id_ in dict.fromkeys(one.started.step for one in busy):
            step = self.steps.get(id_)
            count = f"{numbers.get(id_, 0)}/{len(numbers)}"
            title = Text(f"{count}  {inert(step.title if step else id_)}", style="bold")
            title.append(f"  {inert(place(step.location)) if step else ''}", style="not bold dim")
            lines.append(title)
            lines += [_row(one) for one in busy if one.started.step == id_]
        if lines:
            lines.append(self._time())
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return rich.console.Group(*lines)

    def _time(self) -> Text:
        text = f"  {seconds(time.monotonic() - self.now.begun)} so far"
        if (left := self.now.left(self.steps)) is not None:
            text += f", {about(left)} left" if left else ", longer than the last time"
        return Text(text, style="dim")


def _row(one: Busy) -> Text:
    row = Text(f"  {inert(one.started.host):8} ")
    row.append(f"{_PHASES[one.started.phase]:14}", style="cyan")
    row.append(f" {seconds(time.monotonic() - one.since):>8}  ")
    row.append(inert(one.started.detail).partition("\n")[0], style="dim")
    return row
