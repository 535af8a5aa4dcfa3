"""The container lab: systemd hosts on a private network on this machine."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from attrs import evolve

from runbook.labs import Checkpoint, HeldBack, HostStatus, LabError, Origin, Progress
from runbook.labs.container import image
from runbook.labs.container.checkpoints import (
    ContainerCheckpoints,
    checkpoint_store,
    delete_checkpoints,
    recipe_digest,
)
from runbook.labs.container.confinement import refuse_confinement
from runbook.labs.container.containers import Containers, container_name
from runbook.labs.container.engine import (
    Engine,
    clear_cache,
    default_engine,
    installed_engines,
)
from runbook.labs.container.hosts import LabHosts
from runbook.labs.container.recipe import recipes
from runbook.labs.container.removal import remove_all, remove_hosts, remove_images, remove_strangers
from runbook.labs.container.requirements import refuse_missing
from runbook.labs.container.slow_units import slow_units
from runbook.labs.container.snapshots import ContainerSnapshots
from runbook.labs.origin import OriginFile
from runbook.labs.state import DATA, STATE, locked, wait_for_release
from runbook.model import Cluster
from runbook.terminal.connection import Connection, ContainerConnection


class ContainerLab:
    """The lab of `cluster` in containers on this machine; needs root, of a namespace at least.

    `directory` holds the guide's cluster file. Each directory has its own lab, even if name and
    addresses are the same. Who changes it has a lock on `lock_directory`, which is the same one;
    labs that are changed side by side need one each.
    """

    made_of: ClassVar = "containers"

    def __init__(self, cluster: Cluster, directory: Path, name: str | None = None) -> None:
        self.cluster = cluster
        self.directory = self.lock_directory = directory.resolve()
        self.name = name or cluster.name
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:8]
        self.id = f"{self.name}-{digest}"
        self._recipes = recipes(cluster)
        self._state = STATE / self.id
        self._origin = OriginFile(DATA / "containers" / f"{self.id}.json")
        self._default_engine: Engine | None = None

    def container_name(self, host: str) -> str:
        """Return the name of the container of `host`."""
        return container_name(self.id, host)

    def instance(self) -> str:
        """Return a digest of the hosts and their origin; empty unless all exist."""
        ids = self._hosts().ids()
        if len(ids) < len(self.cluster.hosts):
            return ""
        made_of = " ".join([*ids, self._origin.token]).strip()
        return hashlib.sha256(made_of.encode()).hexdigest()[:16]

    def up(self, progress: Progress) -> None:
        """Bring the hosts up in parallel; running hosts that are up to date are left alone.

        Raises:
            LabError: a requirement is missing, or a host does not start.

        """
        with self._locked():
            hosts = self._hosts(self.engine(progress))
            remove_strangers(hosts.containers.engine, self.id, hosts.names(), progress)
            with hosts.coming_up():
                hosts.start(progress)

    def connections(self) -> Mapping[str, Connection]:
        """Return the connection to each host, through the engine's `exec`."""
        engine = (self._any_engine().program,)

        def connection(host: str) -> Connection:
            boot = functools.partial(self.boot, host)
            return ContainerConnection(host, engine, self.container_name(host), boot)

        return {host.name: connection(host.name) for host in self.cluster.hosts}

    def status(self) -> tuple[HostStatus, ...]:
        """Return which hosts are running, stopped or absent."""
        return self._hosts().status()

    def down(self, progress: Progress, *, image: bool = False) -> None:
        """Remove the hosts, their volumes, their network, their snapshots and the lab's files.

        The image is kept for the next time, unless `image` is true.

        Raises:
            LabError: something could not be removed.

        """
        refuse_missing()
        with locked(self.lock_directory):
            if self._state.exists():
                wait_for_release(self._state)
            digest = self.recipe_digest()
            for engine in installed_engines():
                containers, volumes = remove_all(engine, self.id, self._hosts().names())
                progress(f"{self.name}: removed {containers} containers and {volumes} volumes")
                evolve(self._snapshots(), engine=engine).delete_all()
                if image:
                    remove_images(engine, self._recipes.values(), self.name, progress)
            if image:
                clear_cache()
                delete_checkpoints(digest)
            self._origin.delete()
            shutil.rmtree(self._state, ignore_errors=True)
            with contextlib.suppress(OSError):
                STATE.rmdir()

    def snapshot(self, name: str, progress: Progress) -> None:
        """Save the hosts' file systems and data volumes; processes are not saved."""
        with self._locked():
            if any(one.state != "running" for one in self.status()):
                raise LabError("not all hosts are running; `runbook lab up` starts them")
            self._snapshots().create(name)
        progress(f"{self.name}: saved as {name}")

    def revert(self, name: str, progress: Progress) -> None:
        """Recreate the hosts from the snapshot `name`, and start them."""
        with self._locked():
            snapshots = self._snapshots()
            snapshots.require(name)
            hosts = self._hosts(self.engine(progress))
            with hosts.bringing_back(Origin.SNAPSHOT, name):
                hosts.restore(lambda host: snapshots.source(host, name), progress)
        progress(f"{self.name}: reverted to {name}")

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots, oldest first."""
        return self._snapshots().names()

    def delete_snapshot(self, name: str, progress: Progress) -> None:
        """Delete the snapshot `name`."""
        refuse_missing()
        with locked(self.lock_directory):
            self._snapshots().delete(name)
        progress(f"{self.name}: deleted snapshot {name}")

    def recipe_digest(self) -> str:
        """Return a digest of the images, the hosts with their addresses, and the environment."""
        return recipe_digest(self.cluster, self._recipes)

    def origin(self) -> tuple[Origin, str]:
        """Return what the present hosts came from."""
        return self._origin.of(self._hosts().ids())

    def renew(self, progress: Progress) -> None:
        """Remove all hosts, and create them anew."""
        with self._locked():
            hosts = self._hosts(self.engine(progress))
            with hosts.bringing_back(Origin.FRESH):
                remove_hosts(hosts.containers.engine, hosts.names()[1:])
                hosts.start(progress)

    def take_checkpoint(self, name: str, about: str, progress: Progress) -> None:
        """Save the hosts' file systems, data volumes and /tmp; processes are not saved."""
        checkpoints = self._checkpoints()
        with self._locked(), checkpoints.store.lock():
            checkpoints.take(name, about)
        progress(f"{self.name}: checkpoint {name}")

    def save_hosts(self, name: str, about: str, hosts: Collection[str], rest: str) -> None:
        """Save `hosts` in a checkpoint, and of the others what is in the checkpoint `rest`."""
        checkpoints = self._checkpoints()
        with self._locked(), checkpoints.store.lock():
            checkpoints.take(name, about, hosts, checkpoints.store.require(rest))

    def restore_checkpoint(self, name: str, progress: Progress) -> None:
        """Give the hosts the files that they had at the checkpoint `name`, and start them."""
        self._restore(name, None, progress)

    def restore_hosts(self, name: str, hosts: HeldBack, progress: Progress) -> None:
        """Give `hosts` the files that they had at the checkpoint `name`, and stop the others."""
        self._restore(name, hosts, progress)

    def slow_units(self, host: str) -> Collection[str]:
        """Return the units that took a large part of the start of a container, or failed."""
        return slow_units(int(self._hosts().info(host)["State"]["Pid"]))

    def _restore(self, name: str, only: HeldBack | None, progress: Progress) -> None:
        kept, held = self._checkpoints(), only or {}
        # Many seconds long; several labs may be restored meanwhile.
        with self._locked(), kept.store.reading():
            path = kept.store.require(name)
            hosts = self._hosts(self.engine(progress))
            origin = (Origin.CHECKPOINT, name) if only is None else (Origin.MIXED, "")
            with hosts.bringing_back(*origin):
                hosts.restore(lambda h: kept.source(h, path, held.get(h, ())), progress, only)
        progress(f"{self.name}: restored {name}")

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Return the checkpoints of all labs of the same recipe, the last used first."""
        return self._checkpoints().store.list()

    def checkpoint_path(self, name: str) -> Path:
        """Return the directory of the checkpoint `name` of hosts that are made of these images."""
        return self._checkpoints().store.path(name)

    def image_identifiers(self) -> dict[str, str]:
        """Return the engine's identifiers of the images of the hosts, by tag; empty for none."""
        found = image.identifiers(self._any_engine(), self._recipes.values())
        return {recipe.tag: identifier for recipe, identifier in found.items()}

    def delete_checkpoint(self, name: str) -> None:
        """Delete the checkpoint `name`, if there is one."""
        store = self._checkpoints().store
        with store.lock():
            store.delete(name)

    def boot(self, host: str, wait: float) -> str:
        """Return an identifier of the present start of the container of `host`.

        It has `wait` seconds to exit; if it does so to be rebooted, it is started again.

        Raises:
            LabError: it is gone, or switched off, or does not start again.

        """
        info = self._hosts().running(host, wait)
        if info is None:
            with self._locked():
                info = self._hosts(self.engine(lambda _: None)).rebooted(host)
        return str(info["State"]["StartedAt"])

    def engine(self, progress: Progress) -> Engine:
        """Return an engine with options that boot a host on this machine; build missing images."""
        refuse_confinement()
        recipes = list(dict.fromkeys(self._recipes.values()))

        def try_boot(engine: Engine) -> None:
            self._containers(engine).try_boot(recipes[0])

        return image.engine_with_images(self._any_engine(), recipes, try_boot, progress)

    def _snapshots(self) -> ContainerSnapshots:
        names = {host.name: self.container_name(host.name) for host in self.cluster.hosts}
        return ContainerSnapshots(self.id, self._any_engine(), names)

    def _any_engine(self) -> Engine:
        """Return the engine without options for starting hosts, which is enough for queries."""
        if self._default_engine is None:
            try:
                self._default_engine = default_engine()
            except LabError:
                # Without its privileges an engine fails with words that do not name them.
                if os.geteuid() == 0:
                    refuse_confinement()
                raise
        return self._default_engine

    def _containers(self, engine: Engine) -> Containers:
        locking = evolve(engine, lock_directory=self._state)
        return Containers(self.id, self._state, locking, self.cluster.network)

    def _hosts(self, engine: Engine | None = None) -> LabHosts:
        """Return all hosts; `engine` has the options for starting them."""
        containers = self._containers(engine or self._any_engine())
        return LabHosts(self.cluster, self._recipes, containers, self._origin)

    def _checkpoints(self) -> ContainerCheckpoints:
        hosts = self._hosts()
        images = image.identifiers(self._any_engine(), self._recipes.values())
        return ContainerCheckpoints(
            self.id,
            hosts.containers.engine,
            checkpoint_store(self.recipe_digest(), images.values()),
            {host.name: hosts.name(host.name) for host in self.cluster.hosts},
            {host.name: images[self._recipes[host.name]] for host in self.cluster.hosts},
        )

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lab's lock, and wait for commands that a program which was killed has left."""
        refuse_missing()
        with locked(self.lock_directory):
            self._state.mkdir(parents=True, exist_ok=True)
            wait_for_release(self._state)
            yield
