"""Many files of one directory as one change: a program that keeps a tree is told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from attrs import evolve

from runbook.observation.change import Change

_MANY: Final = 20
"""Files that have come to a directory, or gone from it, that are still told one by one."""

_Group = tuple[str, bool, bool, str, str]


def folded(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return `changes`; many files of a directory that are alike become one, called `.../**`.

    Alike are those that all have come or all gone, and that are all covered or all not.
    """
    tops = {new: _tops(changes, new=new) for new in (True, False)}
    groups: dict[_Group, list[Change]] = {}
    for one in changes:
        if key := _group(one, tops):
            groups.setdefault(key, []).append(one)
    found: dict[Change, None] = {}
    for one in changes:
        key = _group(one, tops)
        alike = groups.get(key, []) if key else []
        found[_together(key[0], alike) if key and len(alike) > _MANY else one] = None
    return tuple(found)


def _tops(changes: Iterable[Change], *, new: bool) -> set[str]:
    """Return the directories that have come, or gone, as a whole."""
    return {
        one.name
        for one in changes
        if one.kind == "file"
        and (not one.before if new else not one.after)
        and (one.after if new else one.before).startswith("directory")
    }


def _group(change: Change, tops: Mapping[bool, set[str]]) -> _Group | None:
    """Return with which others a change is told; `None` if by itself."""
    if change.kind != "file" or (change.before and change.after):
        return None
    new = not change.before
    parents = [str(path) for path in PurePosixPath(change.name).parents]
    whole = [path for path in parents if path in tops[new]]
    top = whole[-1] if whole else parents[0]
    return top, new, bool(change.checks), change.came_with, change.left_out


def _together(directory: str, changes: Sequence[Change]) -> Change:
    said = f"{len(changes)} files and directories"
    first = changes[0]
    checks = dict.fromkeys(check for one in changes for check in one.checks)
    return evolve(
        first,
        name=f"{directory.rstrip('/')}/**",
        before=said if first.before else "",
        after=said if first.after else "",
        checks=tuple(checks),
        lines=(),
    )
