"""The part of a guide that is run for mutants of a step."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from runbook.model import Chapter, Runbook, Step


def steps_after(runbook: Runbook, step: Step) -> tuple[Step, ...]:
    """Return the steps that come after `step` in its chapter."""
    for chapter in runbook.chapters:
        ids = [one.id for one in chapter.steps]
        if step.id in ids:
            return chapter.steps[ids.index(step.id) + 1 :]
    return ()


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
