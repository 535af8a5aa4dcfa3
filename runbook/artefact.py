"""Files that a command leaves: each is written in one step, so that no reader sees half of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from runbook.errors import RunbookError


class ArtefactError(RunbookError):
    """A file cannot be written or read; the message names it and says why."""


def write(path: Path, text: str) -> None:
    """Make `text` the content of the file at `path`; its directory is made if need be.

    Raises:
        ArtefactError: it cannot be written; what the file held before stays.

    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise ArtefactError(f"{path}: it cannot be written: {error.strerror}") from error


def read(path: Path) -> str:
    """Return the text of the file at `path`.

    Raises:
        ArtefactError: it cannot be read, or is no text.

    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ArtefactError(f"{path}: it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ArtefactError(f"{path}: it is not UTF-8") from error
