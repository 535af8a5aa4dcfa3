"""What came of a run: outcomes, events, and the report that is made of them.

These are frozen values as well, beside the nouns of a runbook. All durations are seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from attrs import evolve, field, frozen

from runbook.model import Location, Runbook
from runbook.observation.change import Observed
from runbook.results.basis import Basis


class Verdict(enum.Enum):
    """What is known of one step on one host after a run."""

    PROVEN = "proven"
    """A check failed before the actions, and all checks hold after them."""
    RAN = "ran"
    """The actions ran, and no check says whether they did what they should."""
    PASSED = "passed"
    """The actions ran and all checks hold, but no check failed before."""
    SATISFIED = "satisfied"
    """All checks held already, so the actions did not run: nothing is proven."""
    REHEARSED = "rehearsed"
    """A dialogue of the step was played against a stand-in, never against the real software."""
    CHECKED = "checked"
    """The step's commands were parsed and linted, never run; it has no dialogue to play."""
    FAILED = "failed"
    """The guide is wrong, or the system is."""
    ERROR = "error"
    """The step could not be tried: the host is gone, or the harness is at fault."""
    BLOCKED = "blocked"
    """A step that this one depends on did not hold."""
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
    """How one evaluation of a check ended. `detail` explains a check that did not hold.

    A check that `asserts` nothing cannot fail, so that it held means nothing. One that could not
    be `evaluated`, because its host is gone for one, does not hold, and nothing is known of it.
    """

    sentence: str
    held: bool
    location: Location
    detail: str = ""
    asserts: bool = True
    evaluated: bool = True


@frozen
class Performed:
    """One action as it was carried out.

    `text` is what was typed, or the path that was written. `status` is the exit status,
    or `None` where there is none. `complaint` is empty if the action did what it should.
    `unasked` are questions of the guide that the program did not ask.
    """

    text: str
    location: Location
    output: str = ""
    status: int | None = None
    seconds: float = 0.0
    complaint: str = ""
    unasked: tuple[str, ...] = ()


@frozen
class ShellState:
    """What a step left behind in a shell: `script` gives it to a new one.

    `lost` are the names of variables that held a secret, which is never kept.
    """

    script: str = ""
    lost: tuple[str, ...] = ()


@frozen
class Outcome:
    """What happened to one step on one host: everything that a report could need.

    `digest` identifies the step's text on a page, `content` what it types and checks, and `key`
    that together with all it depends on. `started` is UTC in ISO 8601. `resumed` is true if an
    earlier run earned the verdict, and nothing was typed in this one. `recording` is the path of
    the actions' recording, below the run's `recordings`. `tries` says of each try that failed
    before the last one why. `shells` is the state of the host's shells after the step, by user.
    `observed` is what the step changed, if anyone looked.
    `worker` is the machine of a fleet that had the host. `edited` are the values to which somebody
    gave another text than the guide's: what ran was not the step as it stands there. `typed` is the
    digest of what the step was in the run that earned the verdict, with its time limits.
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
    key: str = ""
    content: str = ""
    tries: tuple[str, ...] = ()
    shells: dict[str, ShellState] = field(factory=dict)
    observed: Observed | None = None
    worker: str = ""
    edited: tuple[str, ...] = ()
    typed: str = ""

    @property
    def vacuous(self) -> tuple[CheckResult, ...]:
        """The checks that were evaluated after the actions but were never red before."""
        red = {(c.sentence, c.location) for c in self.before if not c.held}
        return tuple(c for c in self.after if (c.sentence, c.location) not in red)


def with_typed(outcome: Outcome, typed: Mapping[str, str]) -> Outcome:
    """Return the outcome with the digest of what its step is in this run; `Basis.typed` has them.

    One that an earlier run has earned keeps its own.
    """
    if outcome.resumed:
        return outcome
    return evolve(outcome, typed=typed.get(outcome.step, ""))


NOT_SELECTED: Final = "not selected"
"""The reason of a step that the operator did not ask for."""


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


@frozen
class Begun:
    """The first character of a step is about to be typed on `hosts`.

    Whoever records a run has this on the disk before the runner goes on.
    """

    step: str
    key: str
    content: str
    hosts: tuple[str, ...]


@frozen
class Reached:
    """All steps so far are finished, and the next one to be tried is `step`.

    With `chapter_begins` none of its chapter has run yet.
    """

    step: str
    chapter_begins: bool = False


@frozen
class EndCheck:
    """A check of a step that is done, evaluated once more after the last step.

    `broken_by` is the id of the step that made it false; it is empty if the check holds, or if
    no step of the guide is known to have done it.
    """

    step: str
    host: str
    check: CheckResult
    broken_by: str = ""


Event = Started | Reached | Begun | Outcome | EndCheck
"""What the runner yields: things that begin, and the outcomes in which they end."""


@frozen
class Run:
    """One run of a runbook on a lab, as the journal's header records it.

    `instance` identifies the lab's present hosts: it changes when they are made anew.
    `made_of` says what they are. `plan` is the digest of the runbook. `started` is UTC in ISO 8601.
    `basis` is what proofs of the run stand on.
    If it is `strict`, a check that a later step made false is an error; if it must be
    `require_proven`, so is every finding.
    """

    id: str
    started: str
    lab: str
    instance: str
    plan: str
    hosts: dict[str, Probed] = field(factory=dict)
    versions: dict[str, str] = field(factory=dict)
    made_of: str = ""
    strict: bool = False
    require_proven: bool = False
    basis: Basis = field(factory=Basis)
    schema: int = 2


@frozen
class Report:
    """Everything that a report is made of: the runbook, the run and its outcomes so far.

    `end_state` has the checks that were evaluated once more at the end. `finished` is UTC in
    ISO 8601, or `None` for a run that did not come to its end.
    """

    runbook: Runbook
    run: Run
    outcomes: tuple[Outcome, ...] = ()
    end_state: tuple[EndCheck, ...] = ()
    finished: str | None = None
