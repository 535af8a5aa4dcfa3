"""The kinds of lines that a journal has besides the model's own nouns, and all kinds by name."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from runbook.results.log import LogEntry
from runbook.results.outcome import Begun, EndCheck, Outcome, Run


@frozen
class Restored:
    """The hosts were brought back to a `checkpoint`, or made anew if it is empty, before the run.

    `why` is the reason. `done` is what is done on them now: key, host, step and content of each.
    """

    checkpoint: str
    why: str
    done: tuple[tuple[str, str, str, str], ...]


@frozen
class Carried:
    """The `outcomes` that earlier runs have earned and this one shows: step, key and host."""

    outcomes: tuple[tuple[str, str, str], ...]


@frozen
class Reversed:
    """A run the other way, forth or back, began a step of `document` on the lab's `instance`.

    What was done for that document is not done any more.
    """

    document: str
    instance: str


@frozen
class Finished:
    """The run came to its end, `at` this time: UTC in ISO 8601."""

    at: str


KINDS: Final[dict[str, tuple[type, bool]]] = {
    "run": (Run, False),
    "restored": (Restored, True),
    "kept": (Outcome, True),
    "carried": (Carried, True),
    "begun": (Begun, True),
    "outcome": (Outcome, True),
    "end": (EndCheck, True),
    "log": (LogEntry, True),
    "finished": (Finished, True),
    "reversed": (Reversed, False),
}
"""By the value of `record`, what a line holds, and whether it has the id of its `run` as well."""
