"""What a block was taken for, before its commands are told from what they ask."""

from __future__ import annotations

from attrs import frozen

from runbook.console.entries import Entry
from runbook.model import Kind


@frozen
class Verdict:
    """What a block is, how certainly and why.

    `entries` are what is typed at a shell, `typed` what is typed into a program that was open
    before. `path` is that of a file block which names it itself. A file block is `partial` if
    nothing says that its text is all of the file's.
    """

    kind: Kind
    confidence: float
    reason: str
    entries: tuple[Entry, ...] = ()
    typed: tuple[str, ...] = ()
    path: str | None = None
    partial: bool = False
