"""Checkpoints on disk: a directory each, complete or not there, and limited in number and size."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs.protocol import Checkpoint, LabError
from runbook.labs.state import locked, shared_lock

COUNT: Final = "RUNBOOK_CHECKPOINTS_COUNT"
"""The environment variable with the number of checkpoints that are kept; 0: runs take none."""
BYTES: Final = "RUNBOOK_CHECKPOINTS_BYTES"
"""The environment variable with the bytes that all checkpoints may take."""

DIRECTORY: Final = "RUNBOOK_CHECKPOINTS_DIRECTORY"
"""The environment variable with the directory for checkpoints, if it is not the common one."""

_DEFAULTS: Final = {COUNT: 40, BYTES: 20_000_000_000}
_FREE: Final = 0.1
"""The part of a file system that checkpoints leave free."""


def limit(variable: str) -> int:
    """Return the limit that the environment variable sets, or the default.

    Raises:
        LabError: it is not a number.

    """
    text = os.environ.get(variable, "")
    if not text:
        return _DEFAULTS[variable]
    if not text.isdecimal():
        raise LabError(f"{variable} must be a whole number, not {text!r}")
    return int(text)


@frozen
class CheckpointStore:
    """The checkpoints of the labs of one `recipe`, below the directory `root` that all share.

    `build` tells what was made of the recipe at one time; checkpoints of another build are not
    seen. The limits are those of all recipes together. All methods but `list` and `path` need the
    lock; `require` can do with `reading`. `forget` is called with the name of a checkpoint before
    its directory is deleted.
    """

    root: Path
    recipe: str
    build: str
    forget: Callable[[str], None] = lambda _: None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store's lock, and remove first what a program that was killed left there."""
        self._make()
        with locked(self._kept), locked(self.root):
            _remove(*self.root.glob("partial-*"))
            _remove(*self.root.glob("deleted-*"), wait=False)
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep others from changing or deleting checkpoints; they may read at the same time.

        Whoever waits for the `lock` is before those who come later, so that labs that are
        restored all the time do not keep another one from being saved.
        """
        self._make()
        with contextlib.ExitStack() as until_read:
            with locked(self._kept):
                until_read.enter_context(shared_lock(self.root))
            yield

    def _make(self) -> None:
        self._kept.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def path(self, name: str) -> Path:
        """Return the directory of the checkpoint `name`."""
        return self._kept / self.recipe / self.build / name

    def list(self) -> tuple[Checkpoint, ...]:
        """Return the checkpoints of this build, the last used first."""
        return self._read(f"{self.recipe}/{self.build}/*")

    def require(self, name: str) -> Path:
        """Return the directory of the checkpoint `name`, and note that it is used now.

        Raises:
            LabError: there is none of that name.

        """
        path = self.path(name)
        try:
            os.utime(path / "about")
        except FileNotFoundError:
            raise LabError(f"there is no checkpoint {name!r}") from None
        return path

    @contextmanager
    def taking(self, name: str, about: str) -> Iterator[Path]:
        """Give a new directory for what the checkpoint `name` consists of.

        It becomes the checkpoint when the context is left, and takes the place of an older one of
        that name; or it is removed, if it is left with an error.
        """
        partial = self.root / f"partial-{uuid.uuid4().hex}"
        partial.mkdir(mode=0o700)
        try:
            yield partial
            (partial / "about").write_text(about, encoding="utf-8")
            path = self.path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            old = self._set_aside(path)
            # Nothing is flushed, which may take seconds on a busy disk. After a power failure a
            # file may be shorter than it was; a restore sees that.
            partial.rename(path)
            _remove(*old, wait=False)
        except OSError as error:
            raise LabError(f"the checkpoint cannot be written: {error}") from error
        finally:
            _remove(partial)

    def make_room(self, needed: int, keep: Collection[Path]) -> None:
        """Delete the least used checkpoints until there is space for `needed` bytes more.

        Those in the directories `keep` stay.

        Raises:
            LabError: there is not enough space even so.

        """
        while (lacking := self._lacking(needed)) > 0:
            if not self._delete_oldest(keep, wait=True):
                raise LabError(
                    f"a checkpoint takes {_in_mb(needed)}, and there is not enough space:"
                    f" {_in_mb(lacking)} more must be free below {self.root}, so that a tenth of"
                    f" the file system stays free"
                )

    def trim(self, keep: Path) -> None:
        """Delete the least used checkpoints until the limits hold; that in `keep` stays.

        A count of 0 is for runs, which then take none: it says nothing of those that are there.
        """
        while True:
            found = self._read("*/*/*")
            few = not limit(COUNT) or len(found) <= limit(COUNT)
            if few and sum(one.size for one in found) <= limit(BYTES):
                return
            if not self._delete_oldest([keep], wait=False):
                return

    def delete(self, name: str) -> None:
        """Delete the checkpoint `name`, if there is one."""
        path = self.path(name)
        if path.exists():
            self.forget(name)
            _remove(*self._set_aside(path), wait=False)

    def delete_all(self) -> None:
        """Delete all checkpoints of the recipe, whatever build they are of."""
        for one in self.list():
            self.forget(one.name)
        _remove(*self._set_aside(self._kept / self.recipe))

    @property
    def _kept(self) -> Path:
        return self.root / "kept"

    def _read(self, pattern: str) -> tuple[Checkpoint, ...]:
        found = [one for path in self._kept.glob(pattern) if (one := _read(path)) is not None]
        return tuple(sorted(found, key=lambda one: one.used, reverse=True))

    def _delete_oldest(self, keep: Collection[Path], *, wait: bool) -> bool:
        known = [path for path in self._kept.glob("*/*/*") if path not in keep]
        if not known:
            return False
        oldest = min(known, key=_used)
        if oldest == self.path(oldest.name):
            self.forget(oldest.name)
        _remove(*self._set_aside(oldest), wait=wait)
        return True

    def _lacking(self, needed: int) -> int:
        space = os.statvfs(self.root)
        keep_free = int(space.f_blocks * space.f_frsize * _FREE)
        return needed + keep_free - space.f_bavail * space.f_frsize

    def _set_aside(self, path: Path) -> tuple[Path, ...]:
        """Rename a directory, so that it is no checkpoint any more, and return it."""
        if not path.exists():
            return ()
        aside = self.root / f"deleted-{uuid.uuid4().hex}"
        path.rename(aside)
        return (aside,)


def write_size(directory: Path, size: int) -> None:
    """Note in the `directory` of a new checkpoint how many bytes it takes."""
    (directory / "checkpoint.json").write_text(json.dumps({"size": size, "taken": time.time()}))


def _read(path: Path) -> Checkpoint | None:
    try:
        known = json.loads((path / "checkpoint.json").read_text(encoding="utf-8"))
        about = (path / "about").read_text(encoding="utf-8")
        return Checkpoint(path.name, about, int(known["size"]), float(known["taken"]), _used(path))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _used(path: Path) -> float:
    try:
        return (path / "about").stat().st_mtime
    except OSError:
        return 0.0


def _remove(*paths: Path, wait: bool = True) -> None:
    """Remove directories; without `wait` another program goes on with it."""
    if paths:
        # It is several times faster than shutil.
        argv = [*([] if wait else ["setsid", "--fork"]), "rm", "-rf", "--", *map(str, paths)]
        subprocess.run(argv, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)  # fmt: skip


def _in_mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
