"""All hosts of one lab of containers: inspected, started and restored together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from attrs import frozen

from runbook.labs import HostStatus, LabError, Origin, Progress
from runbook.labs.container.containers import (
    Containers,
    RestoreSource,
    Router,
    container_name,
)
from runbook.labs.container.engine import ContainerInfo
from runbook.labs.container.recipe import Recipe
from runbook.labs.container.state import container_state, exits, require_reboot
from runbook.labs.origin import OriginFile, OriginRecord
from runbook.labs.parallel import in_parallel
from runbook.model import Cluster, Host


@frozen
class LabHosts:
    """The hosts of `cluster`, made of `recipes`; `record` says what they came from."""

    cluster: Cluster
    recipes: Mapping[str, Recipe]
    containers: Containers
    record: OriginFile

    def name(self, host: str) -> str:
        """Return the name of the container of `host`; for an empty name, that of the router."""
        return container_name(self.containers.lab, host)

    def names(self) -> list[str]:
        """Return the names of all containers, the router's first."""
        return [self.name(host) for host in ("", *(one.name for one in self.cluster.hosts))]

    def inspect(self) -> dict[str, ContainerInfo]:
        """Return what the engine says of those containers that exist, by their names."""
        return self.containers.engine.inspect(self.names())

    def info(self, host: str) -> ContainerInfo:
        """Return what the engine says of the container of `host`.

        Raises:
            LabError: there is none.

        """
        found = self.inspect()
        if self.name(host) not in found:
            raise LabError(f"{host}: its container is gone")
        return found[self.name(host)]

    def running(self, host: str, wait: float) -> ContainerInfo | None:
        """Return what the engine says of a running container that does not exit within `wait` s.

        Raises:
            LabError: there is none.

        """
        info = self.info(host)
        return None if container_state(info) != "running" or exits(info, wait) else info

    def rebooted(self, host: str) -> ContainerInfo:
        """Return what the engine says of a container that has exited, and is started again.

        Raises:
            LabError: it did not exit to be rebooted, or does not start.

        """
        if self.running(host, 0.0) is None:
            # The engine takes note of the end a little later.
            self.containers.engine.call("wait", self.name(host))
            require_reboot(host, self.info(host))
            self.start(lambda _: None, host)
        return self.info(host)

    def ids(self) -> tuple[str, ...]:
        """Return the identifiers of the containers of those hosts that exist."""
        found = self.inspect()
        return tuple(str(found[name]["Id"]) for name in self.names()[1:] if name in found)

    def status(self) -> tuple[HostStatus, ...]:
        """Return which hosts are running, stopped or absent."""
        found = self.inspect()
        return tuple(_status(host, found.get(self.name(host.name))) for host in self.cluster.hosts)

    def start(self, progress: Progress, only: str = "") -> None:
        """Bring up all hosts in parallel, or `only` one, whatever state they are in.

        Raises:
            LabError: one does not start.

        """
        found = self.inspect()
        router = self._router(found)

        def start(host: Host) -> None:
            info = found.get(self.name(host.name))
            self.containers.start_host(host, self.recipes[host.name], info, router, progress)

        in_parallel(start, [one for one in self.cluster.hosts if only in ("", one.name)])

    def restore(
        self,
        source_of: Callable[[str], RestoreSource],
        progress: Progress,
        only: Collection[str] | None = None,
    ) -> None:
        """Restore all hosts in parallel, each from its source, and wait until they are ready.

        If it is to be `only` some, the others are switched off.

        Raises:
            LabError: one cannot be restored.

        """
        found = self.inspect()
        hosts = [one for one in self.cluster.hosts if only is None or one.name in only]
        others = {self.name(one.name) for one in self.cluster.hosts if one not in hosts}
        if up := [n for n in others & found.keys() if container_state(found[n]) != "exited"]:
            self.containers.engine.stop(*up)
        router = self._router(found)
        failed: dict[str, list[str]] = {}

        def restore(host: Host) -> None:
            info = found.get(self.name(host.name))
            recipe = self.recipes[host.name]
            source = source_of(host.name)
            failed[host.name] = self.containers.restore_host(host, recipe, info, router, source)

        def retry(host: str) -> None:
            units = self.containers.retry_units(host, failed[host])
            if units:
                progress(f"{host}: failed to start {', '.join(units)}")

        in_parallel(restore, hosts)
        # What needs another host may have failed because all of them started at once.
        in_parallel(retry, [host for host, units in failed.items() if units])

    @contextmanager
    def bringing_back(self, origin: Origin, name: str = "") -> Iterator[None]:
        """Record where the hosts come from, when all of them are back."""
        self.record.write(OriginRecord(Origin.MIXED))
        yield
        self.record.write(OriginRecord(origin, name, self.ids()))

    @contextmanager
    def coming_up(self) -> Iterator[None]:
        """Record whether the hosts are made anew, all or some, when they are up."""
        before = self.ids()
        record = self.record.read()
        making = not before or (record is not None and record.making)
        if making:
            self.record.write(OriginRecord(Origin.FRESH, complete=False))
        yield
        after = self.ids()
        if making or not set(before) & set(after):
            self.record.write(OriginRecord(Origin.FRESH, hosts=after))
        elif before != after:
            self.record.write(OriginRecord(Origin.MIXED, hosts=after))

    def _router(self, found: Mapping[str, ContainerInfo]) -> Router:
        first = self.recipes[self.cluster.hosts[0].name]
        return self.containers.start_router(found.get(self.name("")), first)


def _status(host: Host, info: ContainerInfo | None) -> HostStatus:
    if info is None:
        return HostStatus(host.name, "absent")
    state = container_state(info)
    if state == "running":
        return HostStatus(host.name, "running", "container")
    return HostStatus(host.name, "stopped", f"container {state}")
