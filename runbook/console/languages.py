"""What the language of a code block says of it, and what its default does."""

from __future__ import annotations

import enum
from typing import Final

from runbook.console.block import Block
from runbook.console.wordlists import sections, words


class Family(enum.Enum):
    """A family of languages; the values are sections of the list of languages."""

    SCRIPT = "script"
    """Commands, without prompts unless they are there nevertheless."""
    SESSION = "session"
    """Prompts, commands and output."""
    UNSURE = "unsure"
    """Nothing."""
    DATA = "data"
    """A file's."""
    SQL = "sql"
    """What is typed into a database."""
    OTHER = "other"
    """Some other language than the shell's."""


_FAMILIES: Final = {
    name: family
    for family in Family
    if family.value in sections("languages")
    for name in words("languages", family.value)
} | {"": Family.UNSURE, "shell script": Family.SCRIPT}


def family(language: str) -> Family:
    """Return the family that `language` belongs to."""
    return _FAMILIES.get(language, Family.OTHER)


def language_of(block: Block) -> str:
    """Return the language of `block`; a default counts only if it is the shell's."""
    own = (block.language or "").lower().strip()
    default = block.default.lower()
    if not own and family(default) in (Family.SCRIPT, Family.SESSION):
        return default
    return own
