"""Drift: which checks of the end state hold on machines that nobody has changed by the guide since.

What could not be asked is kept apart from what differs: nothing is known of it.
"""

from __future__ import annotations

import enum
from typing import Final

from attrs import field, frozen

from runbook.model import Location
from runbook.results.summary import ExitStatus

SCHEMA: Final = 1


class State(enum.Enum):
    """What is known of a check on a host at one moment."""

    HOLDS = "holds"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    """It could not be evaluated: a value is missing, the host was lost, or time was up."""


@frozen
class CheckState:
    """A check of the end state on one host; `detail` explains one that does not hold.

    One that `needs_value` is unknown because only a run captures that value: here it never can be
    evaluated.
    """

    step: str
    host: str
    sentence: str
    location: Location
    state: State
    detail: str = ""
    needs_value: bool = False

    @property
    def identity(self) -> tuple[str, str, str]:
        """What is the same the next time, also if the guide was edited above it."""
        return self.step, self.host, self.sentence


@frozen
class Drift:
    """All checks of the end state on the hosts of a lab, evaluated once.

    `started` and `finished` are UTC in ISO 8601. `unreached` says by host why it could not be
    asked; what its checks would be depends on its platform, so none of them is in `checks`.
    """

    lab: str
    started: str
    finished: str
    checks: tuple[CheckState, ...] = ()
    unreached: dict[str, str] = field(factory=dict)
    schema: int = SCHEMA

    def in_state(self, state: State) -> tuple[CheckState, ...]:
        """Return the checks in `state`."""
        return tuple(check for check in self.checks if check.state is state)

    @property
    def status(self) -> ExitStatus:
        """The exit status: what differs outweighs what could not be found out this time."""
        if self.in_state(State.DIFFERS):
            return ExitStatus.FAILED
        unknown = any(not check.needs_value for check in self.in_state(State.UNKNOWN))
        if self.unreached or unknown:
            return ExitStatus.ERROR
        return ExitStatus.OK
