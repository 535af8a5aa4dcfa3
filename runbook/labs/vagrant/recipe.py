"""What the virtual machines of a lab are made of, as Vagrant and the saved states need it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from runbook.labs.vagrant import acceleration
from runbook.labs.vagrant.box import Box
from runbook.labs.vagrant.hardware import cluster_json
from runbook.labs.vagrant.saved_state import FORMAT
from runbook.model import Cluster

_VAGRANTFILE: Final = Path(__file__).with_name("Vagrantfile")


@frozen
class MachineRecipe:
    """The recipe of the machines of `cluster` in the lab with the identifier `lab`.

    `directory` holds the lab's files. A Vagrantfile in `guide` replaces the built-in one.
    """

    lab: str
    cluster: Cluster
    guide: Path
    directory: Path
    boxes: Mapping[str, Box]

    @property
    def vagrant_directory(self) -> Path:
        """The directory with the Vagrantfile."""
        return self.guide if (self.guide / "Vagrantfile").exists() else _VAGRANTFILE.parent

    def digest(self) -> str:
        """Return a digest of everything that the guide says about the machines."""
        return _digest([*self._parts(), sorted(self.cluster.environment.items())])

    def saved_digest(self, driver: str) -> str:
        """Return a digest of everything that goes into the machines' saved state."""
        program = shutil.which(acceleration.QEMU)
        cluster, _, vagrantfiles = self._parts()
        return _digest(
            [
                FORMAT,
                self.lab,
                cluster,
                [(one.digest, one.disk.stat().st_mtime_ns) for one in self.boxes.values()],
                vagrantfiles,
                driver,
                # A saved state may not be readable by another QEMU or on another processor.
                Path(program).stat().st_mtime_ns if program else 0,
                Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0],
            ]
        )

    def settings(self, driver: str, consoles: Path, pool: str) -> dict[str, str]:
        """Return the environment of Vagrant, which reads what was recorded of the cluster."""
        debian = self.boxes.get("debian12")
        return {
            "RUNBOOK_CLUSTER": str(self._cluster_file),
            "RUNBOOK_VM_DRIVER": driver,
            "RUNBOOK_CONSOLES": str(consoles),
            "RUNBOOK_PREFIX": f"{self.lab}_",
            "RUNBOOK_POOL": pool,
            **({"RUNBOOK_BOX": debian.name} if debian else {}),
        }

    def record(self) -> None:
        """Note of which cluster the machines are made."""
        self._cluster_file.write_text(cluster_json(self.cluster), encoding="utf-8")

    @property
    def is_recorded(self) -> bool:
        """Whether the present machines were made of this cluster."""
        try:
            text = self._cluster_file.read_text(encoding="utf-8")
        except OSError:
            return False
        return text == cluster_json(self.cluster)

    @property
    def _cluster_file(self) -> Path:
        return self.directory / "cluster.json"

    def _parts(self) -> list[Any]:
        return [
            cluster_json(self.cluster),
            [one.digest for one in self.boxes.values()],
            [path.read_text() for path in (_VAGRANTFILE, self.vagrant_directory / "Vagrantfile")],
        ]


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
