"""Containers as they were: their file systems as images, their data volumes as archives.

A container's processes cannot be kept. After a return its systemd starts anew, so what ran then
runs again only if it is enabled.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from runbook.labs import LabError
from runbook.labs.engine import CACHE, Engine

LABEL: Final = "org.sphinx-runbook.snapshot"
"""The label of a snapshot's images; its value is the lab's identity."""

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
"""What a snapshot may be called: it is the tag of an image."""

_TAR: Final = ("tar", "--xattrs", "--xattrs-include=*", "--acls", "--sparse", "--numeric-owner")


@frozen
class Commits:
    """The snapshots of the lab with the identity `lab`; its containers are by host `names`."""

    lab: str
    engine: Engine
    names: Mapping[str, str]

    def make(self, name: str) -> None:
        """Keep all containers as they are now; they stand still meanwhile, together.

        Raises:
            LabError: the engine or tar refuses, or the name is taken or none.

        """
        if not NAME.match(name):
            raise LabError(f"{name!r} is no name of a snapshot: lower-case letters, digits, . _ -")
        if name in self.found():
            raise LabError(f"there is a snapshot {name!r}; remove it, or take another name")
        place = self._place(name)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        known = self.engine.inspect(list(self.names.values()))
        self.engine.call("pause", *self.names.values())
        try:
            _side_by_side(self.names, lambda host: self._keep(host, name, known, place))
        except BaseException:
            self._drop(name)
            raise
        finally:
            self.engine.call("unpause", *self.names.values())
        (place / "complete").touch()

    def image(self, host: str, name: str) -> str:
        """Return the image that the snapshot `name` has of `host`."""
        return f"localhost/runbook-{self.lab}-{host}:{name}"

    def fill(self, host: str, name: str, volume: Path) -> None:
        """Put what the snapshot `name` has of a host's data into its new `volume`."""
        archive = self._place(name) / f"{host}.tar"
        if archive.exists():
            _run([*_TAR, "-xf", str(archive), "-C", str(volume)])

    def found(self) -> tuple[str, ...]:
        """Return the names of the snapshots, the oldest first."""
        marks = sorted(
            (CACHE / "snapshots" / self.lab).glob("*/complete"),
            key=lambda path: (path.stat().st_mtime_ns, path.parent.name),
        )
        return tuple(mark.parent.name for mark in marks)

    def demand(self, name: str) -> None:
        """Make sure that there is a snapshot `name`.

        Raises:
            LabError: there is none.

        """
        if name not in self.found():
            known = ", ".join(self.found()) or "none at all"
            raise LabError(f"there is no snapshot {name!r}; there are {known}")

    def forget(self, name: str) -> None:
        """Remove the snapshot `name`."""
        self.demand(name)
        self._drop(name)

    def clear(self) -> None:
        """Remove all snapshots of the lab, also those that were made only halfway."""
        directory = CACHE / "snapshots" / self.lab
        images = self.engine.call("images", "--quiet", f"--filter=label={LABEL}={self.lab}").split()
        for one in dict.fromkeys(images):
            self.engine.call("image", "rm", "--force", one)
        shutil.rmtree(directory, ignore_errors=True)

    def _keep(self, host: str, name: str, known: Mapping[str, Any], place: Path) -> None:
        container = self.names[host]
        self.engine.call(
            "commit",
            f"--change=LABEL {LABEL}={self.lab}",
            container,
            self.image(host, name),
        )
        volume = data(known[container])
        if volume is not None:
            _run([*_TAR, "-cf", str(place / f"{host}.tar"), "-C", str(volume), "."])

    def _drop(self, name: str) -> None:
        # The mark goes first: without it the rest is nothing.
        (self._place(name) / "complete").unlink(missing_ok=True)
        for host in self.names:
            # A host that stands on it keeps it from being removed; `clear` comes after the hosts.
            with contextlib.suppress(LabError):
                self.engine.call("image", "rm", self.image(host, name))
        shutil.rmtree(self._place(name), ignore_errors=True)

    def _place(self, name: str) -> Path:
        return CACHE / "snapshots" / self.lab / name


def data(known: Mapping[str, Any]) -> Path | None:
    """Return where on this machine the data volume of a container is, if it has one."""
    for mount in known.get("Mounts", []):
        if mount.get("Type") == "volume":
            return Path(mount["Source"])
    return None


def _side_by_side(hosts: Iterable[str], act: Callable[[str], None]) -> None:
    names = list(hosts)
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        done = [pool.submit(act, host) for host in names]
    errors = [f"{h}: {one.exception()}" for h, one in zip(names, done, strict=True)
              if one.exception()]  # fmt: skip
    if errors:
        raise LabError("; ".join(errors))


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    # A socket in the tree is no file to be kept, which tar says with status 0 or 1.
    if done.returncode > 1:
        raise LabError(f"{argv[0]}: {done.stderr.strip()[-300:]}")
