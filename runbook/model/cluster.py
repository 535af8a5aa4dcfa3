"""Read `lab/cluster.yaml`: which hosts there are, and the values that the guide's text may name.

```yaml
name: ovirt
network: 192.168.10.0/24
domain: example.com              # becomes the value `domain`, and part of `gs1-fqdn`
platform: debian12               # of hosts that name none
hosts:
  gs1: {address: 192.168.10.101, groups: [bricks], platform: debian12}
  engine: {address: 192.168.10.100, when: engine=standalone}  # otherwise a step makes it
values: {gateway: 192.168.10.1}
environment: {DEBIAN_FRONTEND: noninteractive}
user: dora                       # who types at the prompt `$`; each kind of lab has a default
choices: {engine: standalone}    # which alternative is meant where the text has several
container: {data: /bricks}       # what hosts are made of as containers
machine: {memory: 768}           # and as virtual machines
```

Every value is the text as written: `4.10` and `no` need no quotes.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Final

from attrs import field, frozen

from runbook.model.host import Cluster, Host
from runbook.model.node import Node
from runbook.model.structure import Form, structure
from runbook.model.suggestion import did_you_mean, meant_platform
from runbook.model.yamlfile import read

PLACE: Final = Path("lab/cluster.yaml")
"""Where a guide keeps the file, relative to the directory of its conf.py."""

HostName = Annotated[str, Form(r"[a-z][a-z0-9-]*", "a name of lower-case letters, digits and '-'")]
"""The name of a host, or of the cluster."""

_Word = Annotated[
    str, Form(r"[A-Za-z0-9][A-Za-z0-9._-]*", "a name of letters, digits, '.', '_' and '-'")
]
"""The name of a group or of a platform."""

_Value = Annotated[str, Form(r"[^\s|]|[^\s|][^|]*[^\s|]", "a name that the text can use as |name|")]
_Variable = Annotated[str, Form(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")]
_Choice = Annotated[str, Form(r"[^\s=]+", "the name of a choice or of an alternative")]
_Alternative = Annotated[str, Form(r"[^\s=]+=[^\s=]+", "an alternative such as engine=hosted")]


@frozen
class _Host:
    address: IPv4Address
    groups: tuple[_Word, ...] = ()
    platform: _Word | None = None
    when: _Alternative | None = None


@frozen
class ClusterFile:
    """The keys of the file. The last two belong to the labs that make hosts."""

    name: HostName
    network: IPv4Network
    hosts: dict[HostName, _Host]
    domain: str | None = None
    platform: _Word = ""
    user: _Word = ""
    values: dict[_Value, str] = field(factory=dict)
    environment: dict[_Variable, str] = field(factory=dict)
    choices: dict[_Choice, _Choice] = field(factory=dict)
    container: Node | None = None
    machine: Node | None = None


def load(path: Path) -> Cluster:
    """Return the cluster that the YAML file at `path` describes.

    Raises:
        YamlError: the file cannot be read, or a line of it is wrong.

    """
    return from_node(read(path))


def from_node(node: Node) -> Cluster:
    """Return the cluster that the content of a cluster file describes.

    Raises:
        YamlError: a line of it is wrong.

    """
    described = structure(node, ClusterFile)
    _refuse_misspelt_platforms(node)
    return Cluster(
        name=described.name,
        network=str(described.network),
        hosts=_hosts(described, node.at("hosts")),
        values=_values(described, node.at("values")),
        environment=described.environment,
        user=described.user,
        choices=described.choices,
        recipe=node,
    )


def _refuse_misspelt_platforms(node: Node) -> None:
    """Refuse platforms that no host can report, because another name was meant."""
    for above in (node, *node.at("hosts").entries.values()):
        place = above.entries.get("platform")
        if place is None or not isinstance(place.value, str):
            continue
        if meant := meant_platform(place.value):
            raise place.error(
                f"no host is of the platform {place.value!r}; did you mean {meant!r}?"
            )


def _hosts(described: ClusterFile, node: Node) -> tuple[Host, ...]:
    if not described.hosts:
        raise node.error(
            "must have at least one host, for example 'gs1: {address: 192.168.10.101}'"
        )
    taken: dict[IPv4Address, str] = {}
    for name, host in described.hosts.items():
        where = node.at(name, "address")
        if host.address not in described.network:
            raise where.error(f"{host.address} is not in the network {described.network}")
        if host.address in taken:
            raise where.error(f"{host.address} is taken by {taken[host.address]}")
        taken[host.address] = name
        for group in host.groups:
            if group in described.hosts:
                raise node.at(name, "groups").error(f"the group {group!r} has the name of a host")
        choice = (host.when or "").partition("=")[0]
        if choice and choice not in described.choices:
            hint = did_you_mean(choice, described.choices)
            raise node.at(name, "when").error(
                f"'choices' does not choose a value for {choice!r}{hint}"
            )
    return tuple(
        Host(
            name=name,
            address=str(host.address),
            groups=("all", *(group for group in host.groups if group != "all")),
            platform=host.platform or described.platform,
            when=host.when or "",
        )
        for name, host in described.hosts.items()
    )


def _values(described: ClusterFile, node: Node) -> dict[str, str]:
    values = {f"{name}-address": str(host.address) for name, host in described.hosts.items()}
    if described.domain is not None:
        values["domain"] = described.domain
        values |= {f"{name}-fqdn": f"{name}.{described.domain}" for name in described.hosts}
    for name, value in described.values.items():
        if name in values:
            raise node.at(name).error("it is already given by the hosts or the domain")
        values[name] = value
    return values
