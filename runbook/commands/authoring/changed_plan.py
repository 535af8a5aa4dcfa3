"""Whether a guide with changed output still has the same commands, as the plan reads it.

What a program printed may be anything: a line that looks like a prompt, the end of a block or a
question. Only who reads the changed document as for a plan can tell what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from runbook.commands.authoring.document_text import Change, applied
from runbook.model import Action, Command, Dialogue, Location, Runbook, Step
from runbook.model.codec import digest
from runbook.results import plan_record

if TYPE_CHECKING:
    from runbook.sphinx.planning.open_guide import OpenGuide

Outputs = dict[tuple[Location, str], str | None]
"""What is shown of commands, by their location and text."""


@contextmanager
def changed_plan(guide: Path, runbook: Runbook) -> Iterator[ChangedPlan]:
    """Yield what tells whether changes leave `runbook`, the plan of `guide`, as it is.

    Raises:
        RunbookError: the guide cannot be read.

    """
    # Only here, because the imports take longer than most commands.
    from runbook.sphinx.planning.open_guide import open_guide

    with open_guide(guide, plan_record.directory(guide)) as opened:
        yield ChangedPlan(guide, tuple(runbook.steps()), opened)


@define
class ChangedPlan:
    """Reads documents with changes, none of which is written."""

    guide: Path
    steps: tuple[Step, ...]
    _opened: OpenGuide
    _sound: Outputs = field(factory=dict)
    _errors: Counter[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._errors = self._all_errors()

    def sound(
        self, document: str, text: str, changes: Sequence[Change], refuse: Callable[[Change], None]
    ) -> tuple[Change, ...]:
        """Return those of the `changes` to a document with which the guide does the same.

        With each, the plan has the same commands, and of them exactly the output that was printed.
        The others go to `refuse`.
        """
        found = self._sound_ones(document, text, changes, refuse)
        if len(found) < len(changes) and not self._are_sound(document, text, found):
            for change in found:
                refuse(change)
            found = ()
            self._are_sound(document, text, found)
        self._sound |= _outputs(found)
        return found

    def _sound_ones(
        self, document: str, text: str, changes: Sequence[Change], refuse: Callable[[Change], None]
    ) -> tuple[Change, ...]:
        if self._are_sound(document, text, changes):
            return tuple(changes)
        if len(changes) == 1:
            refuse(changes[0])
            return ()
        half = len(changes) // 2
        return (
            *self._sound_ones(document, text, changes[:half], refuse),
            *self._sound_ones(document, text, changes[half:], refuse),
        )

    def _are_sound(self, document: str, text: str, changes: Sequence[Change]) -> bool:
        self._opened.preview(self.guide / document, applied(text, changes))
        outputs = self._sound | _outputs(changes)
        expected = [digest(_compared(_with_output(step, outputs))) for step in self.steps]
        came = self._opened.shown().collected.runbook.steps()
        return (
            expected == [digest(_compared(step)) for step in came]
            and not self._all_errors() - self._errors
        )

    def _all_errors(self) -> Counter[str]:
        return Counter(one.message for one in self._opened.shown().problems if one.error)


def _outputs(changes: Sequence[Change]) -> Outputs:
    return {(change.location, change.text): change.output for change in changes}


def _with_output(step: Step, outputs: Outputs) -> Step:
    """Return a step with the output that its commands have after the changes."""

    def changed(action: Action) -> Action:
        match action:
            case Command():
                output = outputs.get((action.location, action.text), action.output)
                return evolve(action, output=output, compare=action.compare and output is not None)
            case Dialogue():
                output = outputs.get((action.location, action.text), action.output)
                return evolve(action, output=output or "")
            case _:
                return action

    return evolve(step, actions=tuple(map(changed, step.actions)))


def _compared(step: Step) -> Step:
    """Return a step with all that must stay, for comparison.

    What a question looks like follows from the output. docutils may have replaced the tabs of
    output that is not compared in a run.
    """

    def compared(action: Action) -> Action:
        match action:
            case Command(output=str(output), compare=False):
                return evolve(action, output=output.expandtabs())
            case Dialogue():
                turns = tuple(evolve(turn, prompt="", before="") for turn in action.turns)
                output = action.output.expandtabs()
                return evolve(action, turns=turns, output=output, after="")
            case _:
                return action

    return evolve(step, actions=tuple(map(compared, step.actions)))
