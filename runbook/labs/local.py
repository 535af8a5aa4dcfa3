"""A lab of one host: this very machine."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Final

from runbook.connect import Connection, LocalConnection
from runbook.labs import HostStatus, LabError
from runbook.model import Cluster, Host

_IDENTITY: Final = (Path("/etc/machine-id"), Path("/proc/sys/kernel/random/boot_id"))


class LocalLab:
    """A machine, the one we are on, in the part of one host of the guide.

    Without a `cluster` it stands alone, under its own name. With one it is `host`, which
    may be left out if the cluster has only one host; the other hosts are not there.

    Raises:
        LabError: the cluster has several hosts and `host` is none of them.

    """

    made_of: ClassVar = "a single machine"

    def __init__(self, cluster: Cluster | None = None, host: str | None = None) -> None:
        self.name = "local"
        if cluster is None:
            name = host or socket.gethostname().partition(".")[0]
            cluster = Cluster("local", "127.0.0.0/8", (Host(name, "127.0.0.1"),))
        names = [one.name for one in cluster.hosts]
        if host is None and len(names) == 1:
            host = names[0]
        if host is None and socket.gethostname().partition(".")[0] in names:
            host = socket.gethostname().partition(".")[0]
        if host not in names:
            known = ", ".join(names)
            raise LabError(
                f"this machine must be one of the guide's hosts: {known}"
                + (f"; there is no {host!r}" if host else "; say which with --host")
            )
        self.cluster = cluster
        self._host = host

    def instance(self) -> str:
        """Return what identifies this machine since it was last booted."""
        found = [path.read_text().strip() for path in _IDENTITY if path.exists()]
        return hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]

    def up(self, tell: Callable[[str], None]) -> None:
        """Do nothing: this machine is up."""

    def connections(self) -> Mapping[str, Connection]:
        """Return how to reach this machine from itself."""
        return {self._host: LocalConnection(self._host)}

    def status(self) -> tuple[HostStatus, ...]:
        """Return that this machine is running, and that the others are not part of the lab."""
        return tuple(
            HostStatus(host.name, "running", "this machine")
            if host.name == self._host
            else HostStatus(host.name, "absent", "not part of a local lab")
            for host in self.cluster.hosts
        )

    def down(self, tell: Callable[[str], None]) -> None:
        """Remove nothing: what the guide did to this machine stays."""
        tell("local: this machine stays as it is")
