"""References to secrets in the text of commands, files and answers: `<secret:admin>`.

The text of a plan and of everything that is recorded has the reference, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

NAME: Final = r"[a-z][a-z0-9_-]*"
"""The name of a secret."""

REFERENCE: Final = re.compile(rf"<secret:(?P<name>{NAME}(?:\.[0-9a-f]+)?)>")
"""A reference; that to a captured secret has which of its values is meant, after a dot."""

_ROLE: Final = re.compile(rf":secret:`(?P<name>{NAME})`")
_WHICH: Final = re.compile(r"(?<=[a-z0-9_-])\.[0-9a-f]+(?=>\Z)")


def as_references(text: str) -> str:
    """Return the text of a block with the roles in it, as in prose, written as references."""
    return _ROLE.sub(r"<secret:\g<name>>", text) if ":secret:" in text else text


def referenced(text: str) -> tuple[str, ...]:
    """Return the names of the secrets that `text` refers to, each once."""
    if "<secret:" not in text:
        return ()
    return tuple(dict.fromkeys(found["name"] for found in REFERENCE.finditer(text)))


def filled_in(text: str, value: Callable[[str], str]) -> str:
    """Return `text` with the `value` of each secret, by its name, in the place of its reference."""
    if "<secret:" not in text:
        return text
    return REFERENCE.sub(lambda found: value(found["name"]), text)


def readable(text: str) -> str:
    """Return `text` for people, who need not know which of its values a captured secret has."""
    if "<secret:" not in text:
        return text
    return REFERENCE.sub(lambda found: _WHICH.sub("", found[0]), text)


def only_reference(text: str) -> str:
    """Return the name of the secret if `text` is a reference and nothing else, or an empty text."""
    found = REFERENCE.fullmatch(text.strip())
    return found["name"] if found else ""
