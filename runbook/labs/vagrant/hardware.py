"""The `machine` section of a cluster file: the size, disks and packages of virtual machines.

```yaml
machine:
  memory: 768          # MiB
  cpus: 1
  disks: [10G, 2G]     # besides the first one: vdb, vdc
  data: /bricks        # mount point of a file system on the first of these
  packages: [lvm2]     # in boxes that runbook builds
  el9: {memory: 8192}  # memory and cpus of the hosts of one platform
  gs4: {memory: 2048}  # and of one host
```
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import attrs
from attrs import evolve, frozen

from runbook.labs.recipe import MountPoint, Package
from runbook.model import Cluster
from runbook.model.structure import Between, Form, structure, unknown_key


@frozen
class Size:
    """The memory in MiB and the number of processors of machines, where the file says them."""

    memory: Annotated[int, Between(128, 16_000_000)] | None = None
    cpus: Annotated[int, Between(1, 1024)] | None = None


@frozen
class Hardware(Size):
    """What the section says about all machines; `data` is a mount point, or empty."""

    disks: tuple[Annotated[str, Form(r"[1-9][0-9]*[MGT]", "a disk size such as 10G")], ...] = ()
    data: MountPoint = ""
    packages: tuple[Package, ...] = ()


_DEFAULTS: Final = {"debian12": 768}
_DEFAULT: Final = 4096
"""The memory in MiB of a machine of which the file says nothing, as the Vagrantfile has it."""

_KEYS: Final = tuple(one.name for one in attrs.fields(Hardware))


def hardware(cluster: Cluster) -> Hardware:
    """Return and check what the cluster file says about virtual machines.

    Raises:
        YamlError: its `machine` section is invalid.

    """
    return _section(cluster)[0]


def memory_of_all(cluster: Cluster) -> int:
    """Return the memory in MiB of all machines of `cluster` together.

    Raises:
        YamlError: its `machine` section is invalid.

    """
    general, sizes = _section(cluster)
    return sum(
        next(
            (size.memory for name in (host.name, host.platform) if (size := sizes.get(name))
             and size.memory),
            general.memory or _DEFAULTS.get(host.platform, _DEFAULT),
        )
        for host in cluster.hosts
    )  # fmt: skip


def cluster_json(cluster: Cluster) -> str:
    """Return what the Vagrantfile needs to know of `cluster`, as JSON."""
    hosts = {one.name: {"address": one.address, "platform": one.platform} for one in cluster.hosts}
    data = {"name": cluster.name, "network": cluster.network, "hosts": hosts}
    general, sizes = _section(cluster)
    machine = _said(general) | {name: _said(size) for name, size in sizes.items()}
    return json.dumps({**data, **({"machine": machine} if machine else {})})


def _section(cluster: Cluster) -> tuple[Hardware, dict[str, Size]]:
    """Return what the section says about all machines, and by the name of a platform or host."""
    section = cluster.recipe.entries.get("machine")
    if section is None:
        return Hardware(), {}
    # A host may have the name of a key, such as `data`; then the key is meant.
    named = {name for host in cluster.hosts for name in (host.platform, host.name)} - {*_KEYS}
    for key, node in section.entries.items():
        if key not in _KEYS and key not in named:
            raise unknown_key(node, (*_KEYS, *sorted(named)))
    general = structure(section.without(*named), Hardware)
    general = evolve(general, packages=tuple(sorted(set(general.packages))))
    if general.data and not general.disks:
        raise section.at("data").error("needs a disk; add one to disks")
    sizes = {key: structure(one, Size) for key, one in section.entries.items() if key in named}
    return general, sizes


def _said(size: Size) -> dict[str, Any]:
    return attrs.asdict(size, filter=lambda _, value: value not in (None, "", ()))
