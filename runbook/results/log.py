"""What a person did who followed a guide, beside what the steps came to: the log of a run."""

from __future__ import annotations

import enum
from typing import Final

from attrs import frozen

from runbook.results.outcome import CheckResult


class Deed(enum.Enum):
    """What somebody did while following a guide."""

    OPENED = "opened"
    """They began to follow the guide, or took it up where somebody left it."""
    CALLED = "called"
    """A program asked on their behalf; the text says for what."""
    CHECKED = "checked"
    """They had the checks of a step evaluated."""
    RAN = "ran"
    """They let a step run; what came of it is its outcome."""
    CONFIRMED = "confirmed"
    """They typed the names of the hosts on which a step may destroy something."""
    ATTESTED = "attested"
    """They said that they have done a task that only a person can do."""
    BY_HAND = "by hand"
    """They did a step by hand, and say why."""
    SKIPPED = "skipped"
    """They left a step out, and say why."""
    NOTED = "noted"
    """They wrote something down."""
    EDITED = "edited"
    """They gave another value than the guide has."""
    BACK = "back"
    """They went back to an earlier step; nothing was undone."""
    SHELL = "shell"
    """They used a shell on a host; what they typed there is not recorded."""
    INTERRUPTED = "interrupted"
    """They stopped a step while it was running."""
    PAUSED = "paused"
    """They left, for themselves or somebody else to go on later."""
    REFUSED = "refused"
    """What they wanted was refused; the text says why."""


@frozen
class HostCheck:
    """How a check ended on a host."""

    host: str
    result: CheckResult


@frozen
class LogEntry:
    """One thing that a person did, `at` a time that is UTC in ISO 8601.

    `who` is a name, or `user@machine`. `step` is an id, empty if it is about no step, and `key`
    that of the step then. `text` is their own words, or what was typed. A value that was edited has
    a `name`, and `text` is the new one. `checks` are the results of those that they had evaluated.
    """

    at: str
    who: str
    deed: Deed
    step: str = ""
    key: str = ""
    hosts: tuple[str, ...] = ()
    text: str = ""
    name: str = ""
    checks: tuple[HostCheck, ...] = ()


MARKS: Final = frozenset({Deed.BY_HAND, Deed.SKIPPED})
"""Deeds that settle a step without running it."""
