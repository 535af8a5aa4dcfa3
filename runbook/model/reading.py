"""What the code blocks of a guide were read as: the kind of each block, and how certainly."""

from __future__ import annotations

import enum

from attrs import frozen

from runbook.model.location import Location


class Kind(enum.Enum):
    """What a code block of a guide is to the person who follows it."""

    COMMANDS = "commands"
    """Lines to type at a shell."""
    TRANSCRIPT = "transcript"
    """Lines to type, with what they print."""
    DIALOGUE = "dialogue"
    """A program that asks, or that takes commands of its own."""
    FILE = "file"
    """A file's content, or an edit of one."""
    OUTPUT = "output"
    """Only what a program prints."""
    SYNOPSIS = "synopsis"
    """The general form of a command, which nobody can type as it stands."""
    OTHER = "other"
    """Another language than the shell's."""
    PROSE = "prose"
    """Commands within a sentence: a person's task, never run."""


@frozen
class Reading:
    """What a code block was taken for, how certainly, and why.

    `confidence` is between 0 and 1; only a block in a marked step has 1. `commands` are typed
    at a shell, `typed` into programs, both in order. `path` is that of a file block. `hosts`
    are as the text calls them, `user` and `directory` as a prompt shows them. `choice` names
    the alternative that the block belongs to. `step` is the id of the step it became part of.
    """

    id: str
    location: Location
    kind: Kind
    confidence: float
    reasons: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    path: str | None = None
    hosts: tuple[str, ...] = ()
    user: str | None = None
    directory: str | None = None
    choice: str | None = None
    step: str | None = None
