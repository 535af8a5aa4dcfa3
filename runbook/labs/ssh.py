"""A lab of existing machines that are reached by ssh and listed in an inventory.

```yaml
# lab/inventory.yaml
user: admin                   # these four are defaults for all hosts
key: ~/.ssh/id_ed25519
known_hosts: known_hosts      # relative to this file
ssh_config: ssh_config        # instead of your own ~/.ssh/config
hosts:
  gs1: {address: 192.168.10.101, port: 2222, user: root}
  gs2: {}                     # at its address in the cluster file
```

What it leaves out is left to ssh and its own settings, jump hosts among them. The cluster file
defines the guide's hosts and groups; hosts that the inventory does not list are not part of the
lab. Without a cluster file, the guide has the hosts of the inventory. Instead of such a file there
may be an inventory of Ansible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Final

from runbook.errors import RunbookError
from runbook.labs import HostStatus, Progress
from runbook.labs.ansible import is_ansible, read_ansible
from runbook.labs.inventory import read_inventory
from runbook.labs.local import this_machine
from runbook.labs.ssh_settings import destination, fault_on_the_way, known_keys
from runbook.model import Cluster, Host
from runbook.terminal.connection import Connection, SshConnection
from runbook.terminal.pipe import Pipe

INVENTORY: Final = Path("lab/inventory.yaml")
"""The default path of the inventory, relative to the directory of conf.py."""

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
        self.inventory = inventory
        found = (read_ansible if is_ansible(inventory) else read_inventory)(inventory, cluster)
        self.cluster = found.cluster
        self._connections = found.connections

    def instance(self) -> str:
        """Return a digest of the hosts' addresses and known host keys; no host is contacted.

        It changes when a machine is reinstalled, because that machine then has a new key.
        """
        parts = []
        for name, connection in sorted(self._connections.items()):
            if not isinstance(connection, SshConnection):
                parts.append(f"{name} {this_machine()}")
                continue
            parts.append(f"{name} {connection.login_as}@{connection.address}:{connection.port}")
            parts.extend(known_keys(connection))
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
            return HostStatus(host.name, "absent", f"not in {self.inventory}")
        where = way_to(connection)
        try:
            with Pipe.open(connection.pipe("root"), host=host.name, timeout=_STATUS_TIMEOUT):
                return HostStatus(host.name, "running", where)
        except RunbookError as error:
            reason = str(error).removeprefix(f"{host.name}: ")
            if isinstance(connection, SshConnection):
                reason = fault_on_the_way(connection) or reason
            return HostStatus(host.name, "stopped", f"{where}: {reason}")


def way_to(connection: Connection) -> str:
    """Return where a connection of such a lab leads, for the operator."""
    return destination(connection) if isinstance(connection, SshConnection) else "this machine"
