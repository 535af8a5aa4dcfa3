"""The present state of every step on every host: its checks, evaluated whenever somebody asks.

Each host has a thread and connections of its own, so that one that is slow, or cannot be reached,
holds up no other, and nobody who acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, field, frozen

from runbook.errors import RunbookError
from runbook.execution.checks.check import evaluate
from runbook.execution.checks.file_checks import checks_of, remaining
from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.execution.selection import unfit
from runbook.following import FollowError
from runbook.model import Check, Step
from runbook.report.text import sanitize
from runbook.results import Probed
from runbook.results.clock import now
from runbook.server.feed import Feed

_LIMIT: Final = 30.0
"""Seconds that the code of one check may take: somebody waits for the other ones."""
_FIRST: Final = 1000
_DETAIL: Final = 4000
"""Characters of an explanation; the rest is in what `runbook check` says."""

FillIn = Callable[[Step, str], Step]
"""Return a step as it is for a host; it raises `FollowError` if a value is not known."""


@frozen
class Watched:
    """What is watched: the steps of each host, in order, and how their checks are evaluated."""

    hosts: Mapping[str, HostConnection]
    steps: Mapping[str, tuple[Step, ...]]
    chosen: Mapping[str, str]
    shared: SharedChecks
    fill_in: FillIn
    redact: Callable[[str], str]


@define
class StateWatch:
    """Evaluates checks and tells the feed; a context manager that ends with its threads.

    The value `check/HOST/STEP` is the state of a step on a host, `host/HOST` that of the host, and
    `left` how many steps are still to be evaluated.
    """

    watched: Watched
    feed: Feed
    _todo: dict[str, dict[str, None]] = field(factory=dict)
    _first: dict[str, None] = field(factory=dict)
    _changed: threading.Condition = field(factory=threading.Condition)
    _ended: bool = False

    def __enter__(self) -> StateWatch:
        for name in self.watched.hosts:
            self._todo[name] = {}
            threading.Thread(
                target=self._look, args=(name,), name=f"state of {name}", daemon=True
            ).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for host in self.watched.hosts.values():
            host.close()

    def ask(self, steps: Iterable[str] | None = None, first: Sequence[str] = ()) -> None:
        """Evaluate the checks of these steps, or of all, on all their hosts; those `first` first.

        It does not wait.
        """
        with self._changed:
            # What was asked for long ago is nothing special any more.
            self._first = dict.fromkeys([*first, *self._first][:_FIRST])
            for name, todo in self._todo.items():
                own = [step.id for step in self.watched.steps.get(name, ())]
                wanted = own if steps is None else [one for one in steps if one in own]
                todo.update(dict.fromkeys(wanted))
            self._tell()
            self._changed.notify_all()

    def again(self, steps: Sequence[str]) -> None:
        """Evaluate the checks of steps that may have changed, before all others."""
        self.ask(steps, first=steps)

    def _tell(self) -> None:
        left = sum(map(len, self._todo.values()))
        self.feed.set({"left": left, **({} if left else {"evaluated": now()})})

    def _next(self, name: str) -> Step | None:
        """Return the step that is to be looked at next on a host; `None` at the end."""
        with self._changed:
            todo = self._todo[name]
            self._changed.wait_for(lambda: self._ended or todo)
            if self._ended:
                return None
            id_ = next((one for one in self._first if one in todo), next(iter(todo)))
            return next(step for step in self.watched.steps[name] if step.id == id_)

    def _done(self, name: str, steps: Iterable[Step]) -> None:
        with self._changed:
            for step in steps:
                self._todo[name].pop(step.id, None)
            self._tell()

    def _look(self, name: str) -> None:
        """Evaluate whatever is asked of a host, until the end."""
        host, steps = self.watched.hosts[name], self.watched.steps.get(name, ())
        while (step := self._next(name)) is not None:
            try:
                probed = host.probed()
                state = self._state(step, name, probed)
            except RunbookError as error:
                if self._ended:
                    return
                why = self._shown(str(error).removeprefix(f"{name}: "))
                unknown = {"state": "unknown", "why": why, "checks": [], "when": now()}
                self.feed.set(
                    {
                        f"host/{name}": {"reached": False, "why": why},
                        **{f"check/{name}/{one.id}": unknown for one in steps},
                    }
                )
                self._done(name, steps)
                continue
            self.feed.set(
                {
                    f"host/{name}": {"reached": True, "platform": probed.platform},
                    f"check/{name}/{step.id}": state,
                }
            )
            self._done(name, (step,))

    def _state(self, step: Step, name: str, probed: Probed) -> dict[str, Any]:
        """Return what is known of a step on a host.

        Raises:
            RunbookError: the host cannot be reached.

        """
        if why := unfit(step, name, probed, self.watched.chosen):
            return {"state": "unfit", "why": why, "checks": []}
        try:
            filled = self.watched.fill_in(step, name)
        except FollowError as error:
            return {"state": "unknown", "why": self._shown(str(error)), "checks": []}
        # A host that is gone is one whose pipe cannot be opened.
        self.watched.hosts[name].pipe()
        hosts = HostMap(self.watched.hosts)
        checks = [self._check(one, filled, name, hosts) for one in checks_of(filled)]
        return {"state": together([one["state"] for one in checks]), "checks": checks}

    def _check(self, check: Check, step: Step, name: str, hosts: HostMap) -> dict[str, str]:
        shared = self.watched.shared
        found = {"sentence": check.sentence, "at": str(check.location)}
        try:
            result = evaluate(check, hosts, name, shared, _LIMIT)
        except RunbookError as error:
            return {**found, "state": "unknown", "detail": self._shown(str(error))}
        if result.held:
            return {**found, "state": "holds"}
        if ends(check, step, self.watched.steps[name]):
            return {**found, "state": "past", "detail": "a later step ends this"}
        return {**found, "state": "differs", "detail": self._shown(result.detail)}

    def _shown(self, text: str) -> str:
        return sanitize(self.watched.redact(text))[:_DETAIL]


def together(states: Sequence[str]) -> str:
    """Return the state of a step with checks in these states: the worst of them."""
    for state in ("differs", "unknown", "holds", "past"):
        if state in states:
            return state
    return "none"


def ends(check: Check, step: Step, steps: Sequence[Step]) -> bool:
    """Tell whether one of the `steps` of a host, after `step`, is meant to make a check false."""
    if check.until:
        return True
    if check.file is None:
        return False
    ids = [one.id for one in steps]
    later = steps[ids.index(step.id) + 1 :]
    return any(remaining(check, one) != check for one in later)
