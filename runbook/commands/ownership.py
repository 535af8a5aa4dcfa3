"""What root writes for a guide belongs to the guide's owner, who goes on with it without root."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from runbook.results import evidence

_WRITTEN: Final = (Path("build"), evidence.PLACE)
"""Where commands write, relative to the guide."""


def hand_back(guide: Path) -> None:
    """Give what root has written for the guide to the owner of its directory.

    Without root, or if that is the owner, nothing is done. What belongs to others stays theirs, as
    does a file with several names, of which one may be elsewhere.
    """
    if os.geteuid() != 0:
        return
    owner = guide.stat()
    if owner.st_uid == 0:
        return
    for place in _WRITTEN:
        if not (guide / place).is_dir() or (guide / place).is_symlink():
            continue
        for _, directories, files, handle in os.fwalk(guide / place, follow_symlinks=False):
            for name in ("", *directories, *files):
                _give(name or ".", handle, owner)


def _give(name: str, directory: int, owner: os.stat_result) -> None:
    try:
        found = os.lstat(name, dir_fd=directory)
        if found.st_uid != 0 or (not stat.S_ISDIR(found.st_mode) and found.st_nlink > 1):
            return
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return  # another command has removed it
