"""A lab of containers: systemd hosts on one private network, on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

from attrs import evolve

from runbook.connect import Connection, ContainerConnection
from runbook.labs import HostStatus, LabError, image, network
from runbook.labs.commits import Commits
from runbook.labs.engine import PROGRAMS, Engine, find, forget, program, programs
from runbook.labs.pod import LAB, Pod, container, state
from runbook.labs.recipe import recipes
from runbook.labs.state import STATE, locked, outlived
from runbook.model import Cluster, Host

Tell = Callable[[str], None]


class ContainerLab:
    """The lab of `cluster` in containers of this machine; needs root.

    `directory` is where the guide keeps its cluster file. Labs of different directories
    are different labs, even with the same name and the same addresses.
    """

    made_of: ClassVar = "containers"

    def __init__(self, cluster: Cluster, directory: Path, name: str | None = None) -> None:
        self.cluster = cluster
        self.directory = directory.resolve()
        self.name = name or cluster.name
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:8]
        self.id = f"{self.name}-{digest}"
        self._recipes = recipes(cluster)
        self._state = STATE / self.id
        self._program: Engine | None = None

    def container(self, host: str) -> str:
        """Return the name of the container that is `host`."""
        return container(self.id, host)

    def instance(self) -> str:
        """Return the digest of the hosts' containers; empty unless every host is there."""
        found = self._inspect()
        ids = [found[name]["Id"] for host in self.cluster.hosts
               if (name := self.container(host.name)) in found]  # fmt: skip
        if len(ids) < len(self.cluster.hosts):
            return ""
        return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]

    def up(self, tell: Tell) -> None:
        """Bring the hosts up in parallel; those that are up and as described stay.

        Raises:
            LabError: the machine lacks something, or a host does not start.

        """
        _demand()
        with locked(self.directory):
            self._state.mkdir(parents=True, exist_ok=True)
            outlived(self._state)
            engine = self.engine(tell)
            self._remove_strangers(engine, tell)
            pod = self._pod(engine)
            found = self._inspect()
            first = self._recipes[self.cluster.hosts[0].name]
            way_out = pod.router(found.get(self.container("")), first)
            with ThreadPoolExecutor(max_workers=len(self.cluster.hosts)) as pool:
                started = [
                    pool.submit(
                        pod.host,
                        host,
                        self._recipes[host.name],
                        found.get(self.container(host.name)),
                        way_out,
                        tell,
                    )
                    for host in self.cluster.hosts
                ]
            errors = [str(done.exception()) for done in started if done.exception()]
            if errors:
                raise LabError("; ".join(errors))

    def connections(self) -> Mapping[str, Connection]:
        """Return how to reach each host by the engine's own way into a container."""
        engine = (self._any().program,)
        return {
            host.name: ContainerConnection(host.name, engine, self.container(host.name))
            for host in self.cluster.hosts
        }

    def status(self) -> tuple[HostStatus, ...]:
        """Return which hosts are running, stopped, or not there at all."""
        found = self._inspect()
        return tuple(_status(host, found.get(self.container(host.name))) for host in
                     self.cluster.hosts)  # fmt: skip

    def down(self, tell: Tell, *, image: bool = False) -> None:
        """Remove the hosts, their volumes, their network and the lab's files.

        The image stays for the next time, unless `image` is true.

        Raises:
            LabError: something could not be removed.

        """
        _demand()
        with locked(self.directory):
            if self._state.exists():
                outlived(self._state)
            engines = list(programs())
            if not engines and any(shutil.which(name) for name in PROGRAMS):
                program()  # says why an engine that is there cannot be asked
            for engine in engines:
                self._remove(engine, tell)
                evolve(self._commits(), engine=engine).clear()
                if image:
                    self._remove_images(engine, tell)
            if image:
                forget()
            shutil.rmtree(self._state, ignore_errors=True)
            with contextlib.suppress(OSError):
                STATE.rmdir()

    def snapshot(self, name: str, tell: Tell) -> None:
        """Keep the hosts' file systems and data as they are now; their processes are not kept."""
        _demand()
        with locked(self.directory):
            if any(one.state != "running" for one in self.status()):
                raise LabError("not all hosts are running; `runbook lab up` starts them")
            self._commits().make(name)
        tell(f"{self.name}: kept as {name}")

    def revert(self, name: str, tell: Tell) -> None:
        """Make the hosts anew of the snapshot `name`, and start them."""
        _demand()
        with locked(self.directory):
            commits = self._commits()
            commits.demand(name)
            pod = self._pod(self.engine(tell))
            way_out = pod.router(
                self._inspect().get(self.container("")), self._recipes[self.cluster.hosts[0].name]
            )
            with ThreadPoolExecutor(max_workers=len(self.cluster.hosts)) as pool:
                started = [
                    pool.submit(
                        pod.again, host, self._recipes[host.name], way_out, commits, name, tell
                    )
                    for host in self.cluster.hosts
                ]
            errors = [str(done.exception()) for done in started if done.exception()]
            if errors:
                raise LabError("; ".join(errors))

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots, the oldest first."""
        return self._commits().found()

    def forget(self, name: str, tell: Tell) -> None:
        """Remove the snapshot `name`."""
        _demand()
        with locked(self.directory):
            self._commits().forget(name)
        tell(f"{self.name}: {name} is removed")

    # What follows brings single parts up and down.

    def _commits(self) -> Commits:
        names = {host.name: self.container(host.name) for host in self.cluster.hosts}
        return Commits(self.id, self._any(), names)

    def _any(self) -> Engine:
        """Return the engine without a way of starting containers: enough to ask it."""
        if self._program is None:
            self._program = program()
        return self._program

    def engine(self, tell: Tell) -> Engine:
        """Return the engine with the options that boot a host here, and all images made."""
        kinds = list(dict.fromkeys(self._recipes.values()))

        def images(engine: Engine) -> None:
            for kind in kinds:
                image.ensure(engine, kind, tell)

        def attempt(candidate: Engine) -> None:
            if not image.bootstraps():
                # The engine makes the image by running things in it, as it would run a host.
                images(candidate)
            self._pod(candidate).attempt(kinds[0])

        if image.bootstraps():
            images(self._any())
        engine = find(self._any(), attempt, tell)
        if not image.bootstraps():
            images(engine)
        return engine

    def _pod(self, engine: Engine) -> Pod:
        return Pod(self.id, self._state, evolve(engine, hold=self._state), self.cluster.network)

    def _remove_strangers(self, engine: Engine, tell: Tell) -> None:
        """Remove containers of this lab that are none of the cluster's hosts any more."""
        mine = engine.call("ps", "--all", f"--filter=label={LAB}={self.id}", "--format={{.Names}}")
        for name in sorted(set(mine.split()) - set(self._names())):
            tell(f"{name.removeprefix(self.container(''))}: removed, the cluster has no such host")
            engine.remove(name)
            engine.call("volume", "rm", "--force", name)

    def _names(self) -> list[str]:
        return [self.container(""), *(self.container(host.name) for host in self.cluster.hosts)]

    def _remove(self, engine: Engine, tell: Tell) -> None:
        mine = ["--quiet", f"--filter=label={LAB}={self.id}"]
        containers = engine.call("ps", "--all", *mine).split()
        engine.remove(*containers, *self._names())
        volumes = engine.call("volume", "ls", *mine).split()
        if volumes:
            engine.call("volume", "rm", "--force", *volumes)
        tell(f"{self.name}: removed {len(containers)} containers and {len(volumes)} volumes")

    def _remove_images(self, engine: Engine, tell: Tell) -> None:
        for recipe in dict.fromkeys(self._recipes.values()):
            if image.remove(engine, recipe):
                tell(f"{self.name}: removed the image {recipe.tag}")

    def _inspect(self) -> dict[str, dict[str, Any]]:
        return self._any().inspect(self._names())


def _demand() -> None:
    if os.geteuid() != 0:
        raise LabError("the container lab needs root: run it with sudo")
    lacking = network.missing()
    if lacking:
        raise LabError(f"this machine lacks {', '.join(lacking)}")


def _status(host: Host, known: dict[str, Any] | None) -> HostStatus:
    if known is None:
        return HostStatus(host.name, "absent")
    found = state(known)
    if found == "running":
        return HostStatus(host.name, "running", "container")
    return HostStatus(host.name, "stopped", f"container {found}")
