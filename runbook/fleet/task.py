"""What a worker is given for a job, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from runbook.fleet.jobs import Job
from runbook.results import EndCheck, Outcome, Run


@frozen
class Task:
    """A `job` on a lab of the `kind`.

    `seed` is what secrets are made of that nobody gives, for labs that are thrown away. `broken`
    are the ids of steps of other jobs that did not hold. `images` are the names of those that its
    hosts are made of.
    """

    job: Job
    kind: str
    seed: str = ""
    require_proven: bool = False
    strict: bool = False
    broken: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    def tried(self) -> tuple[str, ...]:
        """Return the ids of the job's steps that no broken one is in the way of."""
        return tuple(one for one in self.job.steps if not self.blocked_by(one))

    def blocked_by(self, step: str) -> str:
        """Return the step of another job that did not hold and that `step` depends on, if any."""
        return min(self.job.depends_on.get(step, frozenset()) & set(self.broken), default="")


def depends_on(broken: str) -> str:
    """Return the reason of a step that is not tried because a step did not hold."""
    return f"it depends on {broken}, which did not hold"


@frozen
class JobResult:
    """What came of a job: its run, and the outcomes of its own steps, told once.

    Nothing ran if all its steps depend on some that did not hold. `broken` are the ids of all
    steps that did not, also of those before it. `worker` is the machine that did it. `checkpoint`
    is where the lab's last one is, below the directory of all; empty if there is none. `images`
    are the identifiers of what hosts are made of, by name. `recordings` are texts, by their place
    below the run's recordings.
    """

    job: str
    worker: str = ""
    run: Run | None = None
    outcomes: tuple[Outcome, ...] = ()
    end_state: tuple[EndCheck, ...] = ()
    recordings: Mapping[str, str] = field(factory=dict)
    checkpoint: str = ""
    images: Mapping[str, str] = field(factory=dict)
    broken: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""
