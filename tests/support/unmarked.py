"""Builders of plans with unmarked steps."""

from __future__ import annotations

from typing import Any

from runbook.model import (
    Action,
    Chapter,
    Command,
    Dialogue,
    Kind,
    Location,
    Reading,
    Runbook,
    Step,
    Turn,
)

DOCUMENT = "old.rst"


def at(line: int) -> Location:
    """Return a line of the document as a location."""
    return Location(DOCUMENT, line)


def typed(text: str, line: int = 10, output: str | None = None) -> Command:
    """Return a command on a line of the document."""
    return Command(text, at(line), output)


def asked(text: str, *turns: Turn, line: int = 10) -> Dialogue:
    """Return a dialogue on a line of the document."""
    return Dialogue(text, at(line), turns)


def unmarked(name: str, *actions: Action | str, line: int = 10, **more: Any) -> Step:
    """Return a step read from a block; texts become commands on consecutive lines."""
    made = tuple(
        typed(action, line + number) if isinstance(action, str) else action
        for number, action in enumerate(actions)
    )
    return Step(f"old/{name}", name.capitalize(), at(line), actions=made, marked=False, **more)


def reading(step: Step, kind: Kind = Kind.COMMANDS, **more: Any) -> Reading:
    """Return the reading of an unmarked step."""
    commands = tuple(a.text for a in step.actions if isinstance(a, Command | Dialogue))
    return Reading(
        step.id, step.location, kind, step.confidence, commands=commands, step=step.id, **more
    )


def plan(*steps: Step, blocks: tuple[Reading, ...] | None = None) -> Runbook:
    """Return a guide of one chapter; without `blocks`, each unmarked step has a reading."""
    if blocks is None:
        blocks = tuple(reading(step) for step in steps if not step.marked)
    return Runbook("Old guide", (Chapter("old", "Old", steps, blocks),))


def commands(*texts: str) -> Runbook:
    """Return a guide of one unmarked step with these commands, from line 10 on."""
    return plan(unmarked("one", *texts))
