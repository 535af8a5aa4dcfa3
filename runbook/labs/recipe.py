"""The `container` part of a cluster file: what the lab's containers are made of.

```yaml
container:
  image:
    packages: [ca-certificates, dbus, iproute2]   # beside the essential ones and systemd
  data: /bricks                                   # a volume of its own on every host
```
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError, debian
from runbook.labs.debian import SUITES
from runbook.model import Cluster

FINISH: Final = Path(__file__).with_name("image.sh")
"""The end of the script that turns an installed system into the lab's image."""

_PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]+\Z")


@frozen
class Recipe:
    """What one host's container is made of. `data` is the path of its volume, or empty."""

    platform: str
    packages: tuple[str, ...]
    data: str = ""

    @property
    def suite(self) -> str:
        """The platform's name in the package archive."""
        return SUITES[self.platform]

    @property
    def tag(self) -> str:
        """The image's name, which changes with everything that the image is made of."""
        parts = json.dumps([self.suite, self.packages, debian.finish(FINISH)])
        digest = hashlib.sha256(parts.encode()).hexdigest()[:12]
        return f"localhost/runbook-{self.platform}:{digest}"


def recipes(cluster: Cluster) -> dict[str, Recipe]:
    """Return the recipe of each host of `cluster`, by the host's name.

    Raises:
        LabError: the cluster file's `container` part is missing or wrong.

    """
    where = f"cluster {cluster.name!r}: container"
    section = _mapping(cluster.recipe.get("container"), where, {"image", "data"})
    image = _mapping(section.get("image", {}), f"{where}: image", {"packages"})
    packages = image.get("packages", [])
    if not isinstance(packages, list):
        raise LabError(f"{where}: image: packages is a list of names of packages")
    for package in packages:
        if not isinstance(package, str) or not _PACKAGE.match(package):
            raise LabError(f"{where}: image: {package!r} is no name of a package")
    data = section.get("data", "")
    if not isinstance(data, str) or (data and not re.match(r"/[\w./-]+\Z", data)):
        raise LabError(f"{where}: data is an absolute path, not {data!r}")
    found = {}
    for host in cluster.hosts:
        if host.platform not in SUITES:
            raise LabError(
                f"{where}: host {host.name} is to be {host.platform or 'of no platform'!r};"
                f" containers can be {', '.join(SUITES)}"
            )
        found[host.name] = Recipe(host.platform, tuple(sorted(set(packages))), data)
    return found


def _mapping(value: object, where: str, known: set[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise LabError(f"{where}: this part of the cluster file is a mapping of {sorted(known)}")
    for key in value:
        if key not in known:
            raise LabError(f"{where}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    return value
