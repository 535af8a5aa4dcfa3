"""What a plan only proposes: why a step that nobody marked does not run unasked.

A marked step is its author's word. A step that was read from an ordinary code block is a guess,
however good; so it runs only if the guess is good enough, destroys nothing and leaves nothing
open, or if the operator agrees to this very step.
"""

from __future__ import annotations

from typing import Final

from runbook.blanks import blanks
from runbook.dangers import of_step
from runbook.model import Command, Dialogue, FileContent, Runbook, Step

THRESHOLD: Final = 0.8
"""An unmarked step whose confidence is below this runs only if the operator agrees."""

CERTAIN: Final = 0.9
"""A confidence from here on is called certain; the command line's words are made of both."""


def objections(runbook: Runbook) -> dict[str, tuple[str, ...]]:
    """Return why each unmarked step that must not run unasked must not, by the step's id."""
    placeholders = {
        block.step: block.placeholders
        for chapter in runbook.chapters
        for block in chapter.blocks
        if block.step is not None
    }
    filled: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for step in runbook.steps():
        if not step.marked:
            said = tuple(p for p in placeholders.get(step.id, ()) if _is_open(p))
            if reasons := _reasons(step, said, filled):
                found[step.id] = reasons
        if step.capture is not None:
            filled.add(f"<{step.capture.name.replace('_', '-')}>")
    return found


def _is_open(placeholder: str) -> bool:
    """Tell whether what was read as a placeholder cannot be typed as it stands.

    An address or a variable is one as well: wrong for this operator maybe, but complete.
    """
    return placeholder.startswith(("<", "{", "[")) or (
        placeholder.isupper() and placeholder.replace("_", "").isalnum()
    )


def _reasons(step: Step, said: tuple[str, ...], filled: set[str]) -> tuple[str, ...]:
    reasons = []
    if step.confidence < THRESHOLD:
        reasons.append(f"it is doubtful how to read it ({step.confidence:.2f})")
    reasons += of_step(step)
    texts = [
        a.path if isinstance(a, FileContent) else a.text
        for a in step.actions
        if isinstance(a, Command | Dialogue | FileContent)
    ]
    typed = [t.answer or "" for a in step.actions if isinstance(a, Dialogue) for t in a.turns]
    there = [p for p in said if any(p in text for text in (*texts, *typed))]
    left = dict.fromkeys((*there, *(b for text in (*texts, *typed) for b in blanks(text))))
    if open_ := [blank for blank in left if blank not in filled]:
        reasons.append(f"{' '.join(open_)} must be filled in")
    return tuple(reasons)
