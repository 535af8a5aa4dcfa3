"""The saved state of a lab's machines after their first boot, from which later labs resume."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Final

from runbook.labs.state import CACHE
from runbook.labs.vagrant.domains import Domains
from runbook.labs.vagrant.networks import Networks, link_or_copy
from runbook.labs.vagrant.ssh import SshAccess

SAVED_STATES: Final = CACHE / "machines"
FORMAT: Final = 2
"""The version of the format; states of another version are not used."""
_BOX: Final = re.compile(r"/runbook-VAGRANTSLASH-([\w-]+)/")


class SavedState:
    """The saved machines of the lab `lab`, created from `recipe`; each lab has at most one."""

    def __init__(self, lab: str, recipe: str) -> None:
        self.directory = SAVED_STATES / lab / recipe

    @staticmethod
    def delete(lab: str) -> None:
        """Delete the saved state of a lab."""
        shutil.rmtree(SAVED_STATES / lab, ignore_errors=True)

    @property
    def complete(self) -> bool:
        """Whether there is a complete saved state."""
        return (self.directory / "complete").exists()

    @staticmethod
    def used_boxes() -> set[str]:
        """Return the names of the boxes that the saved states of all labs depend on."""
        texts = (path.read_text(encoding="utf-8") for path in SAVED_STATES.glob("*/*/*.xml"))
        return {name for text in texts for name in _BOX.findall(text)}

    def save(
        self, domains: Domains, networks: Networks, vagrant: Path, ssh: SshAccess, pool: Path
    ) -> None:
        """Save the running `domains`, which stops them, and the record of how to log in to them.

        The directory `pool` holds the disks of the domains, and the box disks that back them.
        """
        definitions = networks.definitions()
        # States of earlier recipes depend on other boxes, and are never used again.
        shutil.rmtree(self.directory.parent, ignore_errors=True)
        bases = self.directory / "bases"
        bases.mkdir(parents=True)
        ssh.copy_to(self.directory)
        # From here until they are restored, the machines are incomplete.
        ssh.delete()
        domains.save(self.directory)
        for disk in pool.iterdir():
            shutil.move(disk, bases / disk.name)
        (self.directory / "networks.json").write_text(json.dumps(definitions), encoding="utf-8")
        shutil.copytree(vagrant, self.directory / "vagrant")
        (self.directory / "complete").touch()

    def restore_networks(self, networks: Networks) -> None:
        """Define and start the networks of the saved machines."""
        text = (self.directory / "networks.json").read_text(encoding="utf-8")
        for definition in json.loads(text):
            networks.define(definition)
        networks.start()

    def restore(self, domains: Domains, hosts: tuple[str, ...], vagrant: Path, pool: Path) -> None:
        """Resume the machines from the saved state, which is not modified."""
        for disk in (self.directory / "bases").iterdir():
            link_or_copy(disk, pool / disk.name)
        shutil.rmtree(vagrant, ignore_errors=True)
        shutil.copytree(self.directory / "vagrant", vagrant)
        domains.restore(self.directory, hosts)
