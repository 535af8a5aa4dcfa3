"""Checkpoints of containers: their file systems, as far as they differ from their image.

Processes are not saved: after a restore systemd boots again, and starts what is enabled.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from runbook.labs import LabError
from runbook.labs.checkpoint_store import DIRECTORY, CheckpointStore, write_size
from runbook.labs.container import image
from runbook.labs.container.containers import RestoreSource
from runbook.labs.container.engine import ContainerInfo, Engine
from runbook.labs.container.host_files import (
    HostFiles,
    Plan,
    carry_over,
    clone_argv,
    index_file,
    mapped_files,
)
from runbook.labs.container.recipe import Recipe
from runbook.labs.parallel import in_parallel
from runbook.labs.state import CACHE
from runbook.model import Cluster

_COMMON: Final = CACHE / "checkpoints"
"""The checkpoints of all labs of containers; only root may look at them."""


@frozen
class ContainerCheckpoints:
    """The checkpoints in `store` of the lab with the identifier `lab`.

    `containers` has their names by host, and `images` the identifiers of the images that they
    are made of.
    """

    lab: str
    engine: Engine
    store: CheckpointStore
    containers: Mapping[str, str]
    images: Mapping[str, str]

    def take(
        self,
        name: str,
        about: str,
        hosts: Collection[str] | None = None,
        rest: Path | None = None,
    ) -> None:
        """Save all containers as they are, paused together meanwhile; needs the store's lock.

        Of all but some `hosts` the files are saved that the checkpoint in the directory `rest` has.

        Raises:
            LabError: they cannot be saved; nothing is left of it.

        """
        saved = {h: n for h, n in self.containers.items() if hosts is None or h in hosts}
        others = self.containers.keys() - saved.keys() if rest else ()
        part = evolve(self, containers=saved)
        with self.store.taking(name, about) as directory:
            size = part._take(directory, (rest,) if rest else ())  # ours
            for host in others:
                if rest is not None:
                    carry_over(rest, directory, host)
            write_size(directory, size)
        self.store.trim(self.store.path(name))

    def _take(self, directory: Path, needed: tuple[Path, ...]) -> int:
        """Save all containers in a directory; return the bytes that were copied.

        The checkpoints that are `needed` are not deleted to make room.
        """
        running = self._inspect("running")
        base = self._latest()
        with (
            _cloning(base, directory, self.containers) as cloned,
            _paused(self.engine, tuple(self.containers.values())),
        ):
            try:
                return self._save(directory, base, cloned, needed)
            finally:
                for host, info in self._inspect("paused").items():
                    if info["State"]["Pid"] != running[host]["State"]["Pid"]:
                        raise LabError(f"{host}: it was started anew while it was saved")

    def source(self, host: str, checkpoint: Path, held_back: Collection[str] = ()) -> RestoreSource:
        """Return what `host` is restored from to the checkpoint in that directory.

        The units that are `held_back` are not started when it boots.
        """

        def put_back(info: ContainerInfo) -> None:
            files = HostFiles(host, self.lab, info)
            files.put_back(checkpoint)
            files.hold_back(held_back)

        return RestoreSource(
            self.images[host],
            put_back,
            lambda info: HostFiles(host, self.lab, info).put_back_tmp(checkpoint),
            self.images[host],
        )

    def _save(
        self,
        directory: Path,
        base: Path | None,
        cloned: Callable[[str], object],
        needed: tuple[Path, ...],
    ) -> int:
        """Save the files of all hosts, which are paused; return the bytes that were copied."""
        paused = self._inspect("paused")
        mapped = mapped_files()
        files = {host: HostFiles(host, self.lab, info) for host, info in paused.items()}
        plans: dict[str, list[Plan]] = {}

        def plan(host: str) -> None:
            plans[host] = files[host].plan(base, mapped)

        def save(host: str) -> None:
            cloned(host)
            files[host].save(plans[host], directory)

        _for_each(plan, files)
        size = sum(one.size for planned in plans.values() for one in planned)
        self.store.make_room(size, [*needed, *([base] if base else [])])
        _for_each(save, files)
        return size

    def _inspect(self, state: str) -> dict[str, ContainerInfo]:
        """Return what the engine says of each host, which must be in that state."""
        found = self.engine.inspect(list(self.containers.values()))
        infos = {}
        for host, name in self.containers.items():
            now = str(found[name]["State"]["Status"]) if name in found else "gone"
            if now != state:
                raise LabError(f"{host}: its container is {now}; `runbook lab up` starts it")
            if image.of(found[name]) != self.images[host]:
                raise LabError(f"{host}: it is made of another image than this lab's")
            infos[host] = found[name]
        return infos

    def _latest(self) -> Path | None:
        """Return the checkpoint that this lab was last at: the most of it is still the same."""
        host = next(iter(self.containers))
        found: list[tuple[int, Path]] = []
        for one in self.store.list():
            path = self.store.path(one.name)
            index = index_file(path, host, self.lab)
            if index.exists():
                found.append((index.stat().st_mtime_ns, path))
        return max(found)[1] if found else None


def recipe_digest(cluster: Cluster, recipes: Mapping[str, Recipe]) -> str:
    """Return a digest of everything that the hosts of `cluster` are made of."""
    hosts = [
        (host.name, host.address, recipes[host.name].tag, recipes[host.name].data)
        for host in cluster.hosts
    ]
    parts = [hosts, cluster.network, cluster.environment]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def checkpoint_root() -> Path:
    """Return the directory with the checkpoints of all labs of containers."""
    return Path(os.environ.get(DIRECTORY) or _COMMON)


def checkpoint_store(digest: str, images: Iterable[str]) -> CheckpointStore:
    """Return the store of all labs with that `recipe_digest`, as long as they have these images."""
    built = hashlib.sha256(" ".join(images).encode()).hexdigest()[:8]
    return CheckpointStore(checkpoint_root(), digest, built)


def delete_checkpoints(digest: str) -> None:
    """Delete the checkpoints of all labs with that `recipe_digest`."""
    if checkpoint_root().exists():
        store = checkpoint_store(digest, ())
        with store.lock():
            store.delete_all()


def _for_each(act: Callable[[str], object], hosts: Mapping[str, HostFiles]) -> None:
    def one(host: str) -> None:
        try:
            act(host)
        except (LabError, OSError) as error:
            raise LabError(f"{host}: {error}") from error

    in_parallel(one, hosts)


@contextmanager
def _cloning(
    base: Path | None, directory: Path, hosts: Iterable[str]
) -> Iterator[Callable[[str], object]]:
    """Clone the files of all hosts from `base` into a new checkpoint, meanwhile.

    It gives a function that waits for those of one host.
    """
    running: dict[str, subprocess.Popen[str]] = {}

    def wait(host: str) -> None:
        process = running.pop(host, None)
        if process is not None:
            _, error = process.communicate()
            if process.returncode != 0:
                raise LabError(error.strip()[-300:])

    try:
        for host in hosts:
            (directory / host).mkdir()
            if base is not None:
                running[host] = subprocess.Popen(
                    clone_argv(base, directory, host),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    errors="replace",
                    start_new_session=True,
                )
        yield wait
    finally:
        for process in running.values():
            process.kill()
            process.communicate()


@contextmanager
def _paused(engine: Engine, names: tuple[str, ...]) -> Iterator[None]:
    """Pause the containers for as long as the context lasts.

    They go on when this program ends, however it ends: another one waits for that.
    """
    argv = engine.argv("unpause", *names)
    if engine.lock_directory is not None:
        # If this program is killed, its own command that pauses them may still be running.
        argv = ["flock", str(engine.lock_directory), *argv]
    with subprocess.Popen(
        ["sh", "-c", 'read -r line; exec "$@"', "sh", *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as waiting:
        try:
            engine.call("pause", *names)
            yield
        except BaseException:
            waiting.communicate()
            raise
        _, error = waiting.communicate()
        if waiting.returncode != 0:
            raise LabError(f"not all hosts go on after they were saved: {error.strip()}")
