"""Things that steps make and use, and what steps do with them."""

from __future__ import annotations

import enum
from typing import Final

from attrs import frozen

from runbook.model import Location


class Role(enum.Enum):
    """What a step does with a thing."""

    MAKES = "makes"
    USES = "uses"
    MENTIONS = "mentions"
    """It makes the thing, unless some step does so without doubt; then it uses it."""
    LEAVES = "leaves"
    """The thing is there afterwards, and may have been there before."""


@frozen
class Thing:
    """Something that a step makes or uses; `name` is a path, or what its programs call it."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{_WORDS[self.kind]} {self.name}".strip()


_WORDS: Final = {
    "file": "", "export": "the export", "command": "the command", "package": "the package",
    "unit": "the unit", "user": "the user", "libvirt-user": "the libvirt user",
    "mount": "the file system at", "group": "the group", "vm": "the virtual machine",
    "engine-vm": "the engine's virtual machine", "network": "the network",
    "volume": "the volume", "database": "the database",
}  # fmt: skip


KINDS: Final = tuple(kind for kind in _WORDS if kind != "file")
"""What things there are besides files."""


@frozen
class Event:
    """A step makes, uses or mentions a thing.

    `host` is where, as a name or an address, if it is not where the step runs. A `tree` is a
    directory with all that may be in it. A thing whose name only a running shell knows has a name
    that ends where that begins, and is a `prefix`.
    """

    role: Role
    thing: Thing
    location: Location
    host: str = ""
    tree: bool = False
    prefix: bool = False
