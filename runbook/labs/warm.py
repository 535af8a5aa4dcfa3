"""What a lab's machines were when they had just started for the first time, kept for the next."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Final

from runbook.labs.engine import CACHE
from runbook.labs.machines import Machines
from runbook.labs.networks import link
from runbook.labs.reach import Reach

PLACE: Final = CACHE / "machines"
FORM: Final = 2
"""What changes when other files are kept than before, so that older ones are not gone on from."""
_BOX: Final = re.compile(r"/runbook-VAGRANTSLASH-([\w-]+)/")


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

    @staticmethod
    def boxes() -> set[str]:
        """Return the names of the boxes on which what is kept of any lab stands."""
        texts = (path.read_text(encoding="utf-8") for path in PLACE.glob("*/*/*.xml"))
        return {name for text in texts for name in _BOX.findall(text)}

    def fill(
        self, machines: Machines, networks: list[str], vagrant: Path, reach: Reach, pool: Path
    ) -> None:
        """Keep the running `machines`, which stop, and what it takes to reach them.

        Their disks are in the directory `pool`, beside those of the boxes on which they stand.
        """
        # What an earlier recipe has left stands on another box, and is never used again.
        shutil.rmtree(self.directory.parent, ignore_errors=True)
        bases = self.directory / "bases"
        bases.mkdir(parents=True)
        reach.give_to(self.directory)
        # From here on the machines are not whole, until they go on.
        reach.forget()
        machines.freeze(self.directory)
        for disk in pool.iterdir():
            shutil.move(disk, bases / disk.name)
        (self.directory / "networks.json").write_text(json.dumps(networks), encoding="utf-8")
        shutil.copytree(vagrant, self.directory / "vagrant")
        (self.directory / "complete").touch()

    def networks(self) -> list[str]:
        """Return the descriptions of the machines' networks."""
        text = (self.directory / "networks.json").read_text(encoding="utf-8")
        return [str(one) for one in json.loads(text)]

    def thaw(self, machines: Machines, hosts: tuple[str, ...], vagrant: Path, pool: Path) -> None:
        """Let machines go on from what is kept, which stays as it is."""
        for disk in (self.directory / "bases").iterdir():
            link(disk, pool / disk.name)
        shutil.rmtree(vagrant, ignore_errors=True)
        shutil.copytree(self.directory / "vagrant", vagrant)
        machines.thaw(self.directory, hosts)
