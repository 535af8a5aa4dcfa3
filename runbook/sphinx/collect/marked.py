"""The reading of a block in a marked step, which its author has declared."""

from __future__ import annotations

from collections.abc import Sequence

from runbook.model import Action, Command, Dialogue, FileContent, Kind, Location, Reading


def marked_reading(
    reading: Reading, location: Location, step: str, actions: Sequence[Action]
) -> Reading:
    """Return the reading of a block in the marked step `step`, with its `actions`."""
    typed_actions = [action for action in actions if isinstance(action, Command | Dialogue)]
    files = [action for action in actions if isinstance(action, FileContent)]
    if any(isinstance(action, Dialogue) for action in typed_actions):
        kind = Kind.DIALOGUE
    elif any(action.output is not None for action in typed_actions):
        kind = Kind.TRANSCRIPT
    else:
        kind = Kind.COMMANDS if typed_actions else Kind.FILE if files else Kind.OTHER
    return Reading(
        reading.id,
        location,
        kind,
        1.0,
        ("marked",),
        commands=tuple(action.text for action in typed_actions),
        typed=tuple(
            turn.answer or ""
            for action in typed_actions
            if isinstance(action, Dialogue)
            for turn in action.turns
            if turn.secret is None
        ),
        path=files[0].path if files else None,
        step=step,
    )
