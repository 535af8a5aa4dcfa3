"""The reading of a block in a marked step: its author has said what it is."""

from __future__ import annotations

from collections.abc import Sequence

from runbook.model import Action, Command, Dialogue, FileContent, Kind, Location, Reading


def certain(reading: Reading, location: Location, step: str, actions: Sequence[Action]) -> Reading:
    """Return the reading of a block that belongs to a marked step, which does `actions`."""
    shown = [action for action in actions if isinstance(action, Command | Dialogue)]
    files = [action for action in actions if isinstance(action, FileContent)]
    if any(isinstance(action, Dialogue) for action in shown):
        kind = Kind.DIALOGUE
    elif any(action.output is not None for action in shown):
        kind = Kind.TRANSCRIPT
    else:
        kind = Kind.COMMANDS if shown else Kind.FILE if files else Kind.OTHER
    return Reading(
        reading.id,
        location,
        kind,
        1.0,
        ("marked",),
        commands=tuple(action.text for action in shown),
        typed=tuple(
            turn.answer or ""
            for action in shown
            if isinstance(action, Dialogue)
            for turn in action.turns
            if turn.secret is None
        ),
        path=files[0].path if files else None,
        step=step,
    )
