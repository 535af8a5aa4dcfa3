"""Where a lab stands in the history of a guide: which steps were begun there, which are done."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from runbook.results.outcome import Outcome, Verdict

DONE: Final = frozenset({Verdict.PROVEN, Verdict.PASSED, Verdict.RAN, Verdict.SATISFIED})
"""Verdicts of a step that ran to its end, or had nothing left to do."""


class Position(enum.Enum):
    """How far one step came on one host of a lab."""

    BEGUN = "begun"
    """Something was typed, and it did not come to its end: it failed, or the run was killed."""
    DONE = "done"
    """It ran to its end, and its checks held."""


@frozen
class Touched:
    """A step that was begun or done on a host: its id then, and the digest of its content."""

    step: str
    position: Position
    content: str = ""


@frozen
class History:
    """What runs did on the present hosts of a lab, by key of the step and host.

    It is `known` if any run was on these hosts. `outcomes` are the last ones of all steps that
    are done, also on hosts of before. `failed` are the ids of the steps that did not hold in the
    last run. `broken_by` says, by step, host and sentence of a check that became false and has
    not held since, which step made it so.
    """

    known: bool = False
    touched: Mapping[tuple[str, str], Touched] = field(factory=dict)
    outcomes: Mapping[tuple[str, str], Outcome] = field(factory=dict)
    failed: frozenset[str] = frozenset()
    broken_by: Mapping[tuple[str, str, str], str] = field(factory=dict)

    def unsettled(self, step: str, key: str, host: str) -> str:
        """Return what must be settled before `step` is typed again on `host`, or an empty text.

        That is so if it was begun and not finished, or if it is done in another form.
        """
        for (other, name), touched in self.touched.items():
            if name != host or (other != key and touched.step != step):
                continue
            if touched.position is Position.BEGUN:
                return f"{step} was begun and did not come to its end"
            if other != key:
                return f"{step}, or something it depends on, was changed after it ran"
        return ""

    def done(self, key: str, host: str) -> bool:
        """Tell whether the step with that key is done on `host`."""
        known = self.touched.get((key, host))
        return known is not None and known.position is Position.DONE
