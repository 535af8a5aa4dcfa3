"""What a lab's machines were when they had just started for the first time, kept for the next."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from runbook.labs.engine import CACHE
from runbook.labs.machines import Machines
from runbook.labs.reach import Reach

PLACE: Final = CACHE / "machines"


class Warm:
    """The started machines of the lab `lab` that are made as `recipe` says; one set a lab."""

    def __init__(self, lab: str, recipe: str) -> None:
        self.directory = PLACE / lab / recipe

    @staticmethod
    def forget(lab: str) -> None:
        """Remove all that is kept of a lab."""
        shutil.rmtree(PLACE / lab, ignore_errors=True)

    @property
    def complete(self) -> bool:
        """Whether there is anything to go on from; half of it is nothing."""
        return (self.directory / "complete").exists()

    def fill(self, machines: Machines, networks: list[str], vagrant: Path, reach: Reach) -> None:
        """Keep the running `machines`, which stop, and what it takes to reach them."""
        # What an earlier recipe has left stands on another box, and is never used again.
        shutil.rmtree(self.directory.parent, ignore_errors=True)
        self.directory.mkdir(parents=True)
        machines.freeze(self.directory)
        (self.directory / "networks.json").write_text(json.dumps(networks), encoding="utf-8")
        shutil.copytree(vagrant, self.directory / "vagrant")
        reach.give_to(self.directory)
        (self.directory / "complete").touch()

    def networks(self) -> list[str]:
        """Return the descriptions of the machines' networks."""
        text = (self.directory / "networks.json").read_text(encoding="utf-8")
        return [str(one) for one in json.loads(text)]

    def thaw(self, machines: Machines, hosts: tuple[str, ...], vagrant: Path) -> None:
        """Let machines go on from what is kept, which stays as it is."""
        shutil.rmtree(vagrant, ignore_errors=True)
        shutil.copytree(self.directory / "vagrant", vagrant)
        machines.thaw(self.directory, hosts)
