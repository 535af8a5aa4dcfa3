"""A guide as the commands find it: its plan, and where its results are kept."""

from __future__ import annotations

import contextlib
import difflib
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path

from runbook import __version__
from runbook.errors import RunbookError
from runbook.model import Runbook


def planned(guide: Path, *, strict: bool = False, lenient: bool = False) -> Runbook:
    """Return the runbook of the guide, read anew from what changed since the last time.

    With `lenient`, what the guide needs and this machine has not is left out, and said to be.

    Raises:
        RunbookError: the guide has errors; the message names file and line of each.

    """
    from runbook.sphinx import plan

    if not (guide / "conf.py").is_file():
        raise RunbookError(f"{guide}: this is not a guide: it has no conf.py")
    return plan.build(guide, output=guide / "build" / "plan", strict=strict, lenient=lenient)


def run_directory(guide: Path, kind: str) -> Path:
    """Return where a lab's journal and reports are kept."""
    return guide / "build" / kind


def versions(guide: Path) -> dict[str, str]:
    """Return the versions that a reader of the report would ask for."""
    found = {"sphinx-runbook": __version__, "python": platform.python_version()}
    with contextlib.suppress(OSError):  # a machine may do without git
        described = subprocess.run(
            ["git", "-C", str(guide), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=False,
        )
        if described.returncode == 0:
            found["guide"] = described.stdout.strip()
    return found


def unknown(id_: str, known: Iterable[str]) -> str:
    """Return a message that there is nothing of that id, with the ids nearest to it."""
    names = list(known)
    near = difflib.get_close_matches(id_, names, cutoff=0.5)
    tail = id_.rpartition("/")[2]
    near += [name for name in names if name.rpartition("/")[2] == tail and name not in near]
    hint = f"; the nearest are: {', '.join(near)}" if near else ""
    return f"there is no step or block {id_!r}{hint}"
