"""When a run saves the hosts of its lab, and what it notes with them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterable
from typing import Final

from attrs import define, field, frozen

from runbook.errors import RunbookError
from runbook.execution.resume import Restorable
from runbook.execution.secrets import made_up
from runbook.labs import Checkpoint, LabError, SupportsCheckpoints
from runbook.labs.checkpoint_store import COUNT, limit
from runbook.model import codec
from runbook.results import Begun, Outcome, Reached
from runbook.results.estimate import Estimate

_LONG: Final = 20.0
"""Seconds that a step takes that gets a checkpoint before it."""
_WORTH: Final = 10.0
"""A checkpoint within a chapter is worth this part of what would have to be done again."""
_TRIES: Final = 3
"""How often hosts are tried to be saved."""


@frozen
class Saved:
    """A checkpoint with the outcomes of all that was done when it was taken.

    `secrets` is a word for those that had been made up by then; see `made_up`.
    """

    name: str
    outcomes: tuple[Outcome, ...]
    secrets: str = ""

    def restorable(self) -> Restorable:
        """Return what decides whether a run can go on from it."""
        return Restorable(self.name, frozenset((o.key, o.host) for o in self.outcomes))


def saved(lab: SupportsCheckpoints) -> tuple[Saved, ...]:
    """Return the checkpoints of `lab`, the last used first; one that cannot be read is left out."""
    return tuple(one for checkpoint in lab.checkpoints() if (one := _read(checkpoint)) is not None)


def _read(checkpoint: Checkpoint) -> Saved | None:
    with contextlib.suppress(RunbookError, ValueError, KeyError, TypeError):
        data = json.loads(checkpoint.about)
        found = tuple(codec.structure(one, Outcome) for one in data["outcomes"])
        return Saved(checkpoint.name, found, str(data.get("secrets", "")))
    return None


def checkpoint_name(recipe: str, outcomes: Iterable[Outcome]) -> str:
    """Return the name of the state of a lab in which `outcomes` are all that was done."""
    done = sorted({(outcome.key, outcome.host) for outcome in outcomes})
    return hashlib.sha256(json.dumps([recipe, done]).encode()).hexdigest()[:20]


def about_checkpoint(outcomes: Iterable[Outcome]) -> str:
    """Return what is noted with a checkpoint: the `outcomes` of all that was done, see `Saved`."""
    done = [codec.unstructure(one) for one in outcomes]
    return json.dumps({"outcomes": done, "secrets": made_up()}, ensure_ascii=False)


def take(save: Callable[[], None]) -> None:
    """Have `save` save the hosts of a lab as they are; what fails is tried again.

    A machine that is busy may not stop all its hosts in time, and does so a moment later.

    Raises:
        LabError: they cannot be saved, however often it is tried.

    """
    for tries_left in reversed(range(_TRIES)):
        try:
            save()
        except LabError:
            if not tries_left:
                raise
        else:
            return


@define
class Checkpointer:
    """Takes the checkpoints of one run: at the ends of chapters, and where they save much time.

    `edited` are the ids of the steps that an author is at work on, because they failed or were
    changed: before such a step there is always one. There is none of hosts on which a step was
    begun that has not been done. What cannot be saved harms no run.
    """

    lab: SupportsCheckpoints
    estimate: Estimate
    edited: frozenset[str]
    log: Callable[[str], None]
    done: dict[tuple[str, str], Outcome] = field(factory=dict)
    _begun: set[tuple[str, str]] = field(factory=set)
    _since: float = field(factory=time.monotonic)
    _new: bool = False
    _cost: float = 0.0
    _given_up: bool = False

    def note(self, outcome: Outcome) -> None:
        """Take in an outcome of a step that is done."""
        self.done[outcome.key, outcome.host] = outcome
        self._begun.discard((outcome.key, outcome.host))
        self._new = self._new or not outcome.resumed

    def begun(self, event: Begun) -> None:
        """Take in that a step changes its hosts from now on."""
        self._begun.update((event.key, host) for host in event.hosts)

    def reached(self, event: Reached) -> None:
        """Take a checkpoint before the step of `event`, if it is worth it."""
        spent = time.monotonic() - self._since
        dear = self.estimate.seconds.get(event.step, 0.0) >= _LONG
        worth = spent >= self._cost * _WORTH or (
            (event.chapter_begins or dear) and spent >= self._cost
        )
        if event.step in self.edited or worth:
            self.take()

    def take(self) -> None:
        """Take a checkpoint of the lab as it is now, unless nothing was done since the last.

        None is taken where none are kept.

        What a step has left that was begun and not done must not pass for the state before it.
        """
        if not self._new or self._begun or self._given_up:
            return
        began = time.monotonic()
        name = checkpoint_name(self.lab.recipe_digest(), self.done.values())
        text = about_checkpoint(self.done.values())
        try:
            if limit(COUNT):
                take(lambda: self.lab.take_checkpoint(name, text, lambda _: None))
        except LabError as error:
            self._given_up = True
            self.log(f"this run takes no more checkpoints: {error}")
        self._new = False
        self._since = time.monotonic()
        self._cost = self._since - began
