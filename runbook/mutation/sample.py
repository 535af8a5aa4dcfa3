"""In which order mutants are tried, so that the first of them are of all chapters and kinds."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from attrs import frozen

from runbook.mutation.mutants import Mutant

T = TypeVar("T")

_TOGETHER: Final = 4
"""Mutants of one step that are tried one after the other: to come to a step takes time."""
_SHARES: Final = 3
"""Shares for each of several jobs: the last one to end leaves the others idle for less time."""


@frozen
class Batch:
    """Some mutants of the step with the id `step`."""

    step: str
    mutants: tuple[Mutant, ...]


def spread(found: Iterable[Mutant], seed: int, count: int | None = None) -> tuple[Batch, ...]:
    """Return the mutants in batches, in an order that `seed` decides; no more than `count`.

    Chapters take turns, and within a chapter its steps; within a step the operators do.
    """
    chance = random.Random(seed)  # noqa: S311  # no secret is made of it
    by_step: dict[str, list[Mutant]] = {}
    for one in found:
        by_step.setdefault(one.step.id, []).append(one)
    chapters: dict[str, list[list[Batch]]] = {}
    for step, mutants in by_step.items():
        ordered = _taking_turns(mutants, chance)
        parts = [ordered[n : n + _TOGETHER] for n in range(0, len(ordered), _TOGETHER)]
        batches = [Batch(step, tuple(part)) for part in parts]
        chapters.setdefault(step.rpartition("/")[0], []).append(batches)
    queues = []
    for steps in chapters.values():
        chance.shuffle(steps)
        queues.append(_round_robin(steps))
    chance.shuffle(queues)
    return _first(_round_robin(queues), count)


def in_guide_order(batches: Iterable[Batch], steps: Sequence[str]) -> tuple[Batch, ...]:
    """Return all mutants of a step in one batch, in the order of `steps`, their ids."""
    found: dict[str, list[Mutant]] = {step: [] for step in steps}
    for batch in batches:
        found[batch.step] += batch.mutants
    return tuple(Batch(step, tuple(mutants)) for step, mutants in found.items() if mutants)


def shares(batches: Sequence[Batch], jobs: int) -> tuple[tuple[Batch, ...], ...]:
    """Return batches in shares, each of which one of several `jobs` tries, in the guide's order.

    A share is a chapter: there, a step begins where the one before it ended. If there are too few
    for all jobs to have something to do until the end, the largest are divided.
    """
    found: list[tuple[Batch, ...]] = [
        tuple(group)
        for _, group in itertools.groupby(batches, lambda one: one.step.rpartition("/")[0])
    ]
    while jobs > 1 and len(found) < jobs * _SHARES:
        largest = max(found, key=_size, default=())
        if _size(largest) < 2 * _TOGETHER:
            break
        at = found.index(largest)
        found[at : at + 1] = _halves(largest)
    return tuple(found)


def _size(share: Sequence[Batch]) -> int:
    return sum(len(batch.mutants) for batch in share)


def _halves(share: tuple[Batch, ...]) -> tuple[tuple[Batch, ...], tuple[Batch, ...]]:
    if len(share) == 1:
        step, mutants = share[0].step, share[0].mutants
        half = len(mutants) // 2
        return (Batch(step, mutants[:half]),), (Batch(step, mutants[half:]),)
    middle = _size(share) / 2
    at = min(range(1, len(share)), key=lambda n: abs(_size(share[:n]) - middle))
    return share[:at], share[at:]


def _taking_turns(mutants: Iterable[Mutant], chance: random.Random) -> list[Mutant]:
    """Return the mutants of a step by chance, but with the operators taking turns."""
    kinds: dict[str, list[Mutant]] = {}
    for one in mutants:
        kinds.setdefault(one.operator, []).append(one)
    queues = list(kinds.values())
    for queue in queues:
        chance.shuffle(queue)
    chance.shuffle(queues)
    return _round_robin(queues)


def _round_robin(queues: Iterable[Sequence[T]]) -> list[T]:
    left = [list(queue) for queue in queues]
    found = []
    while left:
        left = [queue for queue in left if queue]
        found += [queue.pop(0) for queue in left]
    return found


def _first(batches: Iterable[Batch], count: int | None) -> tuple[Batch, ...]:
    found = []
    for batch in batches:
        if count is not None:
            batch = Batch(batch.step, batch.mutants[:count])
            count -= len(batch.mutants)
        if batch.mutants:
            found.append(batch)
    return tuple(found)
