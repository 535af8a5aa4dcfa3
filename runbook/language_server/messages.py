"""What the process that reads a guide and the server tell each other: JSON, one message a line."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen


@frozen
class Edited:
    """The content of a file is `text` in an editor; `None` for what is on the disk."""

    path: str
    text: str | None = None
    version: int | None = None


@frozen
class Found:
    """Something to say about a line of a file; lines count from 1."""

    line: int
    message: str
    kind: str
    error: bool = False
    suggestion: str = ""


@frozen
class Option:
    """An option of a directive: what it says, and the values that it can have, if they are few."""

    says: str = ""
    values: tuple[str, ...] = ()


@frozen
class Directive:
    """A directive that is registered in the guide; `ours` are documented."""

    says: str = ""
    ours: bool = False
    options: dict[str, Option] = field(factory=dict)


@frozen
class Vocabulary:
    """The directives and roles that documents of the guide can use, by name."""

    directives: dict[str, Directive] = field(factory=dict)
    roles: tuple[str, ...] = ()


@frozen
class Told:
    """What has changed since the last message; the first has everything.

    `findings` are by the path of a file below the guide, `chapters` are by document the JSON of a
    `Chapter`. `paths` are those of all documents, `order` are the chapters that there are.
    `versions` are those of the edited files that this is about. The guide `failed` to be read if
    there is nothing but findings.
    """

    findings: dict[str, tuple[Found, ...]] = field(factory=dict)
    chapters: dict[str, Any] = field(factory=dict)
    paths: dict[str, str] = field(factory=dict)
    order: tuple[str, ...] = ()
    notes: dict[str, str] = field(factory=dict)
    vocabulary: Vocabulary | None = None
    versions: dict[str, int] = field(factory=dict)
    failed: bool = False
