"""What the language of a code block says about it."""

from __future__ import annotations

import enum
from typing import Final

from runbook.console.block import Block
from runbook.console.clues.wordlists import sections, words


class Family(enum.Enum):
    """A family of languages; the values are sections of `lists/languages.txt`."""

    SCRIPT = "script"
    """Commands, normally without prompts."""
    SESSION = "session"
    """Prompts, commands and output."""
    UNSURE = "unsure"
    """Languages that say nothing about the content."""
    DATA = "data"
    """Languages of files."""
    SQL = "sql"
    """Input for a database."""
    OTHER = "other"
    """Any other language."""


_FAMILIES: Final = {
    name: family
    for family in Family
    if family.value in sections("languages")
    for name in words("languages", family.value)
} | {"": Family.UNSURE, "shell script": Family.SCRIPT}


def family(language: str) -> Family:
    """Return the family of `language`."""
    return _FAMILIES.get(language, Family.OTHER)


def language_of(block: Block) -> str:
    """Return the language of `block`; a default counts only if it is a shell language."""
    language = (block.language or "").lower().strip()
    default = block.default.lower()
    if not language and family(default) in (Family.SCRIPT, Family.SESSION):
        return default
    return language
