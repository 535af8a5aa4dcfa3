"""The keys of whoever follows a guide."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen
class Key:
    """A key, what it does in a few words, and the name of the method that does it."""

    key: str
    words: str
    method: str


KEYS: Final = (
    Key("c", "check only", "check"),
    Key("r", "run", "run"),
    Key("1", "run on one host first", "run_on_one"),
    Key("e", "edit a value", "edit"),
    Key("s", "shell there", "shell"),
    Key("d", "done by hand", "by_hand"),
    Key("k", "skip", "skip"),
    Key("n", "note", "note"),
    Key("b", "back", "back"),
    Key("f", "forward", "forward"),
    Key("u", "undo this chapter", "undo"),
    Key("a", "all steps", "all_steps"),
    Key("w", "who did what", "who"),
    Key("v", "view in full", "in_full"),
    Key("p", "pause", "pause"),
    Key("?", "help", "help"),
)
"""All keys, in the order of the help."""
