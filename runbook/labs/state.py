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
    """Wait until no program that runs under `held` of `directory` is left."""
    with locked(directory):
        pass


@contextmanager
def held(directory: Path | None) -> Iterator[int]:
    """Give a standard input that holds the shared lock on `directory` while it is open.

    The lock is there before the program that gets it starts, so a kill at any moment finds
    it either not begun or still holding. Without a directory it is the null device.
    """
    if directory is None:
        handle = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    else:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_SH)
    try:
        yield handle
    finally:
        os.close(handle)


def shielded(argv: list[str]) -> list[str]:
    """Return the argv that runs `argv` while a shell keeps the standard input of `held`.

    So the lock ends with `argv`, and not with what `argv` leaves running behind it.
    """
    return ["sh", "-c", '"$@" </dev/null; exit $?', "sh", *argv]
