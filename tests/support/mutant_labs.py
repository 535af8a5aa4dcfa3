"""Labs of no machines, on which mutants of one step are tried."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from attrs import define, field

from runbook.commands.mutation.jobs import Jobs, Judged
from runbook.commands.mutation.lab import MutantLab
from runbook.commands.mutation.own_checkpoints import OwnCheckpoints
from runbook.execution.checks.shared_checks import NOTHING
from runbook.execution.selection import Selection
from runbook.labs import HeldBack
from runbook.model import Runbook, Step
from runbook.model.shared_source import SharedSource
from runbook.mutation.keys import MutationKeys
from runbook.mutation.mutants import mutants
from runbook.mutation.record import Fate
from runbook.mutation.sample import Batch
from runbook.redaction.known import KnownSecrets
from tests.support.machine_lab import Machine, Store
from tests.support.steps import CLUSTER, runbook


@define
class PartialMachine(Machine):
    """A lab that can have hosts off; a file says which ones are on then.

    Each of them has the `units` that start slowly; a file says which one was started.
    """

    units: tuple[str, ...] = ()
    saved: list[tuple[frozenset[str], str]] = field(factory=list)

    def restore_checkpoint(self, name: str, progress: Callable[[str], None]) -> None:
        """Remove the files, and write that everything was started."""
        super().restore_checkpoint(name, progress)
        for one in self.units:
            (self.place / one).touch()

    def restore_hosts(self, name: str, hosts: HeldBack, progress: Callable[[str], None]) -> None:
        """Remove the files, and write which hosts are on, and what was started with them."""
        super().restore_checkpoint(name, progress)
        (self.place / "on").write_text(" ".join(sorted(hosts)))
        for one in set(self.units).difference(*hosts.values()):
            (self.place / one).touch()

    def save_hosts(self, name: str, about: str, hosts: Collection[str], rest: str) -> None:
        """Note it, and of which hosts it is."""
        assert rest in self.store.kept
        self.store.kept[name] = about
        self.saved.append((frozenset(hosts), rest))

    def slow_units(self, host: str) -> Collection[str]:
        """Return those that were started."""
        assert host in [one.name for one in self.cluster.hosts]
        return [one for one in self.units if (self.place / one).exists()]


@define
class Tried:
    """Labs that share their checkpoints, on which mutants of one step are tried.

    The guide has `later` steps as well.
    """

    directory: Path
    one: Step
    later: tuple[Step, ...] = ()
    store: Store = field(factory=Store)
    said: list[str] = field(factory=list)
    benches: list[MutantLab] = field(factory=list)

    @property
    def guide(self) -> Runbook:
        """A guide of that step, and of later ones."""
        return runbook(self.one, *self.later)

    def lab(self, number: int, *, broken: bool = False, kind: type[Machine] = Machine) -> Machine:
        """Add a lab."""
        place = self.directory / str(number)
        place.mkdir()
        lab = kind(place, self.store, broken)
        own = self.benches[0].own if self.benches else OwnCheckpoints()
        bench = MutantLab(
            self.directory, "container", lab, self.guide, Selection(), NOTHING, KnownSecrets(),
            self.said.append, own, f"mutants-{number}",
        )  # fmt: skip
        self.benches.append(bench)
        return lab

    def jobs(self, deadline: float | None = None) -> Jobs:
        """Return what tries mutants in these labs."""
        keys = MutationKeys(self.guide, CLUSTER, SharedSource())
        return Jobs(self.benches, keys, deadline, self.said.append)

    def shares(self) -> list[tuple[Batch, ...]]:
        """Return each mutant as a share of its own."""
        return [(Batch(self.one.id, (mutant,)),) for mutant in mutants(self.one)]


def fates(found: list[Judged]) -> dict[str, Fate]:
    """Return what became of each mutant, by its operator and the number of the action."""
    return {" ".join(m.id.split()[1:3]): m.fate for one in found for m in one.mutants}
