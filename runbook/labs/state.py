"""Locks and the few files of a lab that is up.

A lock is held on a directory that is there anyway, so that it leaves no trace. A program
that outlives us (because we were killed) holds a second, shared lock on the lab's state;
whoever comes next waits for it, and so never cleans up behind a host that is still coming.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

STATE: Final = Path("/run/sphinx-runbook")
"""Where the files of all labs are; the machine forgets them when it boots."""


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the only lock on `directory`, after waiting for whoever holds it."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def outlived(directory: Path) -> None:
    """Wait until no program that `holding` started for `directory` runs any more."""
    with locked(directory):
        pass


def holding(directory: Path, argv: list[str]) -> list[str]:
    """Return the argv that runs `argv` under the shared lock on `directory`.

    The lock belongs to the process that waits for `argv`, not to what `argv` leaves
    running behind it.
    """
    return ["flock", "--shared", "--close", str(directory), *argv]
