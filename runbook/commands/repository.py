"""Where a guide is in its repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_ROOTS: Final = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Variables with the directory of a checkout, which may have been made without git."""


def place_of(guide: Path) -> str:
    """Return the guide's directory, relative to the root of its repository; empty if it is that."""
    guide = guide.resolve()
    roots = [path for path in (guide, *guide.parents) if (path / ".git").exists()][:1]
    roots += [Path(os.environ[name]).resolve() for name in _ROOTS if os.environ.get(name)]
    for root in roots:
        if guide.is_relative_to(root):
            found = guide.relative_to(root).as_posix()
            return "" if found == "." else found
    return ""
