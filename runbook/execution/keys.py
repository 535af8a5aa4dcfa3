"""The key of a step: a digest of everything that decides what it does to its hosts.

A step that is done under one key is done under that key only. Titles, sentences, prose and time
limits are not part of it, so editing those re-runs nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from runbook.execution.shared_checks import NOTHING, SharedChecks
from runbook.model import Command, Step
from runbook.model.codec import unstructure

_PROSE: Final = frozenset(
    {
        "after",
        "confidence",
        "disconnects",
        "id",
        "location",
        "marked",
        "provides",
        "repeatable",
        "retry",
        "sentence",
        "sources",
        "tags",
        "timeout",
        "title",
        "until",
        "within",
    }
)
"""Fields of the plan that change neither what is typed nor what is checked."""

_SELECTING: Final = frozenset(
    {"alternatives", "choices", "needs", "on", "platforms", "requires", "serial"}
)
"""Fields that decide on which hosts and after what a step runs; the key has the result."""

_NAME: Final = re.compile(r"<(?:[a-z0-9-]+:)?([a-z][a-z0-9-]*)>")


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
) -> tuple[KeyedStep, ...]:
    """Return `steps`, each given with its hosts and their platforms, with their keys.

    `base` says what the lab is made of. A key is chained to those of the steps that the step
    depends on: all before it, unless the step names them. Steps without hosts are left out.
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
        needs = None if step.needs is None else _needed(step, numbers, captured)
        depends = before if needs is None else _digest([base, *(found[n].key for n in needs)])
        key = _digest([content, depends])
        same[key] += 1
        if same[key] > 1:
            # The very same commands, twice: doing them once more is another step.
            key = _digest([key, same[key]])
        numbers[step.id] = len(found)
        if step.capture is not None:
            captured.setdefault(step.capture.name.replace("_", "-"), []).append(len(found))
        found.append(KeyedStep(step, tuple(hosts), content, key, needs))
        before = _digest([before, key])
    return tuple(found)


def content_digest(step: Step, shared: SharedChecks = NOTHING) -> str:
    """Return the digest of what `step` types, writes and checks, whatever its title.

    What its checks use of `lab/checks.py` belongs to it.
    """
    plain = {
        name: value for name, value in _without_prose(unstructure(step)).items()
        if name not in _SELECTING
    }  # fmt: skip
    for action, data in zip(step.actions, plain.get("actions", ()), strict=True):
        if not (isinstance(action, Command) and action.compare):
            data.pop("output", None)
    used = [shared.used_by(check.source) for check in step.checks]
    return _digest([plain, used] if any(used) else [plain])


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


def _needed(
    step: Step, numbers: Mapping[str, int], captured: Mapping[str, Sequence[int]]
) -> tuple[int, ...]:
    """Return what a step names, and the steps that capture the values which it uses."""
    found = {numbers[name] for name in step.needs or () if name in numbers}
    if captured:
        text = json.dumps(unstructure(step), ensure_ascii=False)
        for name in set(_NAME.findall(text)):
            found.update(captured.get(name, ()))
    return tuple(sorted(found))


def _without_prose(data: Any) -> Any:
    if isinstance(data, dict):
        return {
            key: _without_prose(v)
            for key, v in data.items()
            # The prompt of a shell is a noun; that of a question is its text.
            if key not in _PROSE and not (key == "prompt" and isinstance(v, dict))
        }
    if isinstance(data, list | tuple):
        return [_without_prose(item) for item in data]
    return data


def _digest(data: Any) -> str:
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogateescape")).hexdigest()[:20]
