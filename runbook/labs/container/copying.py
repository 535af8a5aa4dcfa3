"""Copy files and directories with all their attributes, by as few programs as possible."""

# Paths are text and go to `os` here, as in `tree`.
# ruff: noqa: PTH101, PTH116, PTH120

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from runbook.labs import LabError

Modes = dict[str, int]
"""The type and mode of everything in a tree, by path; directories before their content.

The empty path is the tree itself.
"""

_ROOT: Final = ""
_BATCH: Final = 200_000
"""The bytes of paths that are given to one program."""
_OVERLAY: Final = "trusted.overlay."


def copy_files(source: Path, target: Path, modes: Modes, paths: Collection[str]) -> None:
    """Copy `paths` with all attributes; `modes` is all that is in `source`."""
    argv = ["cp", "--archive", "--parents", "--remove-destination", "--reflink=auto"]
    for batch in _batches(_covering(modes, paths)):
        done = subprocess.run(
            [*argv, f"--target-directory={target.absolute()}", "--", *batch],
            cwd=source,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            start_new_session=True,
            check=False,
        )
        if done.returncode != 0:
            raise LabError(done.stderr.strip()[-300:] or f"cp: exit status {done.returncode}")


def _covering(modes: Modes, paths: Collection[str]) -> Iterator[str]:
    """Yield `paths`, but one directory for everything in it if all of that is to be copied."""
    if not paths:
        return
    partly = {_ROOT}
    used: set[str] = set()
    for path in reversed(modes):
        parent = os.path.dirname(path)
        if path in paths or path in used:
            used.add(parent)
        if path in partly or (path not in paths and not stat.S_ISDIR(modes[path])):
            partly.add(parent)
    covered: set[str] = set()
    for path in modes:
        if path and os.path.dirname(path) in covered:
            covered.add(path)
        elif path in paths:
            yield path
        elif path in used and path not in partly:
            covered.add(path)
            yield path


def _batches(paths: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for path in paths:
        batch.append(path)
        size += len(path) + 9
        if size > _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def copy_attributes(source: str, target: str, *, whole: bool) -> None:
    """Copy a directory's attributes; without `whole`, none that the overlay file system keeps."""
    info = os.stat(source)
    os.chown(target, info.st_uid, info.st_gid)
    os.chmod(target, stat.S_IMODE(info.st_mode))
    wanted = os.listxattr(source)
    for name in os.listxattr(target):
        if name not in wanted and (whole or not name.startswith(_OVERLAY)):
            os.removexattr(target, name)
    for name in wanted:
        if whole or not name.startswith(_OVERLAY):
            os.setxattr(target, name, os.getxattr(source, name))
    os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))
