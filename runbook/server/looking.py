"""What is looked at while somebody has a page open, and when."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import define, field

from runbook.commands.hosts import hosts_of
from runbook.execution.selection import Selection, choices_of
from runbook.following import FollowSession
from runbook.model import Step
from runbook.server.messages import Wish
from runbook.server.watching import StateWatch, Watched

_RECENT: Final = 10.0
"""Seconds in which what is known of all steps is not old."""


def watched_of(session: FollowSession, chosen: Mapping[str, str]) -> Watched:
    """Return what is watched: all steps of the guide, by connections of their own."""
    setting = session.setting
    cluster = setting.lab.cluster
    steps: dict[str, list[Step]] = {host.name: [] for host in cluster.hosts}
    for step in setting.forth.runbook.steps():
        for host in cluster.select(step.on or ("all",)):
            if (step.id, host.name) not in setting.forth.schedule.skipped:
                steps[host.name].append(step)
    return Watched(
        hosts_of(setting.lab, known=setting.known),
        {name: tuple(own) for name, own in steps.items()},
        choices_of(cluster, Selection(chosen=chosen)),
        setting.shared,
        session.filled,
        setting.known.redact,
    )


@define
class Looking:
    """Has the checks evaluated while somebody looks; a context manager.

    `show` tells the pages how far the guide is, which somebody else may have changed.
    """

    watch: StateWatch
    every: float
    show: Callable[[], None]
    _asked: float = -math.inf
    _present: threading.Event = field(factory=threading.Event)
    _ended: threading.Event = field(factory=threading.Event)

    def __enter__(self) -> Looking:
        threading.Thread(target=self._again, name="every so often", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._present.set()

    def looks(self, steps: Sequence[str], count: int) -> None:
        """Take in that somebody looks at `steps`, and that `count` look at all."""
        if not count:
            self._present.clear()
            return
        self._present.set()
        if time.monotonic() - self._asked > max(self.every, _RECENT):
            self._ask(steps)
        elif steps:
            # Whoever turns to another page sees it as it is now.
            self.watch.ask(steps, first=steps)

    def wish(self, who: str, wish: Wish) -> None:
        """Have the checks of a step, or of all, evaluated again."""
        del who
        step = wish.text("step")
        self.show()
        self.watch.ask([step] if step else None)

    def _ask(self, first: Sequence[str] = ()) -> None:
        self._asked = time.monotonic()
        self.watch.ask(first=first)

    def _again(self) -> None:
        while not self._ended.is_set():
            self._present.wait()
            if self._ended.wait(self.every or None):
                return
            if self._present.is_set():
                self.show()
                self._ask()
