"""The containers of one lab: its router and its hosts; they are started, repaired or recreated."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError, Progress
from runbook.labs.apt import apt_settings
from runbook.labs.container import boot, image, kernel_limits, network
from runbook.labs.container.engine import ContainerInfo, Engine
from runbook.labs.container.recipe import Recipe
from runbook.labs.container.state import container_state
from runbook.model import Host

LAB_LABEL: Final = "org.sphinx-runbook.lab"
"""The label of everything that a lab creates; its value is the lab's identifier."""

RECIPE_LABEL: Final = "org.sphinx-runbook.made-of"
"""The label of a host; its value changes with everything that the host is created from."""


def container_name(lab: str, host: str) -> str:
    """Return the name of the container of `host`; for an empty name, that of the router."""
    return f"{lab}_{host}"


@frozen
class Router:
    """What hosts need of the router: its process, its interfaces, and its resolv.conf."""

    pid: int
    ports: frozenset[str]
    resolver: str


@frozen
class RestoreSource:
    """What a host is restored from: an image, and what puts files back before and after its start.

    Both are given what the engine says of the container. If `image_id` is that of the present
    container's image, this container is used; otherwise the host is recreated.
    """

    image: str
    put_back: Callable[[ContainerInfo], object]
    after_start: Callable[[ContainerInfo], object] = lambda _: None
    image_id: str = ""


@frozen
class Containers:
    """The containers of the lab with the identifier `lab`, its files in `state`, and its subnet."""

    lab: str
    state: Path
    engine: Engine
    network: str

    def try_boot(self, recipe: Recipe) -> None:
        """Boot a host without a network and remove it, to test the engine.

        Raises:
            LabError: the host does not boot.

        """
        name = container_name(self.lab, f"attempt-{uuid.uuid4().hex[:8]}")
        directory = self.state / name
        try:
            with boot.NotifySocket(directory) as socket:
                options = [*self.engine.systemd_options(), *boot.options(directory)]
                self._run(name, options, recipe.tag, "/sbin/init")
                socket.wait(self._pid(name), boot.TRIAL)
        finally:
            self.engine.remove(name)
            shutil.rmtree(directory, ignore_errors=True)

    def start_router(self, info: ContainerInfo | None, recipe: Recipe) -> Router:
        """Return the running router, which is created from `recipe` if there is none.

        Raises:
            LabError: it does not start, or its network cannot be configured.

        """
        name = container_name(self.lab, "")
        if info is None or container_state(info) != "running":
            self.engine.remove(name)
            options = [*self.engine.run_options(), "--sysctl=net.ipv4.ip_forward=1"]
            try:
                self._run(name, options, recipe.tag, "sleep", "infinity")
            except LabError as error:
                raise LabError(f"the lab's router does not start: {error}") from error
        pid = self._pid(name)
        network.configure_router(pid, self.network)
        # The resolver that the engine gave the router works for the hosts behind it too.
        resolver = network.run_in_namespace(pid, ["cat", "/etc/resolv.conf"], kinds=("--mount",))
        return Router(pid, network.bridge_ports(pid), resolver)

    def start_host(
        self,
        host: Host,
        recipe: Recipe,
        info: ContainerInfo | None,
        router: Router,
        progress: Progress,
    ) -> None:
        """Bring `host` up, whatever state it is in, and wait until it is ready.

        Raises:
            LabError: it does not start; the message names the host.

        """
        try:
            if info is not None and container_state(info) == "paused":
                # A program that was saving it was killed.
                self.engine.call("unpause", container_name(self.lab, host.name))
                info = self._info(container_name(self.lab, host.name))
            info = self._checked(host, recipe, info, progress)
            if info is not None and container_state(info) == "running":
                if self._answers(host, info, router):
                    return
                progress(f"{host.name}: restarted, because its systemd did not answer")
                self.engine.stop(container_name(self.lab, host.name))
            failed, _ = self._boot(host, recipe, info, router)
        except LabError as error:
            raise LabError(f"{host.name}: {error}") from error
        failures = f"; failed to start {', '.join(failed)}" if failed else ""
        progress(f"{host.name}: ready at {host.address}{failures}")

    def restore_host(
        self,
        host: Host,
        recipe: Recipe,
        info: ContainerInfo | None,
        router: Router,
        source: RestoreSource,
    ) -> list[str]:
        """Restore `host` from `source`, and wait until it is ready; return the units that failed.

        Raises:
            LabError: it does not start; the message names the host.

        """
        name = container_name(self.lab, host.name)
        try:
            if info is not None and self._reusable(host, recipe, info, source):
                self.engine.stop(name)
            else:
                info = None
                self.engine.remove(name)
            failed, started = self._boot(host, recipe, info, router, source)
            source.after_start(started)
        except (LabError, OSError) as error:
            raise LabError(f"{host.name}: {error}") from error
        return failed

    def retry_units(self, host: str, units: list[str]) -> list[str]:
        """Start `units` of a host again; return those that still fail."""
        return boot.retry_units(self._pid(container_name(self.lab, host)), units)

    def _reusable(
        self, host: Host, recipe: Recipe, info: ContainerInfo, source: RestoreSource
    ) -> bool:
        return (
            info["Config"]["Labels"].get(RECIPE_LABEL) == self._recipe_digest(host, recipe)
            and image.of(info) == source.image_id
            and container_state(info) in ("running", "exited", "paused")
        )

    def _checked(
        self, host: Host, recipe: Recipe, info: ContainerInfo | None, progress: Progress
    ) -> ContainerInfo | None:
        """Return `info` if the host is complete and up to date, else remove the host."""
        if info is None:
            return None
        if info["Config"]["Labels"].get(RECIPE_LABEL) != self._recipe_digest(host, recipe):
            reason = "its definition has changed"
        elif container_state(info) == "lost":
            reason = "its processes are gone, although the engine reports it as running"
        elif container_state(info) not in ("running", "exited"):
            reason = "it was incomplete"
        else:
            return info
        progress(f"{host.name}: recreated, because {reason}")
        name = container_name(self.lab, host.name)
        self.engine.remove(name)
        self.engine.call("volume", "rm", "--force", name)
        return None

    def _answers(self, host: Host, info: ContainerInfo, router: Router) -> bool:
        """Complete the setup of a running host; return whether its systemd answers."""
        pid = int(info["State"]["Pid"])
        link = network.HostLink(host.address, self.network)
        if link.bridge_port not in router.ports:
            network.connect(router.pid, pid, link)
        boot.write_host_files(pid, host.name, router.resolver, apt_settings())
        return boot.system_state(pid) in ("running", "degraded")

    def _boot(
        self,
        host: Host,
        recipe: Recipe,
        info: ContainerInfo | None,
        router: Router,
        source: RestoreSource | None = None,
    ) -> tuple[list[str], ContainerInfo]:
        """Create or start the host; return the units that failed, and its running container."""
        name = container_name(self.lab, host.name)
        with boot.NotifySocket(self.state / host.name) as socket:
            if info is None:
                self._create(host, recipe, source)
            if source is not None:
                # Where a container has its files does not change as long as it exists.
                source.put_back(info or self._info(name))
            if info is not None or source is not None:
                self.engine.call("start", name)
            started = self._started(name)
            pid = int(started["State"]["Pid"])
            try:
                network.connect(router.pid, pid, network.HostLink(host.address, self.network))
                boot.write_host_files(pid, host.name, router.resolver, apt_settings())
                socket.wait(pid, boot.READY, idle=lambda: boot.resume(pid))
            except LabError as error:
                # What fails in its namespaces first is of no interest if it has ended meanwhile.
                self._started(name)
                if limit := kernel_limits.exhausted():
                    raise LabError(f"{error}: {limit}") from error
                raise
        return boot.finish_boot(pid), started

    def _create(self, host: Host, recipe: Recipe, source: RestoreSource | None = None) -> None:
        name = container_name(self.lab, host.name)
        options = [
            *self.engine.systemd_options(),
            *boot.options(self.state / host.name),
            f"--hostname={host.name}",
            f"--label={RECIPE_LABEL}={self._recipe_digest(host, recipe)}",
        ]
        if recipe.data:
            # A volume of that name can only be left over from a host that no longer exists.
            self.engine.call("volume", "rm", "--force", name)
            label = f"--label={LAB_LABEL}={self.lab}"
            self.engine.call("volume", "create", label, name)
            options.append(f"--volume={name}:{recipe.data}")
        if source is None:
            self._run(name, options, recipe.tag, "/sbin/init")
        else:
            self.engine.call("create", *self._named(name), *options, source.image, "/sbin/init")

    def _run(self, name: str, options: list[str], *command: str) -> None:
        self.engine.call("run", "--detach", *self._named(name), *options, *command)

    def _named(self, name: str) -> list[str]:
        return [f"--name={name}", f"--label={LAB_LABEL}={self.lab}"]

    def _info(self, name: str) -> ContainerInfo:
        found = self.engine.inspect([name])
        if name not in found:
            raise LabError("its container is gone")
        return found[name]

    def _started(self, name: str) -> ContainerInfo:
        """Return what the engine says of a container that it has started.

        Raises:
            LabError: it does not run any more.

        """
        info = self._info(name)
        state = info["State"]
        if not state["Pid"]:
            why = state.get("Error") or kernel_limits.exhausted() or "no reason given"
            raise LabError(f"its container ended at once: {why}")
        return info

    def _pid(self, name: str) -> int:
        return int(self._started(name)["State"]["Pid"])

    def _recipe_digest(self, host: Host, recipe: Recipe) -> str:
        parts = (recipe.tag, recipe.data, host.address, self.network)
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
