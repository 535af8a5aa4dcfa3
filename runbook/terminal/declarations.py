"""Parses what bash prints of its variables (`declare -p`), and writes it anew."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from runbook.terminal.bash import quote

_DECLARE: Final = re.compile(rb"declare (-\S+) ([^\s=]+)(=?)")
_START: Final = re.compile(rb"\s*\[")
_QUOTED: Final = re.compile(
    rb"""
    "(?P<double>(?:[^"\\]+|\\.)*)"
    |\$'(?P<ansi>(?:[^'\\]+|\\.)*)'
    |'(?P<single>[^']*)'
    |\\(?P<escaped>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_IN_DOUBLE: Final = re.compile(rb'\\(["$`\\\n])')
_VALUE: Final = re.compile(rb"[^\s\"'\\)]")
_KEY: Final = re.compile(rb"[^\s\"'\\\]]")
_PLAIN: Final = re.compile(r"[\x20-\x7e]*\Z")
_ESCAPED: Final = re.compile(
    rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|[uU]([0-9a-fA-F]{1,8})|c(.)|(.))", re.DOTALL
)
_CONTROL: Final = {
    b"a": b"\a", b"b": b"\b", b"e": b"\x1b", b"E": b"\x1b", b"f": b"\f", b"n": b"\n",
    b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip


class UnreadableError(ValueError):
    """The text is not what bash prints."""


@frozen
class Variable:
    """A variable: the letters of its attributes, and its value, if it has one.

    The elements of an array are pairs of index and value.
    """

    flags: str = ""
    value: bytes | None = None
    elements: tuple[tuple[bytes, bytes], ...] | None = None

    def texts(self) -> Iterator[bytes]:
        """Yield every text that the variable holds."""
        if self.value is not None:
            yield self.value
        for pair in self.elements or ():
            yield from pair

    def statement(self, name: str) -> str:
        """Return the shell statement that makes a variable of that name like this one."""
        if self.elements is not None:
            pairs = " ".join(f"[{word(key)}]={word(value)}" for key, value in self.elements)
            assigned = f"{name}=({pairs})"
        elif self.value is not None:
            assigned = f"{name}={word(self.value)}"
        else:
            assigned = name
        if not self.flags and self.value is not None:
            return assigned
        return f"declare -{self.flags or '-'} {assigned}"


def word(text: bytes) -> str:
    """Return `text` quoted as one word for bash, in one line; as a person would if possible."""
    decoded = text.decode("utf-8", errors="surrogateescape")
    return shlex.quote(decoded) if _PLAIN.match(decoded) else quote(decoded)


def parse(text: bytes) -> dict[str, Variable]:
    """Return the variables in the output of `declare -p`, by name.

    Raises:
        UnreadableError: it is no such output.

    """
    found = {}
    at = 0
    while at < len(text):
        match = _DECLARE.match(text, at)
        if match is None:
            raise UnreadableError(repr(text[at : at + 80]))
        flags = match[1].decode().strip("-")
        at = match.end()
        variable = Variable(flags)
        if match[3]:
            variable, at = _assigned(flags, text, at)
        found[match[2].decode()] = variable
        if text[at : at + 1] != b"\n":
            raise UnreadableError(repr(text[at : at + 80]))
        at += 1
    return found


def _assigned(flags: str, text: bytes, at: int) -> tuple[Variable, int]:
    is_array = "a" in flags or "A" in flags
    if is_array and text.startswith(b"(", at):
        elements, at = _elements(text, at + 1)
        return Variable(flags, elements=elements), at
    value, at = _word(text, at)
    if is_array and value.startswith(b"("):
        # Before bash 4.4 the whole of an array is quoted once more.
        elements, _ = _elements(value, 1)
        return Variable(flags, elements=elements), at
    return Variable(flags, value), at


def _elements(text: bytes, at: int) -> tuple[tuple[tuple[bytes, bytes], ...], int]:
    found = []
    while match := _START.match(text, at):
        key, at = _word(text, match.end(), _KEY)
        if text[at : at + 2] != b"]=":
            raise UnreadableError(repr(text[at : at + 80]))
        value, at = _word(text, at + 2)
        found.append((key, value))
    end = text.find(b")", at)
    if end < 0 or text[at:end].strip():
        raise UnreadableError(repr(text[at : at + 80]))
    return tuple(found), end + 1


def _word(text: bytes, at: int, plain: re.Pattern[bytes] = _VALUE) -> tuple[bytes, int]:
    """Return the word at that place without its quotes, and the place after it."""
    parts: list[bytes] = []
    while match := _QUOTED.match(text, at) or plain.match(text, at):
        at = match.end()
        match match.lastgroup:
            case "double":
                parts.append(_IN_DOUBLE.sub(rb"\1", match["double"]))
            case "ansi":
                parts.append(_ESCAPED.sub(_unescape, match["ansi"]))
            case "single":
                parts.append(match["single"])
            case "escaped":
                parts.append(match["escaped"])
            case _:
                parts.append(match[0])
    return b"".join(parts), at


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    if match[2]:
        return bytes([int(match[2], 16)])
    if match[3]:
        return chr(int(match[3], 16)).encode()
    if match[4]:
        return bytes([match[4][0] & 0x1F])
    return _CONTROL.get(match[5], match[5])
