"""What came of a run: outcomes, events, and the report that is made of them.

These are frozen values as well, beside the nouns of a runbook. All durations are seconds.
"""

from __future__ import annotations

import enum

from attrs import field, frozen

from runbook.model import SCHEMA, Location, Runbook


class Verdict(enum.Enum):
    """What is known of one step on one host after a run."""

    PROVEN = "proven"
    """A check failed before the actions, and all checks hold after them."""
    PASSED = "passed"
    """The actions ran and all checks hold, but no check was red before."""
    SATISFIED = "satisfied"
    """All checks held already, so the actions did not run: nothing is proven."""
    REHEARSED = "rehearsed"
    """Played against a stand-in, never against the real software."""
    FAILED = "failed"
    """The guide is wrong, or the system is."""
    ERROR = "error"
    """The step could not be tried: the host is gone, or the harness is at fault."""
    BLOCKED = "blocked"
    """A step that this one stands on did not hold."""
    SKIPPED = "skipped"
    """Not for this host; the outcome's reason says why."""
    MANUAL = "manual"
    """A person's task that nobody did in this run."""


@frozen
class Probed:
    """What a host said of itself: never assumed, always asked."""

    platform: str
    capabilities: frozenset[str]


@frozen
class CheckResult:
    """How one evaluation of a check ended. `detail` explains a check that did not hold."""

    sentence: str
    held: bool
    location: Location
    detail: str = ""


@frozen
class Performed:
    """One action as it was carried out.

    `text` is what was typed, or the path that was written. `status` is the exit status,
    or `None` where there is none. `complaint` is empty if the action did what it should.
    """

    text: str
    location: Location
    output: str = ""
    status: int | None = None
    seconds: float = 0.0
    complaint: str = ""


@frozen
class Outcome:
    """What happened to one step on one host: everything that a report could need.

    `digest` identifies the step's text, so that an outcome of an edited step is not taken
    for one of the present step. `started` is UTC in ISO 8601. `resumed` is true if an
    earlier run of the same lab earned the verdict and the checks were seen to hold again.
    `recording` is the path of the actions' recording, below the run's `recordings`.
    """

    step: str
    host: str
    verdict: Verdict
    digest: str
    started: str
    seconds: float = 0.0
    reason: str = ""
    platform: str = ""
    before: tuple[CheckResult, ...] = ()
    after: tuple[CheckResult, ...] = ()
    actions: tuple[Performed, ...] = ()
    captured: dict[str, str] = field(factory=dict)
    resumed: bool = False
    recording: str = ""

    @property
    def vacuous(self) -> tuple[CheckResult, ...]:
        """The checks that were evaluated after the actions but were never red before."""
        red = {(c.sentence, c.location) for c in self.before if not c.held}
        return tuple(c for c in self.after if (c.sentence, c.location) not in red)


class Phase(enum.Enum):
    """What the runner is doing with a step on a host at the moment."""

    CHECKING = "checking"
    ACTING = "acting"
    PROVING = "proving"


@frozen
class Started:
    """The runner has begun a phase of a step on a host; `detail` says with what."""

    step: str
    host: str
    phase: Phase
    detail: str = ""


Event = Started | Outcome
"""What the runner yields: things that begin, and the outcomes in which they end."""


@frozen
class Run:
    """One run of a runbook on a lab, as the journal's header records it.

    `instance` identifies the lab's present hosts: it changes when they are made anew.
    `made_of` says what they are. `plan` is the digest of the runbook. `started` is UTC in ISO 8601.
    """

    id: str
    started: str
    lab: str
    instance: str
    plan: str
    hosts: dict[str, Probed] = field(factory=dict)
    versions: dict[str, str] = field(factory=dict)
    made_of: str = ""
    schema: int = SCHEMA


@frozen
class Report:
    """Everything that a report is made of: the runbook, the run and its outcomes so far.

    `finished` is UTC in ISO 8601, or `None` for a run that did not come to its end.
    """

    runbook: Runbook
    run: Run
    outcomes: tuple[Outcome, ...] = ()
    finished: str | None = None
