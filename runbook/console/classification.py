"""The classification of a block, before its commands are split from their dialogues."""

from __future__ import annotations

from attrs import frozen

from runbook.console.entries import Entry
from runbook.model import Kind


@frozen
class Classification:
    """What kind of block it is, with confidence (0 to 1) and reason.

    `entries` are the commands for the shell, `typed` the input for a program that an earlier
    block started. `path` is set if the block itself names its file. A file block is `partial`
    unless something shows that it is the whole file.
    """

    kind: Kind
    confidence: float
    reason: str
    entries: tuple[Entry, ...] = ()
    typed: tuple[str, ...] = ()
    path: str | None = None
    partial: bool = False
