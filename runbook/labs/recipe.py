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

from runbook.labs import RecipeError, debian
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
        RecipeError: the cluster file's `container` part is missing or wrong.

    """
    section = _mapping(cluster.recipe.get("container"), ("image", "data"), "container")
    image = _mapping(section.get("image", {}), ("packages",), "container", "image")
    packages = image.get("packages", [])
    listed = ("container", "image", "packages")
    if not isinstance(packages, list):
        raise RecipeError("container: image: packages is a list of names of packages", *listed)
    for package in packages:
        if not isinstance(package, str) or not _PACKAGE.match(package):
            raise RecipeError(f"container: image: {package!r} is no name of a package", *listed)
    data = section.get("data", "")
    if not isinstance(data, str) or (data and not re.match(r"/[\w./-]+\Z", data)):
        raise RecipeError(f"container: data is an absolute path, not {data!r}", "container", "data")
    found = {}
    for host in cluster.hosts:
        if host.platform not in SUITES:
            raise RecipeError(
                f"host {host.name} is to be {host.platform or 'of no platform'!r};"
                f" containers can be {', '.join(SUITES)}",
                "hosts",
                host.name,
                "platform",
            )
        found[host.name] = Recipe(host.platform, tuple(sorted(set(packages))), data)
    return found


def _mapping(value: object, known: tuple[str, ...], *keys: str) -> dict[str, object]:
    where = ": ".join(keys)
    if not isinstance(value, dict):
        raise RecipeError(
            f"{where}: this part of the cluster file is a mapping of {list(known)}", *keys
        )
    for key in value:
        if key not in known:
            raise RecipeError(
                f"{where}: unknown key {key!r}; known are {', '.join(known)}", *keys, str(key)
            )
    return value
