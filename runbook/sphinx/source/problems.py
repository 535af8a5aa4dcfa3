"""Problems of a guide, which builders log and the plan raises."""

from __future__ import annotations

from attrs import field, frozen

from runbook.model import Location


@frozen(order=True)
class Problem:
    """Something wrong with one line; it is a warning if it is not an `error`."""

    location: Location
    message: str
    kind: str = field(default="plan", order=False)
    error: bool = field(default=True, order=False)

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"
