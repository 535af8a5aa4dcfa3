"""Who types each command of a guide, and where; what cannot be told is a problem of the guide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import evolve

from runbook.console.places import PlaceProblem, placed
from runbook.model import Chapter, Cluster, Step
from runbook.sphinx.source.problems import Problem

_DOUBTFUL: Final = 0.5
"""Confidence in an unmarked block of which it cannot be told who types it, or where."""


def place_commands(
    chapters: Iterable[Chapter], cluster: Cluster | None
) -> tuple[tuple[Chapter, ...], list[Problem]]:
    """Return `chapters` with the place of every command, and the problems of marked steps.

    An unmarked block with such a problem needs consent, and its reading says why.
    """
    problems: list[Problem] = []
    found: list[Chapter] = []
    for chapter in chapters:
        steps: list[Step] = []
        doubts: dict[str, tuple[PlaceProblem, ...]] = {}
        for step in chapter.steps:
            moved, wrong = placed(step, cluster)
            if step.marked:
                problems += [
                    Problem(one.location, one.message, kind="place", error=one.error)
                    for one in wrong
                ]
            elif errors := tuple(one for one in wrong if one.error):
                doubts[step.id] = errors
                moved = evolve(step, confidence=min(step.confidence, _DOUBTFUL))
            steps.append(moved)
        blocks = tuple(
            evolve(
                block,
                confidence=min(block.confidence, _DOUBTFUL),
                reasons=(*block.reasons, *(one.message for one in doubts[block.step])),
            )
            if block.step in doubts
            else block
            for block in chapter.blocks
        )
        found.append(evolve(chapter, steps=tuple(steps), blocks=blocks))
    return tuple(found), problems
