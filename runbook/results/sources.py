"""The files and variables that something was made from, and whether they are still the same."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

_LARGE: Final = 1_000_000
"""Bytes from which on a file is not read to find out whether it really changed."""

_CLOCK_STEP: Final = 20_000_000
"""Nanoseconds by which the times of files may lag behind the clock."""


@frozen
class DocumentPatterns:
    """Which files below `directory` are documents: regular expressions, as Sphinx has them."""

    directory: str
    suffixes: tuple[str, ...]
    included: tuple[str, ...]
    excluded: tuple[str, ...]

    def find(self) -> tuple[str, ...]:
        """Return the paths of all documents that there are now."""
        included = re.compile("|".join(f"(?:{one})" for one in self.included)).match
        excluded = re.compile("|".join(f"(?:{one})" for one in self.excluded) or r"(?!)").match
        found: list[str] = []
        for root, directories, files in os.walk(self.directory, followlinks=True):
            below = os.path.relpath(root, self.directory)
            prefix = "" if below == "." else f"{below}/"
            directories[:] = [name for name in directories if not excluded(prefix + name)]
            found += [
                f"{root}/{name}"
                for name in files
                if name.endswith(self.suffixes)
                and included(prefix + name)
                and not excluded(prefix + name)
            ]
        return tuple(sorted(found))


@frozen
class Sources:
    """What something was made from.

    `files` are the stamps of files and directories, by path; a stamp is empty where there was
    nothing. `digests` are those of the contents, where a new stamp alone does not tell of a
    change. `environment` are the digests of the variables that were looked up; empty for unset.
    `search` is where modules were looked for, in order, as far as that is outside the guide.
    """

    patterns: DocumentPatterns
    documents: tuple[str, ...]
    search: tuple[str, ...]
    files: dict[str, str]
    digests: dict[str, str]
    environment: dict[str, str]

    @classmethod
    def observe(
        cls,
        patterns: DocumentPatterns,
        paths: Iterable[str],
        *,
        compared: Collection[str],
        search: Iterable[str],
        environment: Mapping[str, str | None],
        since: int,
    ) -> Sources | None:
        """Return `paths`, all documents, and the `environment` as they are now.

        Contents are compared of documents, of directories, and of the files `compared`. The
        result is `None` if something changed after `since`, in nanoseconds: nobody knows then
        what was read.
        """
        documents = patterns.find()
        files = {path: stamp(path) for path in sorted({*paths, *documents})}
        if not _all_before(since, files.values()):
            return None
        # The stamp of a directory is its time alone.
        directories = [path for path, one in files.items() if one.isdecimal()]
        small = [path for path in (*documents, *compared) if _size(files[path]) <= _LARGE]
        digests = {path: digest_of(path) for path in (*small, *directories)}
        values = {name: _digest_of_value(value) for name, value in environment.items()}
        outside = _outside(patterns.directory, search)
        return cls(patterns, documents, outside, files, digests, values)

    def renewed(self) -> Sources | None:
        """Return the sources with their present stamps if they are the same, else `None`."""
        if _outside(self.patterns.directory, sys.path) != self.search:
            return None
        for name, known in self.environment.items():
            if _digest_of_value(os.environ.get(name)) != known:
                return None
        newer: dict[str, str] = {}
        for path, known in self.files.items():
            now = stamp(path)
            if now == known:
                continue
            if not known or not now or digest_of(path) != self.digests.get(path):
                return None
            newer[path] = now
        if self.patterns.find() != self.documents:
            return None
        return evolve(self, files=self.files | newer) if newer else self

    def added(self, search: Iterable[str]) -> dict[str, int]:
        """Return what conf.py has put on the path `search`, with the position of each.

        What is below the guide counts as its own, whoever has put it there.
        """
        paths = map(os.path.abspath, found := tuple(search))
        where = enumerate(zip(found, paths, strict=True))
        return {one: number for number, (one, path) in where if path not in self.search}

    @property
    def settled(self) -> bool:
        """Whether a change from now on is certain to change a stamp."""
        return _all_before(time.time_ns(), self.files.values())


def stamp(path: str) -> str:
    """Return what changes whenever the file or directory does; empty if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # a thousand of them: Path takes three times as long
    except OSError:
        return ""
    if stat.S_ISDIR(found.st_mode):
        return str(found.st_mtime_ns)
    return f"{found.st_mtime_ns} {found.st_ctime_ns} {found.st_size}"


def _size(known: str) -> int:
    """Return the size of a file with that stamp; 0 if it is not there."""
    return int(known.rpartition(" ")[2] or 0)


def digest_of(path: str) -> str:
    """Return the digest of a file's content or of a directory's visible names; empty if absent."""
    try:
        if Path(path).is_dir():
            names = {one.name for one in Path(path).iterdir()}
            return digest_of_text("\0".join(sorted(n for n in names if n[0] not in "._")))
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""


def digest_of_text(text: str) -> str:
    """Return the digest of `text`."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def _outside(directory: str, search: Iterable[str]) -> tuple[str, ...]:
    """Return where modules are looked for, without what conf.py adds to it below `directory`."""
    paths = dict.fromkeys(map(os.path.abspath, search))
    return tuple(one for one in paths if not f"{one}/".startswith(f"{directory}/"))


def _digest_of_value(value: str | None) -> str:
    return "" if value is None else digest_of_text(value)


def _all_before(moment: int, stamps: Iterable[str]) -> bool:
    return all(
        int(time_) < moment - _CLOCK_STEP for one in stamps for time_ in one.split(" ")[:2] if one
    )
