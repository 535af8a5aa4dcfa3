"""Files that a command leaves: each is written in one step, so that no reader sees half of it.

Only their owner can read them, unless they are meant to be published. A name that comes from a
guide or from a host becomes a path in one place, and never leads elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runbook.errors import RunbookError

_UNFIT: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Characters that no name of a file may have: controls, separators, what reverses a text."""
_LONGEST: Final = 200
"""Bytes of a file's name; file systems allow 255, and we append to it."""

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
"""How a file is opened that is written anew."""

SCHEMAS: Final = Path("build/schemas")
"""Where the JSON Schemas of a guide's files are, relative to the guide."""


class ArtefactError(RunbookError):
    """A file cannot be written or read; the message names it and says why."""


def write(path: Path, text: str, *, public: bool = False) -> None:
    """Make `text` the content of the file at `path`; its directory is made if need be.

    If it is not `public`, both are for their owner only.

    Raises:
        ArtefactError: it cannot be written; what the file held before stays.

    """
    with _replacing(path, path) as beside:
        if public:
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            make_private(path.parent)
        file = os.open(beside, _NEW, 0o666 if public else 0o600)
        # What Unicode has no character for, as half of a pair, is written as `\udNNN`.
        with os.fdopen(file, "w", encoding="utf-8", errors="backslashreplace") as written:
            written.write(text)


def rewrite(path: Path, text: str) -> None:
    """Make `text` the content of a file that somebody else made, and change nothing else of it.

    It keeps its mode and its owner, and its line ends are those of `text`. Where `path` is a link,
    the file that it leads to is changed.

    Raises:
        ArtefactError: it cannot be written; what the file held before stays.

    """
    real = path.resolve()
    with _replacing(real, path) as beside:
        found = real.stat()
        # Nobody else may read it before it has its own mode.
        file = os.open(beside, _NEW, 0o600)
        with os.fdopen(file, "w", encoding="utf-8", errors="backslashreplace", newline="") as new:
            if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
                with contextlib.suppress(PermissionError):
                    os.fchown(file, found.st_uid, found.st_gid)
            os.fchmod(file, stat.S_IMODE(found.st_mode))
            new.write(text)


@contextlib.contextmanager
def _replacing(path: Path, told: Path) -> Iterator[Path]:
    """Yield a path beside `path`, and put the file that is written there in its place.

    Raises:
        ArtefactError: it cannot be written; the message names it as `told`.

    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise ArtefactError(f"{told}: it cannot be written: {error.strerror}") from error


def make_private(directory: Path) -> None:
    """Make a directory that only its owner can look into; one that is there becomes private.

    Raises:
        OSError: it cannot be made.

    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    if directory.stat().st_mode & 0o077:
        # It may be somebody else's, who lets us write into it.
        with contextlib.suppress(PermissionError):
            directory.chmod(0o700)


def unfit(name: str) -> str:
    """Return why `name` cannot be that of a file below a directory; empty if it can.

    It may have parts separated by `/`.
    """
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return f"a part of it is {part!r}"
        if part.startswith("~"):
            return "a part of it begins with '~'"
        if found := _UNFIT.search(part):
            return f"it has the character U+{ord(found[0]):04X}"
        if len(os.fsencode(part)) > _LONGEST:
            return f"a part of it is longer than {_LONGEST} bytes"
    return ""


def below(directory: Path, name: str) -> Path:
    """Return the path of `name`, which comes from a guide or a host, below `directory`.

    Raises:
        ArtefactError: it would lead elsewhere, or is no name for a file.

    """
    if why := unfit(name):
        shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
        raise ArtefactError(f"{shown!r} cannot be the name of a file below {directory}: {why}")
    return directory / name


def schema_file(name: str) -> str:
    """Return the name of the JSON Schema of the files called `name`."""
    return f"{name}.schema.json"


def schema_address(guide: Path, name: str, path: Path) -> str:
    """Return how the file at `path` names its schema: as a path relative to the file itself."""
    return Path(os.path.relpath(guide / SCHEMAS / schema_file(name), path.parent)).as_posix()


def read(path: Path, newline: str | None = None) -> str:
    """Return the text of the file at `path`; with an empty `newline`, its line ends are kept.

    Raises:
        ArtefactError: it cannot be read, or is no text.

    """
    try:
        with path.open(encoding="utf-8", newline=newline) as file:
            return file.read()
    except OSError as error:
        raise ArtefactError(f"{path}: it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ArtefactError(f"{path}: it is not UTF-8") from error
