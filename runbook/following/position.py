"""Where the one who follows a guide stands: of every step, how far it came on each host."""

from __future__ import annotations

import enum
from typing import Final

from attrs import define, evolve, field, frozen

from runbook.execution.keys import KeyedStep
from runbook.execution.schedule import Schedule
from runbook.model import Chapter, Runbook, Step
from runbook.results import Verdict
from runbook.results.journal_reader import JournalReader
from runbook.results.log import Deed
from runbook.results.position import History, Position


class StepState(enum.Enum):
    """How far a step came on a host."""

    UNTOUCHED = "untouched"
    """Nothing of it was typed."""
    BEGUN = "begun"
    """Something was typed, and it did not come to its end, or its checks did not hold."""
    CHANGED = "changed"
    """It ran, and the step or what it depends on was edited since."""
    DONE = "done"
    """It ran to its end, and its checks held."""
    SATISFIED = "satisfied"
    """Its checks held already, so nothing was typed."""
    BY_HAND = "by hand"
    """Somebody did it by hand, and said why."""
    SKIPPED = "skipped"
    """Somebody left it out, and said why."""


SETTLED: Final = frozenset(
    {StepState.DONE, StepState.SATISFIED, StepState.BY_HAND, StepState.SKIPPED}
)
"""States in which the next step may follow."""

AGAIN: Final = frozenset(StepState) - {StepState.UNTOUCHED, StepState.SKIPPED}
"""States from which a step is typed once more, although its checks may hold."""

_ORDER: Final = (
    StepState.BEGUN,
    StepState.CHANGED,
    StepState.UNTOUCHED,
    StepState.SKIPPED,
    StepState.BY_HAND,
    StepState.SATISFIED,
    StepState.DONE,
)
"""Of several hosts, the first in this order is the state of the step."""


@frozen
class HostPosition:
    """How far a step came on `host`.

    `why` is what went wrong, or the reason that somebody gave. `who` brought it there, `at` a time
    in UTC; both are empty if `runbook run` did, or nobody.
    """

    host: str
    state: StepState = StepState.UNTOUCHED
    why: str = ""
    who: str = ""
    at: str = ""

    @property
    def settled(self) -> bool:
        """Whether the next step may follow."""
        return self.state in SETTLED


@frozen
class StepPosition:
    """A step of the guide with how far it came on each of its hosts.

    `number` counts from 1 among the steps that are for some host. `chapter` is the title of its
    chapter, and `document` the file.
    """

    number: int
    step: Step
    chapter: str
    document: str
    hosts: tuple[HostPosition, ...]

    @property
    def state(self) -> StepState:
        """The state of the step on the host that is least far."""
        return min((one.state for one in self.hosts), key=_ORDER.index)

    @property
    def settled(self) -> bool:
        """Whether the next step may follow."""
        return all(one.settled for one in self.hosts)

    @property
    def left(self) -> tuple[str, ...]:
        """The names of the hosts on which it is not settled."""
        return tuple(one.host for one in self.hosts if not one.settled)


@define
class Way:
    """The guide in one direction: forth, or back by its undo steps.

    `schedule` has the steps that are for some host, in order, also of the other direction; `reader`
    is the journal of this one.
    """

    runbook: Runbook
    schedule: Schedule
    reader: JournalReader
    instance: str
    undo: bool = False
    steps: tuple[KeyedStep, ...] = field(init=False)
    chapters: dict[str, Chapter] = field(init=False)
    _numbers: dict[str, int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.chapters = {
            step.id: chapter for chapter in self.runbook.chapters for step in chapter.steps
        }
        self.steps = tuple(one for one in self.schedule.steps if one.step.undo == self.undo)
        self._numbers = {one.step.id: number for number, one in enumerate(self.steps, 1)}

    def __contains__(self, step: str) -> bool:
        """Return whether a step of that id is for some host of this lab."""
        return step in self._numbers

    def keyed(self, step: str) -> KeyedStep:
        """Return the step of that id with its key."""
        return self.steps[self._numbers[step] - 1]

    def document(self, step: str) -> str:
        """Return the document of the step of that id, as its chapter names it."""
        return self.chapters[step].document

    def positions(self) -> tuple[StepPosition, ...]:
        """Return all steps in order, with how far each came."""
        history = self.reader.history(self.instance)
        return tuple(self._position(one, history) for one in self.steps)

    def position(self, one: KeyedStep) -> StepPosition:
        """Return how far a step came on each of its hosts."""
        return self._position(one, self.reader.history(self.instance))

    def before(self, one: KeyedStep) -> tuple[KeyedStep, ...]:
        """Return the steps that must be settled before `one` may be done."""
        if one.needs is None:
            return self.steps[: self._numbers[one.step.id] - 1]
        # Positions are those among the steps of this direction.
        return tuple(self.steps[number] for number in sorted(one.needs))

    def _position(self, one: KeyedStep, history: History) -> StepPosition:
        chapter = self.chapters[one.step.id]
        return StepPosition(
            self._numbers[one.step.id],
            one.step,
            chapter.title,
            chapter.document,
            tuple(self._on_host(one, host, history) for host, _ in one.hosts),
        )

    def _on_host(self, one: KeyedStep, host: str, history: History) -> HostPosition:
        at = (one.key, host)
        mark = self.reader.marks(self.instance).get(at)
        if mark is not None:
            state = StepState.SKIPPED if mark.deed is Deed.SKIPPED else StepState.BY_HAND
            return HostPosition(host, state, mark.text, mark.who, mark.at)
        touched = history.touched.get(at)
        if touched is None:
            why = history.unsettled(one.step.id, one.key, host)
            return HostPosition(host, StepState.CHANGED if why else StepState.UNTOUCHED, why)
        last, ran = self.reader.last.get(at), self.reader.ran.get(at)
        found = HostPosition(
            host, who=ran.who if ran else "", at=last.started if last else ran.at if ran else ""
        )
        if touched.position is Position.BEGUN:
            why = last.reason if last is not None else "it did not come to its end"
            return evolve(found, state=StepState.BEGUN, why=why)
        if last is not None and last.verdict is Verdict.SATISFIED:
            return evolve(found, state=StepState.SATISFIED)
        return evolve(found, state=StepState.DONE)
