"""The content of a step: what it types, writes and checks, whatever its words.

Two steps with the same content do the same to a host. Titles, sentences and prose are no part of
it, and neither are an id, which is made from a title, nor a place in a file.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from runbook.model.actions import Command
from runbook.model.codec import unstructure
from runbook.model.nouns import Step
from runbook.model.shared_source import SharedSource, without_docstrings
from runbook.model.syntax_tree import parse, plain_data

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
        "sentence",
        "sources",
        "tags",
        "title",
        "unchecked",
        "until",
    }
)
"""Fields of the plan that change neither what is typed nor what is checked."""

_LIMITS: Final = frozenset({"retry", "timeout", "within"})
"""Fields that say how long something may take, and how often it is tried."""

_SELECTING: Final = frozenset(
    {"alternatives", "choices", "needs", "on", "platforms", "requires", "serial"}
)
"""Fields that decide on which hosts and after what a step runs."""

_NAME: Final = re.compile(r"<(?:[a-z0-9-]+:)?([a-z][a-z0-9-]*)>")

_NOTHING: Final = SharedSource()


def content_digest(step: Step, shared: SharedSource = _NOTHING, *, limits: bool = False) -> str:
    """Return the digest of what `step` types, writes and checks, whatever its title.

    What its checks use of `lab/checks.py` belongs to it, comments and docstrings do not. With
    `limits`, so does the time that it has.
    """
    left_out = _PROSE if limits else _PROSE | _LIMITS
    plain = {
        name: value
        for name, value in _without(unstructure(step), left_out).items()
        if name not in _SELECTING
    }
    for action, data in zip(step.actions, plain.get("actions", ()), strict=True):
        if not (isinstance(action, Command) and action.compare):
            data.pop("output", None)
    for check, data in zip(step.checks, plain.get("checks", ()), strict=True):
        data["source"] = code_digest(check.source)
    used = [code_digest(shared.used_by(check.source)) for check in step.checks]
    return digest_of([plain, used] if any(used) else [plain])


def needed(
    step: Step, numbers: Mapping[str, int], captured: Mapping[str, Sequence[int]]
) -> tuple[int, ...]:
    """Return the positions of what a step names, and of what captures the values that it uses.

    What only a title or a sentence mentions is not used. `numbers` are the positions of the steps
    before it by id, `captured` those of the steps that capture a value by its name as the text has
    it.
    """
    found = {numbers[name] for name in step.needs or () if name in numbers}
    if captured:
        text = json.dumps(_without(unstructure(step), _PROSE), ensure_ascii=False)
        for name in set(_NAME.findall(text)):
            found.update(captured.get(name, ()))
    return tuple(sorted(found))


def captured_name(step: Step) -> str:
    """Return the name of the value that `step` captures as texts have it; empty if none."""
    return step.capture.name.replace("_", "-") if step.capture is not None else ""


@functools.lru_cache(maxsize=512)  # checks share what they use
def code_digest(source: str) -> str:
    """Return the digest of what Python text says, whatever its comments, docstrings and layout.

    It is the same in every version of Python. Text that is no Python is taken as it is, and that
    of none is empty.
    """
    if not source:
        return ""
    try:
        return digest_of(plain_data(without_docstrings(parse(source))))
    except (SyntaxError, ValueError):
        return digest_of(source)


def digest_of(data: Any) -> str:
    """Return a digest of plain `data`, in 20 hexadecimal digits."""
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogateescape")).hexdigest()[:20]


def _without(data: Any, names: frozenset[str]) -> Any:
    if isinstance(data, dict):
        return {
            key: _without(v, names)
            for key, v in data.items()
            # The prompt of a shell is a noun; that of a question is its text.
            if key not in names and not (key == "prompt" and isinstance(v, dict))
        }
    if isinstance(data, list | tuple):
        return [_without(item, names) for item in data]
    return data
