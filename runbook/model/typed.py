"""What a step types and writes, in one text."""

from __future__ import annotations

from runbook.model import Command, Dialogue, FileContent, Step


def typed(step: Step, *, contents: bool = False) -> str:
    """Return the commands and answers of `step` and the paths of its files, a line or more each.

    With `contents`, the text of each file follows its path.
    """
    parts: list[str] = []
    for action in step.actions:
        match action:
            case Command():
                parts.append(action.text)
            case Dialogue():
                parts += [action.text, *(turn.answer or "" for turn in action.turns)]
            case FileContent():
                parts += [action.path, action.text] if contents else [action.path]
    return "\n".join(parts)
