"""A journal as it is read: its runs, and where each instance of a lab stands.

What somebody writes at this moment can be noted as well, so that it need not be read again.
"""

from __future__ import annotations

from typing import Any

from attrs import define, evolve, field

from runbook.model import codec
from runbook.results.log import MARKS, Deed, LogEntry
from runbook.results.outcome import Begun, EndCheck, Outcome, Run, Verdict
from runbook.results.position import DONE, History, Position, Touched
from runbook.results.records import KINDS, Carried, Finished, Restored, Reversed

_BROKEN = (Verdict.FAILED, Verdict.ERROR, Verdict.BLOCKED)

Told = Begun | Outcome | EndCheck | LogEntry
"""What a run tells in its order."""


@define
class Recorded:
    """One run as it was recorded; `told` is all that happened, in order."""

    run: Run
    outcomes: dict[tuple[str, str], Outcome] = field(factory=dict)
    end_state: list[EndCheck] = field(factory=list)
    finished: str | None = None
    told: list[Told] = field(factory=list)


@define
class JournalReader:
    """The journal as it is being read: its runs, and where each instance of a lab stands.

    `last` are the last outcomes by key and host, whatever they are; `outcomes` those of steps that
    are done. `ran` are the last entries, by key and host, of who let a step run.
    """

    runs: dict[str, Recorded] = field(factory=dict)
    touched: dict[str, dict[tuple[str, str], Touched]] = field(factory=dict)
    outcomes: dict[tuple[str, str], Outcome] = field(factory=dict)
    last: dict[tuple[str, str], Outcome] = field(factory=dict)
    ran: dict[tuple[str, str], LogEntry] = field(factory=dict)
    _marks: dict[str, dict[tuple[str, str], LogEntry]] = field(factory=dict)

    def take(self, kind: str, record: dict[str, Any]) -> None:
        """Take in a line of the journal, without its key `record`, which is the `kind`."""
        if kind not in KINDS:
            # Of a later version; without a run it is none.
            self.runs[record["run"]]
            return
        noun, of_run = KINDS[kind]
        run = record.pop("run") if of_run else ""
        self.note(kind, codec.structure(record, noun), run)

    def note(self, kind: str, noun: object, run: str) -> None:
        """Note that a line of that `kind` was written in the run with the id `run`."""
        match noun:
            case Run():
                self.runs[noun.id] = Recorded(noun)
            case Reversed():
                self._reverse(noun)
            case _:
                self._note(kind, noun, self.runs[run])

    def _note(self, kind: str, noun: object, mine: Recorded) -> None:
        touched = self.touched.setdefault(mine.run.instance, {})
        marks = self._marks.setdefault(mine.run.instance, {})
        match noun:
            case Restored():
                touched.clear()
                marks.clear()
                for key, host, step, content in noun.done:
                    touched[key, host] = Touched(step, Position.DONE, content)
            case Outcome() if kind == "kept":
                self.outcomes[noun.key, noun.host] = noun
            case Carried():
                for step, key, host in noun.outcomes:
                    earned = self.outcomes[key, host]
                    mine.outcomes[step, host] = evolve(earned, step=step, resumed=True)
            case Begun():
                mine.told.append(noun)
                for host in noun.hosts:
                    one = Touched(noun.step, Position.BEGUN, noun.content)
                    touched[noun.key, host] = one
                    marks.pop((noun.key, host), None)
            case Outcome():
                mine.told.append(noun)
                self._settle(noun, mine, touched)
            case EndCheck():
                mine.told.append(noun)
                mine.end_state.append(noun)
            case LogEntry():
                mine.told.append(noun)
                if noun.deed in MARKS:
                    marks.update({(noun.key, host): noun for host in noun.hosts})
                elif noun.deed is Deed.RAN:
                    self.ran.update({(noun.key, host): noun for host in noun.hosts})
            case Finished():
                mine.finished = noun.at

    def _settle(
        self, outcome: Outcome, mine: Recorded, touched: dict[tuple[str, str], Touched]
    ) -> None:
        at = (outcome.key, outcome.host)
        # Of several tries, as when the operator mended something, the last one counts.
        mine.outcomes[outcome.step, outcome.host] = outcome
        self.last[at] = outcome
        if outcome.verdict is Verdict.MANUAL and not outcome.actions:
            # Nobody did anything: the step is as if it never was begun.
            touched.pop(at, None)
        if outcome.key and outcome.verdict in DONE:
            # What the step was before an edit is settled: nothing of it is left to be asked about.
            for other, one in list(touched.items()):
                if other[1] == outcome.host and one.step == outcome.step:
                    del touched[other]
            touched[at] = Touched(outcome.step, Position.DONE, outcome.content)
            self.outcomes[at] = outcome

    def _reverse(self, record: Reversed) -> None:
        touched = self.touched.get(record.instance, {})
        for at, one in list(touched.items()):
            if one.step.rpartition("/")[0] == record.document:
                del touched[at]
        marks = self._marks.get(record.instance, {})
        for at, entry in list(marks.items()):
            if entry.step.rpartition("/")[0] == record.document:
                del marks[at]

    def marks(self, instance: str) -> dict[tuple[str, str], LogEntry]:
        """Return who did a step by hand or left it out on `instance`, by its key and host."""
        return dict(self._marks.get(instance, {}))

    def history(self, instance: str) -> History:
        """Return what runs did on the lab `instance`; what is noted later is not in it."""
        last = next(reversed(self.runs.values()), None)
        return History(
            known=instance in self.touched or any(
                one.run.instance == instance for one in list(self.runs.values())
            ),
            touched=dict(self.touched.get(instance, {})),
            outcomes=dict(self.outcomes),
            failed=frozenset(o.step for o in last.outcomes.values() if o.verdict in _BROKEN)
            if last else frozenset(),
            broken_by=self._broken_by(instance),
        )  # fmt: skip

    def _broken_by(self, instance: str) -> dict[tuple[str, str, str], str]:
        """Return by step, host and sentence who made a check false that has not held since."""
        found: dict[tuple[str, str, str], str] = {}
        for one in list(self.runs.values()):
            if one.run.instance != instance:
                continue
            for end in one.end_state:
                at = (end.step, end.host, end.check.sentence)
                if end.broken_by:
                    found[at] = end.broken_by
                elif end.check.held:
                    found.pop(at, None)
        return found
