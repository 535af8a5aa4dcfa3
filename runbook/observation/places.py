"""Where steps write: the paths that their commands name, beside the places of configuration."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Final

from runbook.model import Step
from runbook.model.typed import typed
from runbook.observation.script import ROOTS

_PATH: Final = re.compile(r"(?<![\w/.~$}:-])/[\w./+@-]*[\w+@]")
_ELSEWHERE: Final = re.compile(r"/(proc|sys|dev|run|var/(log|cache|run))(/|\Z)")
_TOO_WIDE: Final = 2
"""A path of fewer parts is a part of the system, and not where a step writes."""


def places(steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the paths that steps name and that no look sees already.

    The directory of a file that is made belongs to them: it may be made as well.
    """
    found: set[str] = set()
    for step in steps:
        for path in _PATH.findall(typed(step, contents=True)):
            path = posixpath.normpath(path)
            if not _is_seen(path) and not _ELSEWHERE.match(path) and _is_narrow(path):
                found.add(path)
    # What lies in another of them is looked at with it, unless it is deep.
    return tuple(sorted(found))


def _is_seen(path: str) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in ROOTS)


def _is_narrow(path: str) -> bool:
    parts = path.strip("/").split("/")
    if parts[0] in ("usr", "bin", "sbin", "lib", "lib64", "boot"):
        # Programs, which packages bring: only what lies below their directories is of interest.
        return len(parts) > _TOO_WIDE + 1
    return len(parts) >= _TOO_WIDE or parts[0] not in _SYSTEM


_SYSTEM: Final = frozenset({"var", "tmp", "home", "root", "opt", "mnt", "media", ""})
