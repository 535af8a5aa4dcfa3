"""A lab with checkpoints whose hosts are the machine that runs the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from attrs import define, field

from runbook.labs import Checkpoint, HostStatus, LabError, Origin
from runbook.model import Cluster
from runbook.terminal.connection import Connection, LocalConnection
from tests.support.steps import CLUSTER


@define
class Store:
    """Checkpoints by name, with what was noted with them: all labs share them."""

    kept: dict[str, str] = field(factory=dict)


@define
class Machine:
    """A lab whose hosts are this machine; it counts how often it is brought back.

    Its files, in `place`, are what is brought back: they are removed. With `broken` it does not
    come up.
    """

    place: Path
    store: Store
    broken: bool = False
    name: str = "machine"
    came_from: tuple[Origin, str] = (Origin.FRESH, "")
    cluster: Cluster = CLUSTER
    returns: int = 0
    made_of: ClassVar = "this machine"

    def instance(self) -> str:
        """Return that there are always hosts."""
        return self.name

    def up(self, progress: Callable[[str], None]) -> None:
        """Fail, if it is broken."""
        if self.broken:
            raise LabError("b: out of memory")
        progress("up")

    def down(self, progress: Callable[[str], None]) -> None:
        """Leave this machine as it is."""
        progress("down")

    def connections(self) -> Mapping[str, Connection]:
        """Return the connection to this machine, twice."""
        return {host.name: LocalConnection(host.name) for host in self.cluster.hosts}

    def status(self) -> tuple[HostStatus, ...]:
        """Return that all are running."""
        return tuple(HostStatus(host.name, "running") for host in self.cluster.hosts)

    def recipe_digest(self) -> str:
        """Return what every lab has."""
        return "recipe"

    def origin(self) -> tuple[Origin, str]:
        """Return where the hosts come from."""
        return self.came_from

    def renew(self, progress: Callable[[str], None]) -> None:
        """Remove the files."""
        self.restore_checkpoint("", progress)
        self.came_from = Origin.FRESH, ""

    def take_checkpoint(self, name: str, about: str, progress: Callable[[str], None]) -> None:
        """Note it."""
        progress(name)
        self.store.kept[name] = about

    def restore_checkpoint(self, name: str, progress: Callable[[str], None]) -> None:
        """Remove the files."""
        if name and name not in self.store.kept:
            raise LabError(f"there is no checkpoint {name!r}")
        progress(name)
        self.returns += 1
        self.came_from = Origin.CHECKPOINT, name
        for path in self.place.iterdir():
            path.unlink()

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Return what was noted."""
        return tuple(Checkpoint(n, about, 0, 0.0, 0.0) for n, about in self.store.kept.items())

    def delete_checkpoint(self, name: str) -> None:
        """Forget it."""
        self.store.kept.pop(name, None)
