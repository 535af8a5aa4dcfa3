"""What is wrong with a guide, as data: told by builders as a warning, by the plan as an error."""

from __future__ import annotations

from attrs import field, frozen

from runbook.model import Location


@frozen(order=True)
class Problem:
    """A complaint about one line. One that is not an `error` counts only when asked to."""

    location: Location
    message: str
    kind: str = field(default="plan", order=False)
    error: bool = field(default=True, order=False)

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"
