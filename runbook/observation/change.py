"""The nouns of an observation: a change of a host, and all that a step changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from runbook.model import Location

KINDS: Final[dict[str, str]] = {
    "file": "files",
    "package": "packages",
    "unit": "units",
    "port": "listening ports",
    "user": "users",
    "group": "groups",
    "mount": "mounts",
    "firewall": "firewall rules",
    "sysctl": "kernel settings",
}
"""The kinds of things that are looked at, with the word for many of them."""


@frozen
class Change:
    """Something of a host that was not the same after a step as before it.

    `before` and `after` say in words what it was and is; empty if it was not there. A `host` is
    named if it is not that of the outcome. `came_with` names the packages that brought it, which
    are changes themselves. `checks` are where the checks stand that cover it. `left_out` says who
    leaves it out knowingly. `lines` are some that a text file has got, if anyone may read it.
    """

    kind: str
    name: str
    before: str = ""
    after: str = ""
    host: str = ""
    came_with: str = ""
    checks: tuple[Location, ...] = ()
    left_out: str = ""
    lines: tuple[str, ...] = ()

    @property
    def uncovered(self) -> bool:
        """Whether no check says anything of it, and nobody leaves it out."""
        return not (self.came_with or self.checks or self.left_out)

    def __str__(self) -> str:
        """Return what happened, as `file /etc/motd: new, file 0644 root:root, 12 bytes`."""
        if not self.before:
            how = f"new, {self.after}"
        elif not self.after:
            how = f"gone; it was {self.before}"
        else:
            how = f"{self.before} → {self.after}"
        return f"{self.kind} {self.name}: {how}"


@frozen
class Observed:
    """All that a step changed, as far as it was looked at.

    `not_observed` says by kind why a kind of things was not looked at: of those it is not known
    whether they changed. `seconds` is how long the look after the step took.
    """

    changes: tuple[Change, ...] = ()
    not_observed: dict[str, str] = field(factory=dict)
    seconds: float = 0.0


@frozen
class Count:
    """How many changes there are, and what is known of them."""

    covered: int = 0
    left_out: int = 0
    uncovered: int = 0
    came_with: int = 0

    @property
    def own(self) -> int:
        """How many there are without those that came with a package."""
        return self.covered + self.left_out + self.uncovered


def count(changes: Iterable[Change]) -> Count:
    """Return how many of `changes` are covered, left out, and neither."""
    covered = left_out = uncovered = came_with = 0
    for one in changes:
        # A check that covers it says more than how it came.
        if one.checks:
            covered += 1
        elif one.came_with:
            came_with += 1
        elif one.left_out:
            left_out += 1
        else:
            uncovered += 1
    return Count(covered, left_out, uncovered, came_with)
