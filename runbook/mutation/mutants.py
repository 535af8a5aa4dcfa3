"""The mutants of a step: the step with one thing left out or changed, each under a stable name.

A mistake like that may stand in a guide some day. If the checks of the step still hold after the
mutant, they would not notice it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from attrs import evolve, frozen

from runbook.model import Action, Command, Dialogue, Edit, FileContent, Location, Manual, Step
from runbook.model.actions import Typing
from runbook.mutation.lines import droppable, without
from runbook.mutation.shell import edited
from runbook.mutation.values import other

_LONGEST: Final = 60
"""Characters of what was changed that a name shows."""

OPERATORS: Final = ("drop", "option", "value", "argument", "target", "line", "answer")
"""What can be done to a step: the names of the operators."""


@frozen
class Mutant:
    """A `step` with one thing changed, by an operator at one of its actions.

    `id` is made of the step's id, the operator, the number of the action, and what was there. It
    is the same as long as those are. `told` says in words what is different.
    """

    id: str
    step: Step
    operator: str
    told: str
    location: Location


def mutants(step: Step) -> tuple[Mutant, ...]:
    """Return the mutants of `step`, in the order of its actions.

    There are none of a step that changes nothing on a host, that a person must do, or that undoes.
    """
    if step.readonly or step.undo or not step.marked:
        return ()
    if any(isinstance(action, Manual) for action in step.actions):
        return ()
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for number, action in enumerate(step.actions):
        for operator, what, told, new in _of_action(action):
            actions = (*step.actions[:number], *new, *step.actions[number + 1 :])
            name = f"{step.id} {operator} {number + 1} {_short(what)}".rstrip()
            seen[name] += 1
            if seen[name] > 1:
                name += f" #{seen[name]}"
            mutated = evolve(step, actions=actions)
            found.append(Mutant(name, mutated, operator, told, action.location))
    return tuple(found)


_Change = tuple[str, str, str, tuple[Action, ...]]
"""An operator, what it was applied to, what is different in words, and what is there instead."""


def _of_action(action: Action) -> Iterator[_Change]:
    match action:
        case FileContent():
            yield "drop", action.path, f"without the file {action.path}", ()
            yield from _of_file(action)
        case Command():
            yield "drop", action.text, f"without the command {_short(action.text)}", ()
            yield from _of_text(action)
        case Dialogue():
            yield "drop", action.text, f"without the command {_short(action.text)}", ()
            yield from _of_text(action)
            yield from _of_answers(action)


def _of_text(action: Command | Dialogue) -> Iterator[_Change]:
    for one in edited(action.text):
        yield one.operator, one.what, one.told, (evolve(action, text=one.text),)


def _of_file(action: FileContent) -> Iterator[_Change]:
    lines = tuple(droppable(action.text))
    if len(lines) < 2 and action.edit is not Edit.WHOLE:  # the same as no file
        return
    for number, line in lines:
        new = evolve(action, text=without(action.text, number))
        yield "line", line, f"without the line {_short(line)!r} of {action.path}", (new,)


def _of_answers(action: Dialogue) -> Iterator[_Change]:
    for number, turn in enumerate(action.turns):
        if turn.answer is None or turn.typing not in (Typing.LINE, Typing.EDIT):
            continue
        new = other(turn.answer)
        if new is None:
            continue
        turns = (*action.turns[:number], evolve(turn, answer=new), *action.turns[number + 1 :])
        what = f"{turn.prompt.strip()} {turn.answer}"
        told = f"with the answer {new!r} for {turn.answer!r}"
        yield "answer", what, told, (evolve(action, turns=turns),)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
