"""Checkpoints of virtual machines: memory and disks, saved in the disks by libvirt.

They live as long as the machines. What all machines were right after they were made is saved
likewise, so that making them anew does not take the others away.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import Checkpoint
from runbook.labs.checkpoint_store import CheckpointStore, write_size
from runbook.labs.vagrant.domains import Domains

_PREFIX: Final = "checkpoint:"
"""What the names of checkpoints begin with in libvirt; no snapshot may be called so."""
_FIRST: Final = "first:boot"


@frozen
class MachineCheckpoints:
    """The checkpoints of the machines `domains`, whose records are below `directory`."""

    domains: Domains
    directory: Path

    @property
    def store(self) -> CheckpointStore:
        """The records of the checkpoints."""
        return _machine_store(self.directory, self.domains)

    def take(self, name: str, about: str) -> None:
        """Save all machines; needs the store's lock.

        Raises:
            LabError: one is not running, or cannot be saved; nothing is left of it.

        """
        known = {_PREFIX + one.name for one in self.store.list()}
        for left in self.domains.saved_states() - known:
            if left.startswith(_PREFIX):
                self.domains.delete_state(left)
        # What is saved under that name is replaced, and must not be listed if that fails.
        self.store.delete(name)
        with self.store.taking(name, about) as directory:
            self.domains.save_state(_PREFIX + name)
            write_size(directory, self.domains.memory_size(_PREFIX + name))
        self.store.trim(self.store.path(name))

    def restore(self, name: str) -> None:
        """Bring all machines back; needs the store's lock.

        Raises:
            LabError: there is no such checkpoint, or a machine cannot be restored.

        """
        self.domains.restore_state(_PREFIX + name)

    def save_first(self) -> None:
        """Save the machines as they are after their first boot."""
        self.domains.save_state(_FIRST)

    @property
    def has_first(self) -> bool:
        """Whether the first boot was saved."""
        return _FIRST in self.domains.saved_states()

    def restore_first(self) -> None:
        """Bring all machines back to their first boot."""
        self.domains.restore_state(_FIRST)


def known_checkpoints(directory: Path, saved: Collection[str]) -> tuple[Checkpoint, ...]:
    """Return the checkpoints of machines of which those states are `saved`."""
    return tuple(one for one in _machine_store(directory).list() if _PREFIX + one.name in saved)


def _machine_store(directory: Path, domains: Domains | None = None) -> CheckpointStore:
    """Return the records of checkpoints below `directory`; to delete any, `domains` is needed."""

    def forget(name: str) -> None:
        if domains is not None:
            domains.delete_state(_PREFIX + name)

    return CheckpointStore(directory / "checkpoints", "machines", "present", forget)
