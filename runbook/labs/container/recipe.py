"""The `container` section of a cluster file: the packages and the data volume of the hosts.

```yaml
container:
  image:
    packages: [ca-certificates, dbus, iproute2]   # besides the essential ones and systemd
  data: /bricks                                   # mount point of a volume that each host has
```
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import debian
from runbook.labs.debian import SUITES
from runbook.labs.recipe import MountPoint, Package
from runbook.model import Cluster
from runbook.model.structure import structure
from runbook.model.suggestion import did_you_mean

SETUP_SCRIPT: Final = Path(__file__).with_name("image.sh")
"""The part of the setup script that is specific to containers."""


@frozen
class _Image:
    packages: tuple[Package, ...] = ()


@frozen
class ContainerSection:
    """The keys of the section."""

    image: _Image = _Image()
    data: MountPoint = ""


@frozen
class Recipe:
    """What a container is created from; `data` is the mount point of its volume, or empty."""

    platform: str
    packages: tuple[str, ...]
    data: str = ""

    @property
    def suite(self) -> str:
        """The platform's name in the package archive."""
        return SUITES[self.platform]

    @property
    def tag(self) -> str:
        """The image's tag, which changes with everything that goes into the image."""
        parts = json.dumps([self.suite, self.packages, debian.setup_script(SETUP_SCRIPT)])
        digest = hashlib.sha256(parts.encode()).hexdigest()[:12]
        return f"localhost/runbook-{self.platform}:{digest}"


def recipes(cluster: Cluster) -> dict[str, Recipe]:
    """Return the recipe of each host of `cluster`, by host name.

    Raises:
        YamlError: the cluster file's `container` section is missing or invalid.

    """
    if "container" not in cluster.recipe.entries:
        raise cluster.recipe.error(
            "the key 'container' is missing, which says what hosts are made of"
        )
    section = structure(cluster.recipe.at("container"), ContainerSection)
    packages = tuple(sorted(set(section.image.packages)))
    for host in cluster.hosts:
        if host.platform not in SUITES:
            named = cluster.recipe.at("hosts", host.name)
            place = named.entries.get("platform") or cluster.recipe.entries.get("platform", named)
            hint = did_you_mean(host.platform, SUITES) or ";"
            raise place.error(
                f"no container image for platform {host.platform or 'none'!r} of {host.name}"
                f"{hint} known are {', '.join(SUITES)}"
            )
    return {host.name: Recipe(host.platform, packages, section.data) for host in cluster.hosts}
