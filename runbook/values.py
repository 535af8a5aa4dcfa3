"""What the text of a step stands for on one host: captured values, and that host's answers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import evolve

from runbook.model import (
    Action,
    Capture,
    Command,
    Dialogue,
    FileContent,
    Host,
    Manual,
    Override,
    Step,
    Turn,
)


def captured(capture: Capture, output: str) -> str | None:
    """Return the value that `capture` takes out of `output`, or `None` if there is none."""
    if capture.pattern is None:
        return output.strip() or None
    match = re.search(capture.pattern, output, re.MULTILINE)
    if match is None:
        return None
    return match[1] if match.re.groups else match[0]


def unfilled(step: Step, captures: Mapping[str, str], values: Mapping[str, str]) -> str:
    """Return why `step` cannot be tried for a lack of values, or an empty text.

    `captures` says for every name which step was to capture it.
    """
    for name, source in captures.items():
        if name not in values and fill_in(step, {name: ""}) != step:
            return f"the value <{name.replace('_', '-')}> is missing: {source} did not run"
    return ""


def fill_in(step: Step, values: Mapping[str, str]) -> Step:
    """Return `step` with every `<name>` of a captured value replaced by the value."""

    def filled(text: str) -> str:
        for name, value in values.items():
            text = text.replace(f"<{name.replace('_', '-')}>", value)
        return text

    def filled_action(action: Action) -> Action:
        match action:
            case FileContent():
                return evolve(action, text=filled(action.text), path=filled(action.path))
            case Dialogue():
                turns = tuple(filled_turn(turn) for turn in action.turns)
                return evolve(action, text=filled(action.text), turns=turns)
            case Command() | Manual():
                return evolve(action, text=filled(action.text))

    def filled_turn(turn: Turn) -> Turn:
        overrides = tuple(
            evolve(other, answer=other.answer and filled(other.answer)) for other in turn.overrides
        )
        return evolve(turn, answer=turn.answer and filled(turn.answer), overrides=overrides)

    return evolve(
        step,
        actions=tuple(filled_action(action) for action in step.actions),
        checks=tuple(evolve(check, source=filled(check.source)) for check in step.checks),
    )


def answers_for(step: Step, host: Host, platform: str) -> Step:
    """Return `step` with the answers that are for `host`, which is of `platform`."""

    def fits(other: Override) -> bool:
        names = {host.name, *host.groups}
        return (not other.on or bool(names & set(other.on))) and (
            not other.platforms or platform in other.platforms
        )

    def chosen(turn: Turn) -> Turn:
        other = next((other for other in turn.overrides if fits(other)), None)
        if other is not None:
            turn = evolve(turn, answer=other.answer, secret=other.secret)
        return evolve(turn, overrides=())

    return evolve(
        step,
        actions=tuple(
            evolve(action, turns=tuple(chosen(turn) for turn in action.turns))
            if isinstance(action, Dialogue)
            else action
            for action in step.actions
        ),
    )
