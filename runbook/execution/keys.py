"""The key of a step: a digest of everything that decides what it does to its hosts.

A step that is done under one key is done under that key only. Titles, sentences, prose and time
limits are not part of it, so editing those re-runs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import frozen

from runbook.execution.checks.shared_checks import NOTHING, SharedChecks
from runbook.model import Host, Step
from runbook.model.answering import answering_hosts
from runbook.model.content import captured_name, content_digest, digest_of, needed


@frozen
class KeyedStep:
    """A step with the hosts that it is for, by name with their platform, and its key.

    `content` is the digest of the step alone. `needs` are the positions, in the sequence that
    it was keyed in, of the steps that it depends on; `None` stands for all before it.
    """

    step: Step
    hosts: tuple[tuple[str, str], ...]
    content: str
    key: str
    needs: tuple[int, ...] | None


def keyed(
    steps: Iterable[tuple[Step, Sequence[tuple[str, str]]]],
    base: str,
    shared: SharedChecks = NOTHING,
    known: Sequence[Host] = (),
) -> tuple[KeyedStep, ...]:
    """Return `steps`, each given with its hosts and their platforms, with their keys.

    `base` says what the lab is made of, and `known` are its hosts. A key is chained to those of
    the steps that the step depends on: all before it, unless the step names them. Where a chapter
    begins is part of it, because it begins in fresh shells. Steps without hosts are left out.
    """
    found: list[KeyedStep] = []
    numbers: dict[str, int] = {}
    captured: dict[str, list[int]] = {}
    before = base
    same: Counter[str] = Counter()
    for step, hosts in steps:
        if not hosts:
            continue
        content = content_digest(step, shared)
        needs = None if step.needs is None else needed(step, numbers, captured)
        if found and _chapter(found[-1].step) != _chapter(step):
            before = digest_of([before, "chapter"])
        depends = before
        if needs is not None:
            own = [_chapter(found[n].step) == _chapter(step) for n in needs]
            depends = digest_of([base, *(found[n].key for n in needs), own])
        names = {name for name, _ in hosts}
        answering = answering_hosts(step, [host for host in known if host.name in names])
        key = digest_of([content, depends, *answering])
        same[key] += 1
        if same[key] > 1:
            # The very same commands, twice: doing them once more is another step.
            key = digest_of([key, same[key]])
        numbers[step.id] = len(found)
        if name := captured_name(step):
            captured.setdefault(name, []).append(len(found))
        found.append(KeyedStep(step, tuple(hosts), content, key, needs))
        before = digest_of([before, key])
    return tuple(found)


def _chapter(step: Step) -> str:
    """Return the document that the id of a step begins with."""
    return step.id.rpartition("/")[0]


def prerequisites(keyed_steps: Sequence[KeyedStep], wanted: Iterable[int]) -> set[int]:
    """Return the positions of `wanted` steps and of all that they depend on, however far."""
    found: set[int] = set()
    everything_below = -1
    left = sorted(set(wanted), reverse=True)
    while left:
        number = left.pop()
        if number in found:
            continue
        found.add(number)
        needs = keyed_steps[number].needs
        if needs is None:
            # All before it: whatever those need is among them.
            left += range(everything_below + 1, number) if everything_below < number else ()
            everything_below = max(everything_below, number - 1)
        else:
            left += needs
    return found
