"""The record of a guide that people followed: who did what, when, and what came of it.

It is made for a change ticket, from the journals of the runs in which the guide was followed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from runbook.model import FileContent, Location, Runbook, Step
from runbook.model.codec import digest
from runbook.results import EndCheck, Outcome, Verdict
from runbook.results.journal_reader import Recorded
from runbook.results.log import Deed, HostCheck, LogEntry
from runbook.results.position import DONE

WORDS: Final = {
    Deed.OPENED: "took the guide up",
    Deed.CALLED: "a program asked",
    Deed.CHECKED: "checked",
    Deed.RAN: "ran",
    Deed.CONFIRMED: "typed the names of the hosts",
    Deed.ATTESTED: "did by hand what the guide asks of a person",
    Deed.BY_HAND: "did it by hand",
    Deed.SKIPPED: "skipped",
    Deed.NOTED: "noted",
    Deed.EDITED: "gave another value",
    Deed.BACK: "went to",
    Deed.SHELL: "used a shell",
    Deed.INTERRUPTED: "interrupted",
    Deed.PAUSED: "left",
    Deed.REFUSED: "was refused",
}
"""What a page says that somebody did."""

UNATTENDED: Final = "runbook run"
"""Who ran what nobody followed."""


@frozen
class Moment:
    """One thing that happened: `at` a time in UTC, by `who`, in `words`, about a step.

    `outcomes` are what came of a step that ran, by host, and `files` the texts that it writes, by
    their place in the guide. `checks` are those that were evaluated. With `undo` it was an undo
    step.
    """

    at: str
    who: str
    words: str
    step: str = ""
    title: str = ""
    hosts: tuple[str, ...] = ()
    text: str = ""
    checks: tuple[HostCheck, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    files: dict[Location, str] = field(factory=dict)
    undo: bool = False


@frozen
class Record:
    """All that happened while a guide was followed, in order, from `began` to `ended` in UTC.

    `end_state` are the checks that were evaluated at the end. It is not `finished` if steps are
    left. `hosts` have their platforms.
    """

    title: str
    lab: str
    made_of: str
    hosts: dict[str, str]
    versions: dict[str, str]
    began: str
    ended: str
    finished: bool
    people: tuple[str, ...]
    moments: tuple[Moment, ...]
    end_state: tuple[EndCheck, ...] = ()

    @property
    def sentence(self) -> str:
        """What came of it, in a sentence."""
        last: dict[tuple[str, str], Outcome] = {}
        for one in self.moments:
            if one.words in (WORDS[Deed.BY_HAND], WORDS[Deed.SKIPPED]):
                last = {
                    at: o for at, o in last.items() if at[0] != one.step or at[1] not in one.hosts
                }
            last.update({(outcome.step, outcome.host): outcome for outcome in one.outcomes})
        broken = sorted({step for (step, _), o in last.items() if o.verdict not in DONE})
        fallen = [end for end in self.end_state if not end.check.held]
        left = "" if self.finished else " Steps are left."
        if broken:
            return f"Not all held: {', '.join(broken)}.{left}"
        if fallen:
            return f"At the end it was not true that {fallen[0].check.sentence}.{left}"
        return f"Everything that was done holds.{left}"

    @property
    def remarks(self) -> tuple[Moment, ...]:
        """What was not done as the guide has it: skipped, by hand, other values, undone."""
        unusual = {WORDS[one] for one in (Deed.SKIPPED, Deed.BY_HAND, Deed.EDITED, Deed.SHELL)}
        return tuple(
            one for one in self.moments
            if one.words in unusual or (one.undo and one.words == WORDS[Deed.RAN])
        )  # fmt: skip


@define
class _Making:
    """The record as it is being made."""

    steps: dict[str, Step]
    moments: list[Moment] = field(factory=list)

    def add(self, run: Recorded) -> None:
        """Add all that happened in a run."""
        mine: list[Moment] = []
        if not any(isinstance(one, LogEntry) for one in run.told):
            mine.append(Moment(run.run.started, UNATTENDED, "ran without a person"))
        for told in run.told:
            match told:
                case LogEntry():
                    mine.append(self._moment(told))
                case Outcome() if not _only_a_mark(told):
                    self._take(told, mine)
                case _:
                    pass
        self.moments += mine

    def _moment(self, entry: LogEntry) -> Moment:
        step = self.steps.get(entry.step)
        text = f"{entry.name}: {entry.text}" if entry.name else entry.text
        return Moment(
            entry.at,
            entry.who,
            WORDS[entry.deed],
            entry.step,
            step.title if step is not None else entry.step,
            entry.hosts,
            text,
            entry.checks,
            undo=step is not None and step.undo,
        )

    def _take(self, outcome: Outcome, mine: list[Moment]) -> None:
        """Add an outcome to the moment at which its step was begun."""
        for number in range(len(mine) - 1, -1, -1):
            one = mine[number]
            begun = one.words in (WORDS[Deed.RAN], "ran without a person")
            if begun and one.step in ("", outcome.step):
                files = one.files | self._files(outcome)
                mine[number] = evolve(one, outcomes=(*one.outcomes, outcome), files=files)
                return

    def _files(self, outcome: Outcome) -> dict[Location, str]:
        """Return the texts that a step writes, if the guide has it as it was then."""
        step = self.steps.get(outcome.step)
        if step is None or digest(step) != outcome.digest:
            return {}
        return {one.location: one.text for one in step.actions if isinstance(one, FileContent)}


def _only_a_mark(outcome: Outcome) -> bool:
    """Return whether somebody did a step by hand or left it out, which the log tells better."""
    by_hand = outcome.verdict is Verdict.SATISFIED and bool(outcome.reason)
    return by_hand or outcome.verdict is Verdict.SKIPPED


def record(runbook: Runbook, runs: Sequence[Recorded]) -> Record:
    """Return the record of `runs`, oldest first, of the steps of `runbook`, a whole guide.

    An outcome that is only a mark of what was done by hand is told by that mark.
    """
    making = _Making({step.id: step for step in runbook.steps()})
    for run in runs:
        making.add(run)
    moments = sorted(making.moments, key=lambda one: one.at)
    last = runs[-1].run
    ends = [run.finished for run in runs if run.finished]
    people = dict.fromkeys(one.who for one in moments if one.who)
    return Record(
        runbook.title,
        last.lab,
        last.made_of,
        {host: probed.platform for run in runs for host, probed in run.run.hosts.items()},
        last.versions,
        runs[0].run.started,
        max([*ends, moments[-1].at]) if moments else runs[0].run.started,
        bool(ends),
        tuple(people),
        tuple(moments),
        _end_state(runs),
    )


def last_followed(runs: Iterable[Recorded]) -> list[Recorded]:
    """Return, of all runs on a lab, those since the guide was last followed to its end.

    The last time that it was followed to its end is among them, if nobody has begun anew.
    """
    ordered = sorted(runs, key=lambda one: one.run.started)
    instance = next((one.run.instance for one in reversed(ordered) if _is_opened(one)), None)
    mine = [one for one in ordered if one.run.instance == instance]
    opened = [number for number, one in enumerate(mine) if _is_opened(one)]
    begin = opened[-1] if opened else len(mine)
    for number in range(begin - 1, -1, -1):
        if _is_followed(mine[number]):
            if mine[number].finished:
                break
            begin = number
    while mine and not _is_followed(mine[-1]):
        mine.pop()
    return mine[begin:]


def moment(at: str) -> str:
    """Return a time of the record as people write it, in UTC to the second."""
    try:
        return f"{datetime.datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return at


def _is_opened(run: Recorded) -> bool:
    """Return whether somebody sat down with a run; that of their undo steps is part of it."""
    return any(isinstance(one, LogEntry) and one.deed is Deed.OPENED for one in run.told)


def _is_followed(run: Recorded) -> bool:
    return any(isinstance(one, LogEntry) for one in run.told)


def _end_state(runs: Sequence[Recorded]) -> tuple[EndCheck, ...]:
    """Return the checks at the end, of the last run that evaluated them."""
    return next((tuple(one.end_state) for one in reversed(runs) if one.end_state), ())
