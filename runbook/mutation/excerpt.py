"""The part of a guide that is run for mutants of a step."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from runbook.model import Chapter, Runbook, Step


def steps_before(runbook: Runbook, step: str) -> tuple[Step, ...]:
    """Return the steps that come before the one of that id in its chapter."""
    steps, at = _chapter_of(runbook, step)
    return steps[:at]


def steps_after(runbook: Runbook, step: str) -> tuple[Step, ...]:
    """Return the steps that come after the one of that id in its chapter."""
    steps, at = _chapter_of(runbook, step)
    return steps[at + 1 :]


def _chapter_of(runbook: Runbook, step: str) -> tuple[tuple[Step, ...], int]:
    """Return the steps of the chapter that has the one of that id, and its place among them."""
    for chapter in runbook.chapters:
        ids = [one.id for one in chapter.steps]
        if step in ids:
            return chapter.steps, ids.index(step)
    return (), 0


def up_to(runbook: Runbook, steps: Sequence[Step]) -> Runbook:
    """Return the guide up to the last of `steps`, each in the place of the one with its id.

    They are steps of one chapter, in its order.

    Raises:
        KeyError: the first is no step of the guide.

    """
    new = {one.id: one for one in steps}
    chapters: list[Chapter] = []
    for chapter in runbook.chapters:
        ids = [one.id for one in chapter.steps]
        if steps[0].id in ids:
            last = [new.get(one.id, one) for one in chapter.steps[: ids.index(steps[-1].id) + 1]]
            return evolve(runbook, chapters=(*chapters, evolve(chapter, steps=tuple(last))))
        chapters.append(chapter)
    raise KeyError(steps[0].id)
