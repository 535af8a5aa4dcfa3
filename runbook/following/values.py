"""Values that the one who follows may change: of the cluster, captured ones, and answers."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, frozen

from runbook.execution.actions.values import Captures
from runbook.model import Action, Command, Dialogue, FileContent, Step, Turn
from runbook.model.content import needed
from runbook.results.log import Deed, LogEntry

_NAME_OR_ADDRESS: Final = re.compile(r"[\w-]+(?:[.:/][\w-]*)+\Z")
"""What may be replaced wherever it stands; `3` or `data` may mean something else there."""


class ValueKind(enum.Enum):
    """Where a value comes from."""

    CLUSTER = "cluster"
    """The cluster file of the guide; an edit holds for all steps."""
    CAPTURED = "captured"
    """The output of an earlier step; an edit holds for all steps."""
    ANSWER = "answer"
    """The answer to a question of this step, whose name is the question."""


@frozen
class Value:
    """A value that a step uses; `edited` if it is not the guide's any more."""

    name: str
    text: str
    kind: ValueKind
    edited: bool = False


Edits = Mapping[tuple[str, str], str]
"""New values by name; those of answers also have the id of their step, others an empty one."""


def edits_of(entries: Iterable[LogEntry], answers: Iterable[tuple[str, str]]) -> Edits:
    """Return the edits that `entries` of the log tell of; the last one counts.

    `answers` are all questions of the guide, each after the id of its step.
    """
    asked = set(answers)
    found: dict[tuple[str, str], str] = {}
    for entry in entries:
        if entry.deed is Deed.EDITED:
            at = (entry.step, entry.name)
            found[at if at in asked else ("", entry.name)] = entry.text
    return found


def questions(step: Step) -> tuple[Turn, ...]:
    """Return the questions that the programs of a step ask."""
    return tuple(
        turn for action in step.actions if isinstance(action, Dialogue) for turn in action.turns
    )


def values_in(
    step: Step, cluster: Mapping[str, str], captures: Captures, edits: Edits
) -> list[Value]:
    """Return the values that `step` uses, as the guide has it, and that may be edited."""
    texts = "\n".join(_texts(step))
    found: list[Value] = []
    for name, text in cluster.items():
        if _NAME_OR_ADDRESS.match(text) and _pattern(text).search(texts):
            new = edits.get(("", name), text)
            found.append(Value(name, new, ValueKind.CLUSTER, edited=new != text))
    for name in captures.sources:
        if needed(step, {}, {name: [0]}):
            text = ", ".join(dict.fromkeys(captures.values.get(name, {}).values()))
            found.append(Value(name, text, ValueKind.CAPTURED, edited=("", name) in edits))
    for turn in questions(step):
        if turn.secret is None:
            new = edits.get((step.id, turn.prompt), turn.answer or "")
            edited = (step.id, turn.prompt) in edits
            found.append(Value(turn.prompt, new, ValueKind.ANSWER, edited=edited))
    return found


def edited(step: Step, cluster: Mapping[str, str], edits: Edits) -> Step:
    """Return `step` with the edits of answers and of the cluster's values in it."""
    new = {cluster[name]: text for (at, name), text in edits.items() if not at and name in cluster}
    answers = {name: text for (at, name), text in edits.items() if at == step.id}
    if not new and not answers:
        return step
    pattern = re.compile("|".join(_pattern(old).pattern for old in sorted(new, key=len)[::-1]))

    def text(old: str) -> str:
        return pattern.sub(lambda found: new[found[0]], old) if new else old

    def turn(one: Turn) -> Turn:
        if one.prompt in answers and one.secret is None:
            return evolve(one, answer=answers[one.prompt], overrides=())
        overrides = tuple(evolve(o, answer=o.answer and text(o.answer)) for o in one.overrides)
        return evolve(one, answer=one.answer and text(one.answer), overrides=overrides)

    def action(one: Action) -> Action:
        match one:
            case FileContent():
                return evolve(one, text=text(one.text), path=text(one.path))
            case Dialogue():
                return evolve(one, text=text(one.text), turns=tuple(map(turn, one.turns)))
            case Command():
                return evolve(one, text=text(one.text), output=one.output and text(one.output))
            case _:
                return evolve(one, text=text(one.text))

    checks = tuple(evolve(one, source=text(one.source)) for one in step.checks)
    return evolve(step, actions=tuple(map(action, step.actions)), checks=checks)


def _texts(step: Step) -> Iterable[str]:
    for action in step.actions:
        yield action.text
        if isinstance(action, FileContent):
            yield action.path
    for turn in questions(step):
        yield turn.answer or ""
    for check in step.checks:
        yield check.source


def _pattern(text: str) -> re.Pattern[str]:
    """Return what finds a value, but not as a part of a longer name or address."""
    return re.compile(rf"(?<![\w.-]){re.escape(text)}(?![\w-]|\.\w)")
