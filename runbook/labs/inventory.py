"""Read an inventory: the machines of a static lab, and how to reach each of them by ssh."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from attrs import field, frozen

from runbook.labs.protocol import LabError
from runbook.labs.ssh_settings import Login, connection
from runbook.model import Cluster, Host
from runbook.model.cluster import HostName
from runbook.model.node import Node
from runbook.model.structure import Between, Form, structure
from runbook.model.suggestion import did_you_mean
from runbook.model.yamlfile import read
from runbook.terminal.connection import Connection, SshConnection

_User = Annotated[str, Form(r"[A-Za-z_][A-Za-z0-9._-]*", "a user name")]
_File = Annotated[str, Form(r".+", "the path of a file")]

# ssh must not take it for an option on its command line.
_Address = Annotated[
    str, Form(r"[A-Za-z0-9:][A-Za-z0-9.:%_-]*", "an address or the name of a machine")
]


@frozen
class _Login:
    """How to log in to a machine."""

    user: _User | None = None
    key: _File | None = None
    known_hosts: _File | None = None
    ssh_config: _File | None = None
    port: Annotated[int, Between(1, 65535)] | None = None


@frozen
class _Machine(_Login):
    address: _Address | None = None


@frozen
class InventoryFile(_Login):
    """The keys of the file; the login is that of machines which have none of their own."""

    hosts: dict[HostName, _Machine] = field(kw_only=True)


@frozen
class Inventory:
    """The hosts of a static lab, and the connections to those that the inventory lists."""

    cluster: Cluster
    connections: Mapping[str, Connection]


def read_inventory(path: Path, cluster: Cluster | None) -> Inventory:
    """Return what the inventory at `path` says about the hosts of `cluster`, or about its own.

    Raises:
        LabError: there is no such file.
        YamlError: it cannot be read, or a line of it is wrong.

    """
    if not path.exists():
        raise LabError(
            f"{path}: no such file; an inventory lists the hosts and how to reach them by ssh"
        )
    node = read(path)
    described = structure(node, InventoryFile)
    if not described.hosts:
        raise node.at("hosts").error("must have at least one host, for example 'gs1: {}'")
    if cluster is None:
        hosts = tuple(
            Host(name, machine.address or name) for name, machine in described.hosts.items()
        )
        cluster = Cluster("static", "0.0.0.0/0", hosts)
    known = {host.name: host for host in cluster.hosts}
    for name in described.hosts:
        if name not in known:
            raise node.at("hosts", name).error(
                f"{name!r} is not a host of the guide, which has {', '.join(known)}"
                f"{did_you_mean(name, known)}"
            )
    connections = {
        name: _connection(known[name], machine, described, node, path.parent)
        for name, machine in described.hosts.items()
    }
    return Inventory(cluster, connections)


def _connection(
    host: Host, own: _Machine, default: InventoryFile, node: Node, directory: Path
) -> SshConnection:
    def file(key: str, given: str | None) -> Path | None:
        if given is None:
            return None
        path = directory / Path(given).expanduser()
        if not path.exists():
            # The host's own setting takes precedence over the default.
            place = node.at("hosts", host.name).entries.get(key) or node.at(key)
            raise place.error(f"there is no file {path}")
        return path

    login = Login(
        own.address or host.address,
        own.user or default.user,
        own.port or default.port,
        file("key", own.key or default.key),
        file("known_hosts", own.known_hosts or default.known_hosts),
        file("ssh_config", own.ssh_config or default.ssh_config),
    )
    try:
        return connection(host.name, login)
    except LabError as error:
        raise node.at("hosts", host.name).error(str(error)) from error
