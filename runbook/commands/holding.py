"""Only one command at a time changes a lab; another one is told who does, and since when."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runbook.commands.guide import run_directory
from runbook.labs import LabError, state
from runbook.report.text import sanitize


@contextmanager
def alone(guide: Path, kind: str) -> Iterator[None]:
    """Hold the guide's lab of that kind for a command that changes it.

    Raises:
        LabError: another command holds it.

    """
    directory = run_directory(guide, kind)
    directory.mkdir(parents=True, exist_ok=True)
    try:
        with state.locked_at_once(directory):
            yield
    except state.Busy as busy:
        raise LabError(
            f"the {kind} lab of {guide} is in use by {sanitize(str(busy))}; wait until it is "
            "finished, or end it"
        ) from None


def lab_key(guide: Path, kind: str) -> str:
    """Return a word for the guide's lab of that kind on this machine, and for no other one."""
    machine = Path("/etc/machine-id")
    identity = machine.read_text() if machine.exists() else os.uname().nodename
    text = "\0".join((identity, str(guide.resolve()), kind))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]
