"""Snapshots of containers: file systems are saved as images, data volumes as archives.

Processes are not saved. After a revert systemd boots again, and starts what is enabled.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError
from runbook.labs.container.containers import RestoreSource
from runbook.labs.container.engine import ContainerInfo, Engine
from runbook.labs.parallel import in_parallel
from runbook.labs.state import CACHE

SNAPSHOT_LABEL: Final = "org.sphinx-runbook.snapshot"
"""The label of a snapshot's images; its value is the lab's identifier."""

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
"""The names that a snapshot may have; they are used as image tags."""

_TAR: Final = ("tar", "--xattrs", "--xattrs-include=*", "--acls", "--sparse", "--numeric-owner")


@frozen
class ContainerSnapshots:
    """The snapshots of the lab with the identifier `lab`; `containers` has their names by host."""

    lab: str
    engine: Engine
    containers: Mapping[str, str]

    def create(self, name: str) -> None:
        """Save the state of all containers, which are paused together meanwhile.

        Raises:
            LabError: the name is invalid or taken, or the engine or tar fails.

        """
        if not NAME.match(name):
            raise LabError(
                f"{name!r} is not a snapshot name: only lower-case letters, digits, '.', '_', '-'"
            )
        if name in self.names():
            raise LabError(f"there is already a snapshot {name!r}; delete it or use another name")
        directory = self._directory(name)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        infos = self.engine.inspect(list(self.containers.values()))
        self.engine.call("pause", *self.containers.values())
        try:
            in_parallel(
                lambda host: self._save(host, name, infos[self.containers[host]]), self.containers
            )
        except BaseException:
            self._remove(name)
            raise
        finally:
            self.engine.call("unpause", *self.containers.values())
        (directory / "complete").touch()

    def source(self, host: str, name: str) -> RestoreSource:
        """Return what `host` is restored from to the snapshot `name`."""

        def restore_volume(info: ContainerInfo) -> None:
            archive = self._directory(name) / f"{host}.tar"
            volume = data_volume(info)
            if archive.exists() and volume is not None:
                _run([*_TAR, "-xf", str(archive), "-C", str(volume)])

        return RestoreSource(self._image(host, name), restore_volume)

    def _image(self, host: str, name: str) -> str:
        return f"localhost/runbook-{self.lab}-{host}:{name}"

    def names(self) -> tuple[str, ...]:
        """Return the names of the snapshots, oldest first."""
        marks = sorted(
            (CACHE / "snapshots" / self.lab).glob("*/complete"),
            key=lambda path: (path.stat().st_mtime_ns, path.parent.name),
        )
        return tuple(mark.parent.name for mark in marks)

    def require(self, name: str) -> None:
        """Check that there is a snapshot `name`.

        Raises:
            LabError: there is none.

        """
        if name not in self.names():
            known = ", ".join(self.names()) or "none"
            raise LabError(f"there is no snapshot {name!r}; there are {known}")

    def delete(self, name: str) -> None:
        """Delete the snapshot `name`.

        Raises:
            LabError: there is none.

        """
        self.require(name)
        self._remove(name)

    def delete_all(self) -> None:
        """Delete all snapshots of the lab, including incomplete ones."""
        directory = CACHE / "snapshots" / self.lab
        images = self.engine.call(
            "images", "--quiet", f"--filter=label={SNAPSHOT_LABEL}={self.lab}"
        ).split()
        for image in dict.fromkeys(images):
            self.engine.call("image", "rm", "--force", image)
        shutil.rmtree(directory, ignore_errors=True)

    def _save(self, host: str, name: str, info: ContainerInfo) -> None:
        try:
            self.engine.call(
                "commit",
                f"--change=LABEL {SNAPSHOT_LABEL}={self.lab}",
                self.containers[host],
                self._image(host, name),
            )
            volume = data_volume(info)
            if volume is not None:
                archive = self._directory(name) / f"{host}.tar"
                _run([*_TAR, "-cf", str(archive), "-C", str(volume), "."])
        except LabError as error:
            raise LabError(f"{host}: {error}") from error

    def _remove(self, name: str) -> None:
        # The mark goes first: without it the snapshot does not count.
        (self._directory(name) / "complete").unlink(missing_ok=True)
        for host in self.containers:
            # An image that a host is based on cannot be removed now; `delete_all` does it later.
            with contextlib.suppress(LabError):
                self.engine.call("image", "rm", self._image(host, name))
        shutil.rmtree(self._directory(name), ignore_errors=True)

    def _directory(self, name: str) -> Path:
        return CACHE / "snapshots" / self.lab / name


def data_volume(info: ContainerInfo) -> Path | None:
    """Return the directory of a container's data volume on this machine, if it has one."""
    for mount in info.get("Mounts", []):
        if mount.get("Type") == "volume":
            return Path(mount["Source"])
    return None


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    # tar reports sockets, which it skips, with status 0 or 1.
    if done.returncode > 1:
        raise LabError(f"{argv[0]}: {done.stderr.strip()[-300:]}")
