"""What a page says to the server, read from text that anybody may have made up."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from attrs import field, frozen

from runbook.errors import RunbookError

LARGEST: Final = 65536
"""Bytes of a message from a page; a longer one ends its connection."""

_NAME: Final = re.compile(r"[\w:./@+-]{1,200}")
_TEXT: Final = 4096
_MANY: Final = 1000
_NUMBERS: Final = 2**53


class MessageError(RunbookError):
    """A page has sent what no page of ours sends."""


@frozen
class Hello:
    """The first message: who looks at which steps, and what they have seen so far."""

    client: str
    feed: str
    seen: int
    terminals: dict[str, int]
    steps: tuple[str, ...]


@frozen
class Seen:
    """What the page has shown so far of the terminals."""

    terminals: dict[str, int]


@frozen
class Wish:
    """What somebody wants to be done: `verb`, with what it needs. It is done once for each `id`."""

    id: str
    verb: str
    given: dict[str, Any] = field(factory=dict, repr=False)

    def text(self, name: str, longest: int = _TEXT) -> str:
        """Return what is given under that name as text; empty if nothing is."""
        value = self.given.get(name, "")
        if not isinstance(value, str) or len(value) > longest:
            raise MessageError(f"{name} is no text of at most {longest} characters")
        return value


Message = Hello | Seen | Wish


def read(text: str) -> Message:
    """Return the message that `text` is.

    Raises:
        MessageError: it is none.

    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MessageError("this is no JSON") from error
    if not isinstance(data, dict):
        raise MessageError("this is no object")
    match data.get("type"):
        case "hello":
            steps = data.get("steps", [])
            if not isinstance(steps, list) or len(steps) > _MANY:
                raise MessageError("steps is no list")
            return Hello(
                _name(data.get("client")),
                _name(data.get("feed")) if data.get("feed") else "",
                _number(data.get("seen", 0)),
                _terminals(data.get("terminals", {})),
                tuple(_name(step) for step in steps),
            )
        case "seen":
            return Seen(_terminals(data.get("terminals")))
        case "wish":
            given = {k: v for k, v in data.items() if k not in ("type", "id", "verb")}
            return Wish(_name(data.get("id")), _name(data.get("verb")), given)
    raise MessageError("there is no such message")


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise MessageError("this is no name")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _NUMBERS:
        raise MessageError("this is no number")
    return value


def _terminals(value: object) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) > _MANY:
        raise MessageError("terminals is no object")
    return {_name(name): _number(position) for name, position in value.items()}
