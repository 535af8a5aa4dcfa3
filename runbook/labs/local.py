"""A lab of a single host: this machine."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from runbook.labs import HostStatus, LabError, Progress
from runbook.model import Cluster, Host
from runbook.model.suggestion import did_you_mean
from runbook.terminal.connection import Connection, LocalConnection

_IDENTITY: Final = (Path("/etc/machine-id"), Path("/proc/sys/kernel/random/boot_id"))


class LocalLab:
    """The machine that runs this program, as one of the guide's hosts.

    With a `cluster`, this machine is its `host`, which may be left out if there is only one or if
    this machine's own name is among them; the other hosts are absent. Without a `cluster`, it is
    the only host.

    Raises:
        LabError: `host` is not in the cluster, or is needed and was not given.

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
                + (
                    f"; there is no {host!r}{did_you_mean(host, names)}"
                    if host
                    else "; say which with --host"
                )
            )
        self.cluster = cluster
        self._host = host

    def instance(self) -> str:
        """Return an identifier of this machine, valid until it reboots."""
        return this_machine()

    def up(self, progress: Progress) -> None:
        """Do nothing: this machine is up."""

    def connections(self) -> Mapping[str, Connection]:
        """Return the connection to this machine."""
        return {self._host: LocalConnection(self._host)}

    def status(self) -> tuple[HostStatus, ...]:
        """Return this machine as running and all other hosts as absent."""
        return tuple(
            HostStatus(host.name, "running", "this machine")
            if host.name == self._host
            else HostStatus(host.name, "absent", "not part of a local lab")
            for host in self.cluster.hosts
        )

    def down(self, progress: Progress) -> None:
        """Remove nothing: the changes that the guide made to this machine remain."""
        progress("local: this machine is left as it is")


def this_machine() -> str:
    """Return an identifier of this machine, valid until it reboots."""
    found = [path.read_text().strip() for path in _IDENTITY if path.exists()]
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]
