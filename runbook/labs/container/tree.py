"""A directory tree that is saved, and put back, by copying only what changed.

A saved tree is a plain copy. Files that did not change since an earlier copy of the same live tree
are hard links to it, and never to the live tree, whose files are modified in place. Whether a file
changed is told by its stamp: that of a file that was written, replaced, renamed or linked
is another one, whatever a clock shows.
"""

# Paths are text and go to `os` here: with a `Path` for each of tens of thousands of files, taking a
# checkpoint would last twice as long.
# ruff: noqa: PTH102, PTH108, PTH112, PTH120

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import threading
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError
from runbook.labs.container.copying import Modes, copy_attributes, copy_files

Stamp = tuple[int, int, int, int, int]
"""Of a live file: inode, time of its last change and modification in ns, size, and mode."""

Index = dict[str, Stamp]
"""The stamps of a live tree when it equalled its copy, by path; directories before their content.

The empty path is the tree itself. Sockets are left out: they are nothing without their program.
"""

Live = dict[str, os.stat_result]
"""What is in a tree now, by path, in the order of an `Index`."""

_ROOT: Final = ""
_ALONE: Final = threading.Lock()
"""Held while Python makes many short system calls: threads that do so at once hinder each other."""
NEVER: Final = -1
"""In place of the time of a change: the file is taken for changed whatever its stamp is."""


@frozen
class Copy:
    """An earlier copy of a live tree, and the tree's index at that time."""

    root: Path
    index: Index


def scan(root: Path) -> Live:
    """Return everything in the tree `root`."""
    found: Live = {_ROOT: root.stat()}
    waiting = [_ROOT]
    with _ALONE:
        while waiting:
            directory = waiting.pop()
            with os.scandir(f"{root}/{directory}") as entries:
                for entry in entries:
                    path = f"{directory}/{entry.name}" if directory else entry.name
                    found[path] = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(path)
    return found


def index_of_unknown(copy: Copy, known: Copy | None) -> Index:
    """Return the index of a `copy` for a live tree that was never equal to it.

    `copy` has the index of another live tree. What it shares with a copy that is `known`, to which
    this live tree was equal at some time, are hard links to the same files.
    """
    shared = _shared(copy, known) if known else {}
    for group in _groups({path: stamp[0] for path, stamp in copy.index.items()}):
        # The names of one file are copied together, or not at all.
        if not all(path in shared for path in group):
            for path in group:
                shared.pop(path, None)
    # The inodes are those of another tree, and must not be taken for those of this one.
    return {
        path: shared.get(path) or (-stamp[0], NEVER, *stamp[2:])
        for path, stamp in copy.index.items()
    }


def _shared(copy: Copy, known: Copy) -> Index:
    """Return the stamps of those paths whose file is the same one in both copies."""
    found: Index = {}
    with _ALONE, contextlib.suppress(OSError):
        for path, stamp in copy.index.items():
            if path not in known.index or stat.S_ISDIR(stamp[4]):
                continue
            ours, theirs = os.lstat(f"{copy.root}/{path}"), os.lstat(f"{known.root}/{path}")
            if (ours.st_dev, ours.st_ino) == (theirs.st_dev, theirs.st_ino):
                found[path] = known.index[path]
    return found


def differing_paths(live: Live, base: Copy | None, unsure: Collection[str | int]) -> frozenset[str]:
    """Return the paths in `live` that `base` has no copy of.

    `unsure` are the paths and inodes of files that can change without their stamp changing.
    """
    known: Index = base.index if base else {}
    return frozenset(
        path
        for path, info in live.items()
        if known.get(path) != _stamp(info) or path in unsure or info.st_ino in unsure
    )


def save(
    root: Path,
    live: Live,
    target: Path,
    base: Copy | None,
    differing: frozenset[str],
    unsure: Collection[str | int],
) -> Index:
    """Make `target` a copy of the tree `root`, in which nothing changes meanwhile.

    With a `base` it is a clone of that already; only what is `differing` is copied.

    Raises:
        LabError: something cannot be copied.
        OSError: likewise.

    """
    kept = {path: info for path, info in live.items() if not stat.S_ISSOCK(info.st_mode)}
    if base is None:
        target.mkdir()
    _make_equal(
        root,
        target,
        wanted={path: info.st_mode for path, info in kept.items()},
        present={path: stamp[4] for path, stamp in base.index.items()} if base else {},
        differing=differing & kept.keys(),
        groups=_groups({path: info.st_ino for path, info in kept.items()}),
    )
    return {
        path: _stamp(info, unsure=path in unsure or info.st_ino in unsure)
        for path, info in kept.items()
    }


def put_back(copy: Copy, root: Path) -> Index:
    """Make the tree `root` equal to `copy`; return its index then.

    What still has the stamp in the copy's index is left alone.

    Raises:
        LabError: something cannot be copied.
        OSError: likewise.

    """
    live = {path: _stamp(info) for path, info in scan(root).items()}
    differing = {path for path, stamp in copy.index.items() if live.get(path) != stamp}
    groups = _groups({path: stamp[0] for path, stamp in copy.index.items()})
    for group in groups:
        if not differing.isdisjoint(group):
            differing.update(group)
    touched = _make_equal(
        copy.root,
        root,
        wanted={path: stamp[4] for path, stamp in copy.index.items()},
        present={path: stamp[4] for path, stamp in live.items()},
        differing=differing,
        groups=groups,
    )
    index = dict(copy.index)
    with _ALONE:
        for path in touched:
            info = os.lstat(f"{root}/{path}")
            if stat.S_ISREG(info.st_mode) and info.st_size != copy.index[path][3]:
                raise LabError(f"the checkpoint is damaged: /{path} has another size than it had")
            index[path] = _stamp(info)
    return index


def copy_into(copy: Copy, root: Path) -> None:
    """Copy everything to `root`, beside what is there.

    Raises:
        LabError: something cannot be copied.

    """
    wanted = {path: stamp[4] for path, stamp in copy.index.items()}
    directories = [path for path, mode in wanted.items() if stat.S_ISDIR(mode)]
    missing = [path for path in directories if not os.path.isdir(f"{root}/{path}")]
    for path in missing:
        os.mkdir(f"{root}/{path}")
    copy_files(copy.root, root, wanted, wanted.keys() - set(directories))
    for path in reversed(missing):
        copy_attributes(f"{copy.root}/{path}", f"{root}/{path}", whole=True)


def _stamp(info: os.stat_result, *, unsure: bool = False) -> Stamp:
    changed = NEVER if unsure else info.st_ctime_ns
    return (info.st_ino, changed, info.st_mtime_ns, info.st_size, info.st_mode)


def _groups(inodes: dict[str, int]) -> list[list[str]]:
    """Return the paths that are names of one inode, for each that has several."""
    first: dict[int, str] = {}
    groups: dict[int, list[str]] = {}
    for path, inode in inodes.items():
        if inode in first:
            groups.setdefault(inode, [first[inode]]).append(path)
        else:
            first[inode] = path
    return list(groups.values())


def _make_equal(
    source: Path,
    target: Path,
    *,
    wanted: Modes,
    present: Modes,
    differing: Collection[str],
    groups: Iterable[list[str]],
) -> set[str]:
    """Make a tree equal to another one, given what is in both and in which paths they differ.

    `groups` are the paths that are one file. Returns all paths that may have another stamp now.
    """
    with _ALONE:
        others = [
            path
            for path, mode in present.items()
            if stat.S_IFMT(wanted.get(path, 0)) != stat.S_IFMT(mode)
        ]
        for path in reversed(others):
            if stat.S_ISDIR(present[path]):
                # What no index has, as sockets, is still in it.
                shutil.rmtree(f"{target}/{path}")
            else:
                os.unlink(f"{target}/{path}")
        directories = [path for path, mode in wanted.items() if stat.S_ISDIR(mode)]
        for path in directories:
            if path and not stat.S_ISDIR(present.get(path, 0)):
                os.mkdir(f"{target}/{path}")
    files = {path for path in differing if not stat.S_ISDIR(wanted[path])}
    copy_files(source, target, wanted, files)
    touched = {*differing, *others}
    for path in tuple(touched):
        # The program that copies writes the attributes of all directories above, too.
        while path and (path := os.path.dirname(path)) not in touched:
            touched.add(path)
    touched &= wanted.keys()
    with _ALONE:
        _link_again(target, groups, files)
        # Last, because whatever is made in a directory changes its times.
        for path in reversed(directories):
            if path in touched:
                copy_attributes(f"{source}/{path}", f"{target}/{path}", whole=bool(path))
    return touched


def _link_again(root: Path, groups: Iterable[list[str]], copied: Collection[str]) -> None:
    """Make one file again of the names of one, which may have been copied one by one."""
    for group in groups:
        if not any(path in copied for path in group):
            continue
        first = f"{root}/{group[0]}"
        for path in group[1:]:
            other = f"{root}/{path}"
            if os.lstat(first).st_ino != os.lstat(other).st_ino:
                os.unlink(other)
                os.link(first, other, follow_symlinks=False)
