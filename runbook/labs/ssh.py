"""A lab of existing machines that are reached by ssh and listed in an inventory.

```yaml
# lab/inventory.yaml
user: admin                   # the login user; default: the current user
key: ~/.ssh/id_ed25519        # these are defaults for all hosts
known_hosts: known_hosts      # relative to this file; default: the user's own file
hosts:
  gs1: {address: 192.168.10.101, port: 2222, user: root}
  gs2: {}                     # at its address in the cluster file
```

The cluster file defines the guide's hosts and groups; hosts that the inventory does not list are
not part of the lab. Without a cluster file, the guide has the hosts of the inventory.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Final

from runbook.errors import RunbookError
from runbook.labs import HostStatus, Progress
from runbook.labs.inventory import read_inventory
from runbook.model import Cluster, Host
from runbook.terminal.connection import Connection, SshConnection
from runbook.terminal.pipe import Pipe

INVENTORY: Final = Path("lab/inventory.yaml")
"""The default path of the inventory, relative to the directory of conf.py."""

_DEFAULT_KNOWN_HOSTS: Final = (Path("~/.ssh/known_hosts"), Path("/etc/ssh/ssh_known_hosts"))
_STATUS_TIMEOUT: Final = 15.0
"""Seconds to wait for a login when the state of a machine is asked for."""


class StaticLab:
    """The machines in the file `inventory`, reached by ssh; none are created or removed.

    Raises:
        RunbookError: the inventory cannot be read or is invalid.

    """

    made_of: ClassVar = "machines behind ssh"

    def __init__(self, cluster: Cluster | None, inventory: Path) -> None:
        self.name = "static"
        self._inventory = inventory
        found = read_inventory(inventory, cluster)
        self.cluster = found.cluster
        self._connections = found.connections

    def instance(self) -> str:
        """Return a digest of the hosts' addresses and known host keys; no host is contacted.

        It changes when a machine is reinstalled, because that machine then has a new key.
        """
        parts = []
        for name, connection in sorted(self._connections.items()):
            parts.append(f"{name} {connection.login_as}@{connection.address}:{connection.port}")
            parts.extend(_known_keys(connection))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def up(self, progress: Progress) -> None:
        """Start nothing; report machines that cannot be logged in to. The others can be used."""
        for one in self.status():
            if one.state == "stopped":
                progress(f"{one.host}: {one.detail}")

    def connections(self) -> Mapping[str, Connection]:
        """Return the connection to each host of the inventory."""
        return dict(self._connections)

    def status(self) -> tuple[HostStatus, ...]:
        """Return which machines can be logged in to as root; all are tried at once."""
        with ThreadPoolExecutor(max_workers=max(1, len(self.cluster.hosts))) as pool:
            return tuple(pool.map(self._status, self.cluster.hosts))

    def down(self, progress: Progress) -> None:
        """Remove nothing: the changes that the guide made to the machines remain."""
        progress("static: the machines are left as they are")

    def _status(self, host: Host) -> HostStatus:
        connection = self._connections.get(host.name)
        if connection is None:
            return HostStatus(host.name, "absent", f"not in {self._inventory}")
        try:
            with Pipe.open(connection.pipe("root"), host=host.name, timeout=_STATUS_TIMEOUT):
                return HostStatus(host.name, "running", destination(connection))
        except RunbookError as error:
            reason = str(error).removeprefix(f"{host.name}: ")
            return HostStatus(host.name, "stopped", f"{destination(connection)}: {reason}")


def destination(connection: SshConnection) -> str:
    """Return where a connection leads, as `user@address`, with the port if it is not 22."""
    port = "" if connection.port == 22 else f" port {connection.port}"
    return f"{connection.login_as}@{connection.address}{port}"


def _known_keys(connection: SshConnection) -> list[str]:
    """Return the known host keys of a machine, without names and comments."""
    name = (
        connection.address if connection.port == 22 else f"[{connection.address}]:{connection.port}"
    )
    files = _DEFAULT_KNOWN_HOSTS if connection.known_hosts is None else (connection.known_hosts,)
    found = set()
    for path in files:
        argv = ["ssh-keygen", "-F", name, "-f", str(path.expanduser())]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            words = line.split()
            if len(words) >= 3 and not line.startswith(("#", "@")):
                found.add(" ".join(words[1:3]))
    return sorted(found)
