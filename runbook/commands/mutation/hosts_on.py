"""Which hosts of a lab are on while mutants are tried, and which units they start."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from attrs import define

from runbook.commands.running.checkpoints import take
from runbook.errors import RunbookError
from runbook.labs import Lab, SupportsCheckpoints, SupportsPartialRestore


@define
class HostsOn:
    """How the hosts of `lab` are brought back: all, or some that are `off` left out.

    Units of systemd that are `held_back`, each with its host, are not started with it.
    """

    lab: Lab
    off: frozenset[str] = frozenset()
    held_back: frozenset[tuple[str, str]] = frozenset()

    @property
    def checkpoints(self) -> SupportsCheckpoints:
        """The lab, which can be brought back."""
        if not isinstance(self.lab, SupportsCheckpoints):
            raise RunbookError(f"the lab {self.lab.name} cannot be brought back to a checkpoint")
        return self.lab

    def leave_off_all_but(self, needed: Collection[str]) -> bool:
        """Have only those on from now on that are `needed`; false if none can be off."""
        hosts = frozenset(host.name for host in self.lab.cluster.hosts)
        partial = isinstance(self.lab, SupportsPartialRestore)
        self.off = hosts.difference(needed) if partial else frozenset()
        return bool(self.off)

    def have_on(self) -> None:
        """Have all on from now on, with all their units."""
        self.off, self.held_back = frozenset(), frozenset()

    def slow_units(self) -> frozenset[tuple[str, str]]:
        """Return the units that each host started slowly or in vain, if all answer."""
        lab = self.lab
        if isinstance(lab, SupportsPartialRestore):
            with contextlib.suppress(RunbookError):
                return frozenset((on, unit) for on in self._on() for unit in lab.slow_units(on))
        return frozenset()

    def bring_back(self, checkpoint: str) -> None:
        """Bring the hosts back to a checkpoint.

        Raises:
            LabError: there is no such checkpoint, or a host does not come back.

        """
        if (self.off or self.held_back) and isinstance(self.lab, SupportsPartialRestore):
            held = {on: [unit for at, unit in self.held_back if at == on] for on in self._on()}
            self.lab.restore_hosts(checkpoint, held, lambda _: None)
        else:
            self.checkpoints.restore_checkpoint(checkpoint, lambda _: None)

    def save(self, name: str, about: str, rest: str) -> None:
        """Save the hosts as a checkpoint; those that are off are as in the checkpoint `rest`.

        Raises:
            LabError: they cannot be saved.

        """
        lab = self.lab
        if self.off and isinstance(lab, SupportsPartialRestore):
            take(lambda: lab.save_hosts(name, about, self._on(), rest))
        else:
            take(lambda: self.checkpoints.take_checkpoint(name, about, lambda _: None))

    def _on(self) -> list[str]:
        return [host.name for host in self.lab.cluster.hosts if host.name not in self.off]
