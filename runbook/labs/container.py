"""A lab of containers: systemd hosts on one private network, on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from runbook.connect import Connection, ContainerConnection
from runbook.labs import HostStatus, LabError, boot, image, network
from runbook.labs.engine import Engine, find, program, programs
from runbook.labs.recipe import Recipe, recipes
from runbook.labs.registry import settings
from runbook.labs.state import STATE, holding, locked, outlived
from runbook.model import Cluster, Host

LAB: Final = "org.sphinx-runbook.lab"
MADE_OF: Final = "org.sphinx-runbook.made-of"

_READY: Final = 90.0

Tell = Callable[[str], None]


class ContainerLab:
    """The lab of `cluster` in containers of this machine; needs root.

    `directory` is where the guide keeps its cluster file. Labs of different directories
    are different labs, even with the same name and the same addresses.
    """

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
        return f"{self.id}_{host}"

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
            engine = self._engine(tell)
            found = self._inspect()
            router = self._router(engine, found)
            ports = network.plugged(router)
            resolver = self._resolver(router)
            with ThreadPoolExecutor(max_workers=len(self.cluster.hosts)) as pool:
                started = [
                    pool.submit(self._host, engine, host, found, router, ports, resolver, tell)
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
            for engine in programs():
                self._remove(engine, tell)
                if image:
                    self._remove_images(engine, tell)
            shutil.rmtree(self._state, ignore_errors=True)
            with contextlib.suppress(OSError):
                STATE.rmdir()

    # What follows brings single parts up and down.

    def _any(self) -> Engine:
        """Return the engine without a way of starting containers: enough to ask it."""
        if self._program is None:
            self._program = program()
        return self._program

    def _engine(self, tell: Tell) -> Engine:
        """Return the engine with the options that boot a host here, and all images made."""
        engine = self._any()
        kinds = list(dict.fromkeys(self._recipes.values()))
        if image.bootstraps():
            for kind in kinds:
                image.ensure(engine, kind, tell)

        def attempt(candidate: Engine) -> None:
            for kind in kinds:
                image.ensure(candidate, kind, tell)
            self._attempt(candidate, kinds[0])

        engine = find(engine, attempt, tell)
        for kind in kinds:
            image.ensure(engine, kind, tell)
        return engine

    def _attempt(self, engine: Engine, recipe: Recipe) -> None:
        """Boot a host that is removed again, to see whether `engine` can."""
        name = f"{self.id}_attempt-{uuid.uuid4().hex[:8]}"
        directory = self._state / name
        try:
            with boot.Readiness(directory) as readiness:
                argv = [*engine.init(), *boot.options(directory)]
                self._run(engine, name, argv, recipe.tag, "/sbin/init")
                readiness.wait(_pid(engine.inspect([name])[name]), timeout=_READY)
        finally:
            engine.call("rm", "--force", "--volumes", name)
            shutil.rmtree(directory, ignore_errors=True)

    def _router(self, engine: Engine, found: dict[str, dict[str, Any]]) -> int:
        """Return the process whose network namespace is the running router's."""
        name = self.container("")
        known = found.get(name)
        if known is None or not _running(known):
            if known is not None:
                engine.call("rm", "--force", "--volumes", name)
            recipe = next(iter(self._recipes.values()))
            options = [*engine.limits(), "--sysctl=net.ipv4.ip_forward=1"]
            try:
                self._run(engine, name, options, recipe.tag, "sleep", "infinity")
            except LabError as error:
                raise LabError(f"the lab's router does not start: {error}") from error
            known = engine.inspect([name])[name]
        pid = _pid(known)
        network.make_router(pid, self.cluster.network)
        return pid

    def _resolver(self, router: int) -> str:
        """Return the resolv.conf that the engine gave the router, so that it works outward."""
        return network.inside(router, ["cat", "/etc/resolv.conf"], kind="--mount")

    def _host(
        self,
        engine: Engine,
        host: Host,
        found: dict[str, dict[str, Any]],
        router: int,
        ports: frozenset[str],
        resolver: str,
        tell: Tell,
    ) -> None:
        try:
            name = self.container(host.name)
            known = found.get(name)
            made_of = self._made_of(host)
            if known is not None and known["Config"]["Labels"].get(MADE_OF) != made_of:
                tell(f"{host.name}: made anew, because what it is made of has changed")
                self._discard(engine, host)
                known = None
            elif known is not None and known["State"]["Status"] not in ("running", "exited"):
                tell(f"{host.name}: made anew, because it was only half made")
                self._discard(engine, host)
                known = None
            plug = network.Plug(host.address, self.cluster.network)
            if known is not None and _running(known):
                pid = _pid(known)
                if plug.port not in ports:
                    network.plug(router, pid, plug)
                if boot.state(pid) in ("running", "degraded"):
                    boot.own_names(pid, host.name, resolver, settings())
                    return
                tell(f"{host.name}: its systemd does not answer, so it is started again")
                engine.call("stop", "--time=0", name)
            with boot.Readiness(self._state / host.name) as readiness:
                if known is None:
                    self._make(engine, host)
                else:
                    engine.call("start", name, hold=self._state)
                pid = _pid(engine.inspect([name])[name])
                network.plug(router, pid, plug)
                boot.own_names(pid, host.name, resolver, settings())
                readiness.wait(pid, timeout=_READY)
            failed = boot.failed_units(pid)
            tell(
                f"{host.name}: ready at {host.address}"
                + (f", without {', '.join(failed)}" if failed else "")
            )
        except LabError as error:
            raise LabError(f"{host.name}: {error}") from error

    def _make(self, engine: Engine, host: Host) -> None:
        recipe = self._recipes[host.name]
        name = self.container(host.name)
        options = [
            *engine.init(),
            *boot.options(self._state / host.name),
            f"--hostname={host.name}",
            f"--label={MADE_OF}={self._made_of(host)}",
        ]
        if recipe.data:
            options.append(f"--volume={name}:{recipe.data}")
            engine.call("volume", "create", f"--label={LAB}={self.id}", name, hold=self._state)
        self._run(engine, name, options, recipe.tag, "/sbin/init")

    def _run(self, engine: Engine, name: str, options: list[str], *command: str) -> None:
        engine.call(
            "run",
            "--detach",
            f"--name={name}",
            f"--label={LAB}={self.id}",
            *options,
            *command,
            hold=self._state,
        )

    def _made_of(self, host: Host) -> str:
        recipe = self._recipes[host.name]
        parts = (recipe.tag, recipe.data, host.address, self.cluster.network)
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]

    def _discard(self, engine: Engine, host: Host) -> None:
        name = self.container(host.name)
        engine.call("rm", "--force", "--volumes", name)
        if self._recipes[host.name].data:
            engine.call("volume", "rm", "--force", name)

    def _remove(self, engine: Engine, tell: Tell) -> None:
        mine = ["--quiet", f"--filter=label={LAB}={self.id}"]
        named = [self.container(""), *(self.container(host.name) for host in self.cluster.hosts)]
        containers = engine.call("ps", "--all", *mine).split()
        engine.call("rm", "--force", "--volumes", *containers, *named)
        volumes = engine.call("volume", "ls", *mine).split()
        if volumes:
            engine.call("volume", "rm", "--force", *volumes)
        tell(f"{self.name}: removed {len(containers)} containers and {len(volumes)} volumes")

    def _remove_images(self, engine: Engine, tell: Tell) -> None:
        for recipe in dict.fromkeys(self._recipes.values()):
            if image.remove(engine, recipe):
                tell(f"{self.name}: removed the image {recipe.tag}")

    def _inspect(self) -> dict[str, dict[str, Any]]:
        names = [self.container(""), *(self.container(host.name) for host in self.cluster.hosts)]
        return self._any().inspect(names)


def _demand() -> None:
    if os.geteuid() != 0:
        raise LabError("the container lab needs root: run it with sudo")
    lacking = network.missing()
    if lacking:
        raise LabError(f"this machine lacks {', '.join(lacking)}")


def _pid(known: dict[str, Any]) -> int:
    pid = int(known["State"]["Pid"])
    if not pid:
        raise LabError(f"its container ended at once: {known['State'].get('Error') or 'no reason'}")
    return pid


def _running(known: dict[str, Any]) -> bool:
    return bool(known["State"]["Status"] == "running")


def _status(host: Host, known: dict[str, Any] | None) -> HostStatus:
    if known is None:
        return HostStatus(host.name, "absent")
    state = str(known["State"]["Status"])
    if state == "running":
        return HostStatus(host.name, "running", "container")
    return HostStatus(host.name, "stopped", f"container {state}")
