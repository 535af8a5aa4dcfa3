"""Read the cluster file's part `machine`: how large virtual machines are, and what is on them.

```yaml
machine:
  memory: 768          # MiB
  cpus: 1
  disks: [10G, 2G]     # beside the first one: vdb, vdc
  data: /bricks        # where the first of these gets a file system
  packages: [lvm2]     # in a box that is made here
  el9: {memory: 8192}  # memory and cpus of the hosts of one platform
  gs4: {memory: 2048}  # and of one host
```
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from attrs import frozen

from runbook.labs import RecipeError
from runbook.model import Cluster

_SIZES: Final = ("memory", "cpus")
_LEAST: Final = {"memory": 128, "cpus": 1}
_KNOWN: Final = (*_SIZES, "disks", "data", "packages")
_DISK: Final = re.compile(r"[1-9]\d*[MGT]\Z")
_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]+\Z")
_PLACE: Final = re.compile(r"/[\w./-]+\Z")


@frozen
class Hardware:
    """What is not for the Vagrantfile alone: `packages` of boxes, and where the `data` disk is."""

    packages: tuple[str, ...] = ()
    data: str = ""


def hardware(cluster: Cluster) -> Hardware:
    """Return what the cluster file says of virtual machines.

    Raises:
        RecipeError: its `machine` part is wrong.

    """
    section = cluster.recipe.get("machine") or {}
    if not isinstance(section, dict):
        raise RecipeError("machine: a mapping of memory, cpus and disks", "machine")
    named = {name for host in cluster.hosts for name in (host.platform, host.name)}
    for key, value in section.items():
        # A host may be called `data`.
        if key in _KNOWN:
            continue
        if key in named:
            _sizes(value, "machine", str(key))
        else:
            known = ", ".join((*_KNOWN, *sorted(named)))
            raise RecipeError(
                f"machine: unknown key {key!r}; known are {known}", "machine", str(key)
            )
    _sizes({key: section[key] for key in _SIZES if key in section}, "machine")
    disks = _texts(section, "disks", _DISK, "sizes of disks, as 10G")
    packages = _texts(section, "packages", _PACKAGE, "names of packages")
    place = section.get("data", "")
    if not isinstance(place, str) or (place and not _PLACE.match(place)):
        raise RecipeError(f"machine: data: an absolute path, not {place!r}", "machine", "data")
    if place and not disks:
        raise RecipeError("machine: data: takes a disk; name one in disks", "machine", "data")
    return Hardware(tuple(sorted(set(packages))), place)


def described(cluster: Cluster) -> str:
    """Return as JSON what a Vagrantfile is to know of `cluster`."""
    hosts = {one.name: {"address": one.address, "platform": one.platform} for one in cluster.hosts}
    data = {"name": cluster.name, "network": cluster.network, "hosts": hosts}
    machine = cluster.recipe.get("machine")
    return json.dumps({**data, **({"machine": machine} if machine else {})})


def _sizes(given: Any, *keys: str) -> None:
    where = ": ".join(keys)
    if not isinstance(given, dict):
        raise RecipeError(f"{where}: a mapping of {' and '.join(_SIZES)}", *keys)
    for key, value in given.items():
        if key not in _SIZES:
            raise RecipeError(
                f"{where}: unknown key {key!r}; known are {', '.join(_SIZES)}", *keys, str(key)
            )
        if type(value) is not int or value < _LEAST[key]:
            raise RecipeError(
                f"{where}: {key}: a number from {_LEAST[key]} on, not {value!r}", *keys, key
            )


def _texts(section: dict[str, Any], key: str, form: re.Pattern[str], what: str) -> list[str]:
    given = section.get(key, [])
    if not isinstance(given, list):
        raise RecipeError(f"machine: {key}: a list of {what}, not {given!r}", "machine", key)
    for one in given:
        if not isinstance(one, str) or not form.match(one):
            raise RecipeError(f"machine: {key}: a list of {what}; {one!r} is none", "machine", key)
    return given
