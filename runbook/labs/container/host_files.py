"""The files of one container: saved in a checkpoint, and put back from it.

They are three trees: the upper directory of its overlay file system, which is what differs from
the image; its data volume; and its /tmp, which the engine keeps in memory.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError
from runbook.labs.container.boot import NOT_WHILE_IT_BOOTS
from runbook.labs.container.engine import ContainerInfo
from runbook.labs.container.snapshots import data_volume
from runbook.labs.container.tree import (
    Copy,
    Index,
    Live,
    copy_into,
    differing_paths,
    index_of_unknown,
    put_back,
    save,
    scan,
)

_UPPER: Final = "upper"
_DATA: Final = "data"
_TMP: Final = "tmp"
_SETTINGS: Final = "etc/systemd/system.control"
"""The directory of systemd's settings of units that none of its others comes before."""
_PRIVATE_TMP: Final = "systemd-private-"
"""How systemd calls what it makes in /tmp for a service; the name changes with every start."""
_SHARED_MAPPING: Final = re.compile(r"^\S+ .w.s \S+ \S+ (\d+) +(/.*)$", re.MULTILINE)

Mapped = Collection[str | int]
"""The paths, and inodes, of files that a program writes to through its memory."""


@frozen
class _Tree:
    """A tree on this machine, and the path at which the container has it."""

    kind: str
    root: Path
    place: str


@frozen
class Plan:
    """What saving one tree takes: what is there now, and the copy that has some of it already."""

    tree: _Tree
    live: Live
    base: Copy | None
    unsure: Mapped
    differing: frozenset[str]

    @property
    def size(self) -> int:
        """The bytes that are to be copied."""
        return sum(self.live[path].st_blocks * 512 for path in self.differing)


@frozen
class HostFiles:
    """The files of the container of `host` in the lab with the identifier `lab`."""

    host: str
    lab: str
    info: ContainerInfo

    def plan(self, base: Path | None, mapped: Mapped) -> list[Plan]:
        """Return what `save` has to do; `base` is the checkpoint that this lab was last at.

        Raises:
            LabError: the files are not where this lab can read them.

        """
        known = self._indexes(base) if base else {}
        plans = []
        for tree in (*self._trees(), *self._tmp()):
            live = scan(tree.root)
            if tree.kind == _TMP:
                live = {p: info for p, info in live.items() if not p.startswith(_PRIVATE_TMP)}
            copy = None
            if base is not None and tree.kind in known:
                copy = Copy(base / self.host / tree.kind, known[tree.kind])
            unsure = _below(tree.place, mapped)
            plans.append(Plan(tree, live, copy, unsure, differing_paths(live, copy, unsure)))
        return plans

    def save(self, plans: list[Plan], checkpoint: Path) -> None:
        """Copy the files into the directory of a new checkpoint, a clone of their base.

        Raises:
            LabError: something cannot be copied.
            OSError: likewise.

        """
        indexes = {}
        for plan in plans:
            target = checkpoint / self.host / plan.tree.kind
            indexes[plan.tree.kind] = save(
                plan.tree.root, plan.live, target, plan.base, plan.differing, plan.unsure
            )
        self._write(checkpoint, indexes)

    def put_back(self, checkpoint: Path) -> None:
        """Give the container, which is stopped, the files that it had at the checkpoint.

        Raises:
            LabError: something cannot be copied.
            OSError: likewise.

        """
        indexes = self._indexes(checkpoint)
        for tree in self._trees():
            if tree.kind in indexes:
                copy = Copy(checkpoint / self.host / tree.kind, indexes[tree.kind])
                indexes[tree.kind] = put_back(copy, tree.root)
        self._write(checkpoint, indexes)

    def hold_back(self, units: Collection[str]) -> None:
        """Keep `units` of the container, which is stopped, from being started when it boots.

        They can be started afterwards.
        """
        system, *_ = self._trees()
        for unit in units:
            directory = system.root / _SETTINGS / f"{unit}.d"
            directory.mkdir(parents=True, exist_ok=True)
            (directory / "held-back.conf").write_text(NOT_WHILE_IT_BOOTS, encoding="utf-8")

    def put_back_tmp(self, checkpoint: Path) -> None:
        """Copy what was in /tmp into that of the container, which has booted.

        Raises:
            LabError: something cannot be copied.

        """
        index = self._indexes(checkpoint).get(_TMP, {})
        for tree in self._tmp():
            if len(index) > 1:
                copy_into(Copy(checkpoint / self.host / _TMP, index), tree.root)

    def _trees(self) -> list[_Tree]:
        upper = (self.info.get("GraphDriver", {}).get("Data") or {}).get("UpperDir")
        if not upper:
            raise LabError("the container engine does not keep its files with the driver overlay")
        trees = [_Tree(_UPPER, Path(upper), "/")]
        volume = data_volume(self.info)
        if volume is not None:
            mounts = [one for one in self.info["Mounts"] if one.get("Type") == "volume"]
            trees.append(_Tree(_DATA, volume, f"{mounts[0]['Destination']}/"))
        return trees

    def _tmp(self) -> list[_Tree]:
        """Return /tmp, if it is not among the other files."""
        system = Path(f"/proc/{self.info['State']['Pid']}/root")
        tmp = system / "tmp"
        if not tmp.is_dir() or tmp.stat().st_dev == system.stat().st_dev:
            return []
        return [_Tree(_TMP, tmp, "/tmp/")]  # noqa: S108  # the host's

    def _index_file(self, checkpoint: Path) -> Path:
        return index_file(checkpoint, self.host, self.lab)

    def _indexes(self, checkpoint: Path) -> dict[str, Index]:
        """Return the indexes of the trees in a checkpoint, by kind.

        If this lab was never at that checkpoint, its files are compared by way of the one that it
        was last at.
        """
        with contextlib.suppress(OSError, ValueError):
            return _read(self._index_file(checkpoint))
        for path in (checkpoint / self.host).glob("index-*.json"):
            with contextlib.suppress(OSError, ValueError):
                return self._compared(checkpoint, _read(path))
        raise LabError("the checkpoint is damaged: nothing says what is in it")

    def _compared(self, checkpoint: Path, indexes: dict[str, Index]) -> dict[str, Index]:
        last, known = self._last(checkpoint.parent)
        found = {}
        for kind, index in indexes.items():
            base = Copy(last / self.host / kind, known[kind]) if kind in known else None
            copy = Copy(checkpoint / self.host / kind, index)
            found[kind] = index_of_unknown(copy, base)
        return found

    def _last(self, checkpoints: Path) -> tuple[Path, dict[str, Index]]:
        """Return the checkpoint that this lab was last at, and its indexes; none if it is gone."""
        stamped = []
        for path in checkpoints.glob(f"*/{self.host}/{self._index_file(checkpoints).name}"):
            with contextlib.suppress(OSError):
                stamped.append((path.stat().st_mtime_ns, path))
        for _, path in sorted(stamped, reverse=True)[:1]:
            with contextlib.suppress(OSError, ValueError):
                return path.parents[1], _read(path)
        return checkpoints, {}

    def _write(self, checkpoint: Path, indexes: dict[str, Index]) -> None:
        path = self._index_file(checkpoint)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(indexes, separators=(",", ":")), encoding="utf-8")
        partial.replace(path)


def clone_argv(base: Path, checkpoint: Path, host: str) -> list[str]:
    """Return the command that links all files of `host` in `base` into a new checkpoint."""
    trees = [str(path) for kind in (_UPPER, _DATA, _TMP) if (path := base / host / kind).is_dir()]
    return ["cp", "--archive", "--link", "--", *trees, str(checkpoint / host)]


def carry_over(base: Path, checkpoint: Path, host: str) -> None:
    """Link all that `base` has of `host` into a new checkpoint, also how labs' files compare to it.

    Raises:
        LabError: it cannot be linked.

    """
    done = subprocess.run(
        ["cp", "--archive", "--link", "--", str(base / host), str(checkpoint)],
        capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise LabError(f"{host}: {done.stderr.strip()[-300:]}")


def index_file(checkpoint: Path, host: str, lab: str) -> Path:
    """Return the file that says how the files of a lab's host compare to those in a checkpoint."""
    return checkpoint / host / f"index-{lab}.json"


def mapped_files() -> Mapped:
    """Return the files that any program on this machine writes to through its memory.

    Such a write does not change the times of a file whose memory was written to before.
    """
    found: set[str | int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "maps").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            # It has ended.
            continue
        for inode, path in _SHARED_MAPPING.findall(text):
            found.update((int(inode), path))
    return found


def _below(place: str, mapped: Mapped) -> Mapped:
    """Return the same files by their paths in the tree that the container has at `place`."""
    return {
        one if isinstance(one, int) else one.removeprefix(place)
        for one in mapped
        if isinstance(one, int) or one.startswith(place)
    }


def _read(path: Path) -> dict[str, Index]:
    return {
        kind: {path: tuple(stamp) for path, stamp in index.items()}
        for kind, index in json.loads(path.read_text(encoding="utf-8")).items()
    }
