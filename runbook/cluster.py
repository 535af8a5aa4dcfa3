"""Read `lab/cluster.yaml`: which hosts there are, and the values that the guide's text may name.

```yaml
name: ovirt
network: 192.168.10.0/24
domain: example.com              # becomes the value `domain`
platform: debian12               # of hosts that name none
hosts:
  gs1: {address: 192.168.10.101, groups: [bricks], platform: debian12}
values: {engine-fqdn: engine.example.com}
environment: {DEBIAN_FRONTEND: noninteractive}
choices: {engine: standalone}    # which alternative is meant where the text has several
container: {...}                 # anything else is a recipe for the code that makes hosts
```
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any, Final

from runbook.errors import RunbookError
from runbook.model import Cluster, Host
from runbook.yamlfile import YamlFile

PLACE: Final = Path("lab/cluster.yaml")
"""Where a guide keeps the file, relative to the directory of its conf.py."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
_OWN_KEYS: Final = frozenset(
    {"name", "network", "domain", "platform", "hosts", "values", "environment", "choices"}
)


class ClusterError(RunbookError):
    """A cluster file is missing or says something impossible; the message names the line."""


def load(path: Path) -> Cluster:
    """Return the cluster that the YAML file at `path` describes.

    Raises:
        ClusterError: the file cannot be read, or a line of it is wrong.

    """
    lines = YamlFile.read(path, ClusterError)
    data = lines.data
    if not isinstance(data, dict):
        raise lines.error("a cluster is a mapping with the keys name, network and hosts")
    for key in ("name", "network", "hosts"):
        if key not in data:
            raise lines.error(f"the key {key!r} is missing")
    if not _NAME.match(str(data["name"])):
        raise lines.error("name: lower-case letters, digits and '-' only", "name")
    network = _network(data, lines)
    hosts = _hosts(data, network, lines)
    return Cluster(
        name=str(data["name"]),
        network=str(network),
        hosts=hosts,
        values=_values(data, hosts, lines),
        environment=_strings(data, "environment", lines),
        choices=_strings(data, "choices", lines),
        recipe={key: value for key, value in data.items() if key not in _OWN_KEYS},
    )


def _network(data: dict[str, Any], lines: YamlFile) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(data["network"])
    except ValueError as error:
        raise lines.error(f"network: {error}", "network") from error


def _hosts(
    data: dict[str, Any], network: ipaddress.IPv4Network, lines: YamlFile
) -> tuple[Host, ...]:
    described = data["hosts"]
    if not isinstance(described, dict) or not described:
        raise lines.error("hosts: a mapping of at least one host's name to its address", "hosts")
    hosts: list[Host] = []
    for name, about in described.items():
        where = ("hosts", str(name))
        if not _NAME.match(str(name)):
            raise lines.error(f"host {name!r}: lower-case letters, digits and '-' only", *where)
        if not isinstance(about, dict) or "address" not in about:
            raise lines.error(f"host {name}: the key 'address' is missing", *where)
        for key in about:
            if key not in ("address", "groups", "platform"):
                raise lines.error(f"host {name}: unknown key {key!r}", *where, str(key))
        try:
            address = ipaddress.IPv4Address(about["address"])
        except ValueError as error:
            raise lines.error(f"host {name}: {error}", *where, "address") from error
        if address not in network:
            raise lines.error(
                f"host {name}: {address} is not in the network {network}", *where, "address"
            )
        if any(other.address == str(address) for other in hosts):
            raise lines.error(f"host {name}: {address} is taken", *where, "address")
        groups = about.get("groups", [])
        if not isinstance(groups, list) or not all(isinstance(g, str) for g in groups):
            raise lines.error(f"host {name}: groups is a list of names", *where, "groups")
        for group in groups:
            if group in described:
                raise lines.error(f"group {group!r} has the name of a host", *where, "groups")
        hosts.append(
            Host(
                name=str(name),
                address=str(address),
                groups=("all", *(g for g in groups if g != "all")),
                platform=str(about.get("platform", data.get("platform", ""))),
            )
        )
    return tuple(hosts)


def _values(data: dict[str, Any], hosts: tuple[Host, ...], lines: YamlFile) -> dict[str, str]:
    values = {f"{host.name}-address": host.address for host in hosts}
    if "domain" in data:
        values["domain"] = str(data["domain"])
    for key, value in _strings(data, "values", lines).items():
        if key in values:
            raise lines.error(
                f"the value {key!r} is already given by the hosts or the domain", "values", key
            )
        values[key] = value
    return values


def _strings(data: dict[str, Any], section: str, lines: YamlFile) -> dict[str, str]:
    found = data.get(section) or {}
    if not isinstance(found, dict):
        raise lines.error(f"{section}: a mapping of names to texts", section)
    for key, value in found.items():
        if isinstance(value, dict | list) or value is None:
            raise lines.error(f"{section}: {key} is a text or a number", section, str(key))
    return {str(key): str(value) for key, value in found.items()}
