"""The forms in which a secret may be printed: what to search for, and in which view of the text."""

from __future__ import annotations

import base64
import enum
from collections.abc import Iterator
from typing import Final

from attrs import field, frozen

from runbook.redaction.bases import BLANKS, PLAIN, UNSEQUENCED, UNSTRUCK, bases, without

QUOTES: Final = b"\"'`\\"
"""Bytes that quoting adds to a text, in whatever language."""

_LOOSE: Final = 8
"""Visible bytes from which on a secret is found even with blanks between its characters."""
_ENCODED: Final = 5
"""Visible bytes from which on encodings of a secret as a whole are searched for."""
_EDGES: Final = BLANKS.decode()
_LINE: Final = 6
"""Visible bytes of a line of a secret with several lines, from which on it is one of its own."""


class Shape(enum.Enum):
    """What is made of a text before a form is searched for in it; always without blanks.

    What shows nothing is left out of the text, so that it is left out of the forms as well.
    """

    LOWER = enum.auto()
    """In lower case."""
    UNQUOTED = enum.auto()
    """In lower case, and without quotes and backslashes."""
    HEX = enum.auto()
    """The same without what separates hexadecimal digits."""
    BASE64 = enum.auto()
    """Without quotes, and with the characters of the usual alphabet."""


@frozen
class Form:
    """The bytes `text`, to be searched for in a text of that shape.

    A secret that is short is found only with the blanks that it has: one of `exact` must be there.
    """

    text: bytes
    shape: Shape
    exact: tuple[bytes, ...] = field(default=(), repr=False)


def forms(secret: str) -> frozenset[Form]:
    """Return the forms of a secret; none if it has no visible character."""
    found = set(_whole(secret))
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        for line in lines:
            if len(without(_bytes(line), PLAIN)) >= _LINE:
                found.update(_plain(line))
    return frozenset(found)


def _whole(secret: str) -> Iterator[Form]:
    data = _bytes(secret)
    visible = without(data, PLAIN)
    if not visible:
        return
    yield from _plain(secret)
    if len(visible) < _ENCODED:
        return
    if not secret.isascii():
        for codec in ("utf-16-le", "utf-16-be"):
            for shown in _shown(secret.encode(codec, errors="replace")):
                yield Form(shown.lower(), Shape.LOWER)
    # A file ends with a line break, which belongs to no secret; one that begins so has it inside.
    # One of Windows begins with a mark, which only some programs take for a part of the text.
    unmarked = secret.removeprefix("\ufeff")
    for text in {secret, secret.strip(_EDGES), unmarked, unmarked.strip(_EDGES)}:
        yield from _encoded(_bytes(text))
    yield from _encoded(unmarked.encode("utf-16-le", errors="replace"))


def _plain(text: str) -> Iterator[Form]:
    """Yield the forms in which the characters of the text appear one by one."""
    variants = dict.fromkeys((text, text.lower(), text.upper(), text.swapcase(), text[::-1]))
    spelled = [_bytes(one) for one in variants]
    spelled += [_mixed(one) for one in variants if not one.isascii()]
    if " " in text:
        spelled += [_bytes(text.replace(" ", "+"))]
    for data in spelled:
        for shown in _shown(data):
            exact = tuple(spelled) if len(shown) < _LOOSE else ()
            visible = shown.lower()
            unquoted = visible.translate(None, QUOTES)
            if unquoted and 2 * len(unquoted) >= len(visible):
                yield Form(unquoted, Shape.UNQUOTED, exact)
            else:
                yield Form(visible, Shape.LOWER, exact)


def _shown(data: bytes) -> Iterator[bytes]:
    """Yield what is left of `data` in each view of a text in which it may be printed."""
    yield without(data, PLAIN)
    for base in bases(data):
        # What little a terminal shows of a secret may be a word that stands anywhere.
        if base in (UNSEQUENCED, UNSTRUCK) and len(left := without(data, base)) >= _ENCODED:
            yield left


def _encoded(data: bytes) -> Iterator[Form]:
    """Yield the forms in which the bytes of a secret are encoded together."""
    yield Form(data.hex().encode(), Shape.HEX)
    # Dumps of words have the bytes of each, 2 or 4, the other way round.
    for size, start in ((2, 0), (2, 1), (4, 0), (4, 1), (4, 2), (4, 3)):
        places = range(start, len(data) - size + 1, size)
        swapped = b"".join(data[place : place + size][::-1] for place in places)
        if len(swapped) >= _ENCODED - 1:
            yield Form(swapped.hex().encode(), Shape.HEX)
    for offset in range(3):
        yield Form(_inner(data, offset, 6, base64.b64encode), Shape.BASE64)
    for offset in range(5):
        yield Form(_inner(data, offset, 5, base64.b32encode).lower(), Shape.UNQUOTED)


def _inner(data: bytes, offset: int, bits: int, encode: object) -> bytes:
    """Return the characters that `data` alone decides, `offset` bytes into a group."""
    assert callable(encode)  # noqa: S101  # one of the standard library's functions
    encoded = bytes(encode(bytes(offset) + data))
    first = -(-8 * offset // bits)
    return encoded[first : 8 * (offset + len(data)) // bits]


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape" if _escapes(text) else "backslashreplace")


def _escapes(text: str) -> bool:
    return all("\udc80" <= c <= "\udcff" for c in text if "\ud800" <= c <= "\udfff")


def _mixed(text: str) -> bytes:
    r"""Return the text as it comes of `\xfc` and `\u20ac`, which Python and YAML mix."""
    parts = (one.encode("latin-1") if ord(one) < 256 else _bytes(one) for one in text)
    return b"".join(parts)
