"""Decide which unmarked steps need the operator's consent to run, and why.

A marked step is the author's word. A step that was read from an ordinary code block is a guess;
so it runs by itself only if the confidence is high, it is not dangerous and it has no open
placeholders. Otherwise the operator must agree to that particular step.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from attrs import evolve

from runbook.model import Action, Command, Dialogue, FileContent, Runbook, Step
from runbook.model.secret_reference import REFERENCE

THRESHOLD: Final = 0.8
"""An unmarked step with a lower confidence needs consent."""

CERTAIN: Final = 0.9
"""Confidence from which on a reading is reported as certain."""


def consent_reasons(runbook: Runbook) -> dict[str, tuple[str, ...]]:
    """Return why unmarked steps need consent, by step id; other steps are left out."""
    placeholders_of = {
        block.step: block.placeholders
        for chapter in runbook.chapters
        for block in chapter.blocks
        if block.step is not None
    }
    if all(step.marked for step in runbook.steps()):
        return {}
    # Only here, because a guide whose steps are all marked does not need it.
    from runbook.shelltext.dangers import Written, step_dangers

    captured: set[str] = set()
    written = Written()
    found: dict[str, tuple[str, ...]] = {}
    for step in runbook.steps():
        # A marked step may write a file that an unmarked one runs.
        dangers = step_dangers(with_stand_ins(step, captured), written)
        listed = placeholders_of.get(step.id, ())
        if not step.marked and (reasons := _reasons(step, dangers, listed, captured)):
            found[step.id] = reasons
        if step.capture is not None:
            captured.add(f"<{step.capture.name.replace('_', '-')}>")
    return found


def with_stand_ins(step: Step, captured: Collection[str] = ()) -> Step:
    """Return `step` with words in place of secrets and captures, which a shell never sees."""

    def filled(action: Action) -> Action:
        if not isinstance(action, Command | Dialogue):
            return action
        text = REFERENCE.sub("value", action.text)
        for placeholder in captured:
            text = text.replace(placeholder, "value")
        return evolve(action, text=text)

    if not captured and not any(
        "<secret:" in a.text for a in step.actions if isinstance(a, Command | Dialogue)
    ):
        return step
    return evolve(step, actions=tuple(filled(action) for action in step.actions))


def _reasons(
    step: Step, dangers: tuple[str, ...], listed: tuple[str, ...], captured: set[str]
) -> tuple[str, ...]:
    from runbook.shelltext.placeholders import must_be_filled_in, placeholders

    reasons = []
    if step.confidence < THRESHOLD:
        reasons.append(f"the reading is doubtful ({step.confidence:.2f})")
    reasons += dangers
    texts = [
        a.path if isinstance(a, FileContent) else a.text
        for a in step.actions
        if isinstance(a, Command | Dialogue | FileContent)
    ]
    typed = [t.answer or "" for a in step.actions if isinstance(a, Dialogue) for t in a.turns]
    open_placeholders = [p for p in listed if must_be_filled_in(p)]
    there = [p for p in open_placeholders if any(p in text for text in (*texts, *typed))]
    left = dict.fromkeys((*there, *(b for text in (*texts, *typed) for b in placeholders(text))))
    if open_ := [p for p in left if p not in captured]:
        reasons.append(f"{' '.join(open_)} must be filled in")
    return tuple(reasons)
