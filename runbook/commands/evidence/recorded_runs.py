"""Which labs of a guide have recorded runs, and where the last one is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from runbook.commands.guide import run_directory
from runbook.results import journal

_MATRIX: Final = "-matrix"


def matrix_of(kind: str) -> str:
    """Return the name of the directory with what a matrix on labs of that kind has shown."""
    return kind + _MATRIX


def directories(guide: Path, kind: str = "") -> list[Path]:
    """Return the directories of the recorded runs of `guide`, that of the last run first.

    With `kind`, only those of labs of that kind: forth, back, and of workers of pytest-xdist. A
    rehearsal is no run, and a matrix is several.
    """
    found = []
    for path in run_directory(guide, "").glob("*/journal.jsonl"):
        name = path.parent.name
        if (
            name != "rehearsal"
            and not name.endswith(_MATRIX)
            and (not kind or name == kind or name.startswith(f"{kind}-"))
        ):
            started = journal.last_started(path)
            if started:
                found.append((started, path.parent))
    return [directory for _, directory in sorted(found, reverse=True)]


def elsewhere(guide: Path) -> str:
    """Return the end of a message that there is no run: on which labs there are some."""
    kinds = dict.fromkeys(one.name.partition("-")[0] for one in directories(guide))
    return "; there are runs with " + " and ".join(f"--lab {k}" for k in kinds) if kinds else ""
