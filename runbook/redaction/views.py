"""Views of a text: without what wraps and colours it, and with its escapes resolved.

Every byte of a view knows from where in the text it comes.
"""

from __future__ import annotations

import bisect
import html.entities
import re
from collections.abc import Callable, Iterator
from typing import Final

from attrs import define, field

from runbook.redaction.bases import INVISIBLE, OVERSTRUCK, PLAIN, SEQUENCE, has_dump, without
from runbook.redaction.forms import QUOTES, Shape

LEVELS: Final = 3
"""How many times escapes within escapes are resolved."""

Path = tuple[re.Pattern[bytes], ...]
"""Which escapes are resolved one after the other."""

_QUOTED: Final = rb"'\\''|'\"'\"'"
"""How a shell puts a quote into quotes."""
_PERCENT: Final = rb"%(?P<percent>[0-9A-Fa-f]{2})"
_BACKSLASH: Final = (
    rb"\\x(?P<byte>[0-9A-Fa-f]{1,2})"
    rb"|\\u\{(?P<braced>[0-9A-Fa-f]{1,6})\}|\\U(?P<wide>[0-9A-Fa-f]{8})"
    rb"|(?P<pair>\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2})"
    rb"|\\u(?P<four>[0-9A-Fa-f]{4})|\\(?P<octal>[0-3]?[0-7]{1,2})|\\(?P<character>.)"
)
_ENTITY: Final = (
    rb"&\#0*(?P<decimal>[0-9]{1,7});|&\#[xX]0*(?P<code>[0-9A-Fa-f]{1,6});|&(?P<name>\w{2,8});"
)
_ALL: Final = re.compile(rb"|".join((_QUOTED, _PERCENT, _BACKSLASH, _ENTITY)), re.DOTALL)
# A secret may itself look like an escape, but of another kind than the one that was put around it.
_KINDS: Final = {
    b"'": re.compile(_QUOTED),
    b"%": re.compile(_PERCENT),
    b"\\": re.compile(_BACKSLASH, re.DOTALL),
    b"&": re.compile(_ENTITY),
}
_NAMED: Final = dict(
    zip(
        (bytes([one]) for one in b"abtnvfre0"),
        (bytes([one]) for one in b"\a\b\t\n\v\f\r\x1b\0"),
        strict=True,
    )
)
_INCOMPLETE: Final = re.compile(
    rb"(?:'(?:\\'?|\"'?\"?)?|\\(?:[uU]\{?[0-9A-Fa-f]{0,8}(?:\\(?:u[dD]?[0-9A-Fa-f]{0,3})?)?"
    rb"|x[0-9A-Fa-f]?|[0-7]{0,2})|%[0-9A-Fa-f]?|&\#?[xX]?\w{0,8})\Z"
)
_AROUND_HEX: Final = QUOTES + b":,;.-{}()[]|"
_SEPARATOR: Final = re.compile(rb"[:,;.\-{}()\[\]|]+")
_HEX_PREFIX: Final = re.compile(rb"0x")
_QUOTE: Final = re.compile(rb"[\"'`\\]")
# Of a list of lines as well.
_AROUND_BASE64: Final = QUOTES + b","
_QUOTE_OR_COMMA: Final = re.compile(rb"[\"'`\\,]")
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


@define
class View:
    """The bytes `data` that were made of another view, or of the text itself.

    They consist of runs; each begins at one of `starts` and comes from one of `origins` on. Of a
    run that was `made` of something else, all bytes come from all of that.
    """

    data: bytes
    parent: View | None = None
    starts: list[int] = field(factory=list)
    origins: list[int] = field(factory=list)
    made: list[int] = field(factory=list)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return from where to where in the text the bytes from `first` to `last` come from."""
        if self.parent is None:
            return first, last + 1
        return self.parent.span(self._origin(first)[0], self._origin(last)[1] - 1)

    def _origin(self, place: int) -> tuple[int, int]:
        run = bisect.bisect_right(self.starts, place) - 1
        origin = self.origins[run]
        if self.made[run]:
            return origin, self.made[run]
        at = origin + place - self.starts[run]
        return at, at + 1


Replace = Callable[[re.Match[bytes]], bytes]


def rewritten(view: View, pattern: re.Pattern[bytes], replace: Replace) -> View:
    """Return the view in which what matches `pattern` is replaced."""
    parts: list[bytes] = []
    made = View(b"", view)
    size = done = 0

    def run(part: bytes, origin: int, end: int) -> None:
        nonlocal size
        if part:
            parts.append(part)
            made.starts.append(size)
            made.origins.append(origin)
            made.made.append(end)
            size += len(part)

    for found in pattern.finditer(view.data):
        run(view.data[done : found.start()], done, 0)
        run(replace(found), found.start(), found.end())
        done = found.end()
    run(view.data[done:], done, 0)
    made.data = b"".join(parts)
    return made


def _nothing(_: re.Match[bytes]) -> bytes:
    return b""


def resolutions(
    data: bytes, until: Callable[[bytes], int] = len, *, singly: bool = True
) -> Iterator[tuple[bytes, Path]]:
    """Yield the text with its escapes resolved in every way, and which were; first as it is.

    Those of all kinds are resolved up to `LEVELS` times, and `singly` those of single kinds twice,
    which takes much longer. `until` says up to where they are in a text.
    """
    seen = {data}
    left: list[tuple[bytes, Path]] = [(data, ())]
    for text, path in left:
        yield text, path
        kinds = [pattern for sign, pattern in _KINDS.items() if sign in text]
        for pattern in (_ALL, *(kinds if singly else ())) if kinds else ():
            if len(path) >= (LEVELS if {*path, pattern} == {_ALL} else LEVELS - 1):
                continue
            resolved = without(pattern.sub(_resolve, text[: until(text)]), PLAIN)
            if resolved not in seen:
                seen.add(resolved)
                left.append((resolved, (*path, pattern)))


def incomplete_escape(data: bytes) -> int:
    """Return where an escape begins that the end of the text may have cut, or its length."""
    found = _INCOMPLETE.search(data, max(0, len(data) - 24))
    return found.start() if found else len(data)


def shaped(data: bytes, shape: Shape) -> bytes:
    """Return a text without blanks in that shape."""
    match shape:
        case Shape.LOWER:
            return data.lower()
        case Shape.UNQUOTED:
            return data.translate(None, QUOTES).lower()
        case Shape.HEX:
            return data.lower().translate(None, _AROUND_HEX).replace(b"0x", b"")
        case Shape.BASE64:
            return data.translate(_STANDARD, _AROUND_BASE64)


def view(data: bytes, base: re.Pattern[bytes], path: Path, shape: Shape) -> View:
    """Return the view of a text that the functions above make, which knows its origins."""
    made = rewritten(View(data), base, _nothing)
    for pattern in path:
        made = rewritten(rewritten(made, pattern, _resolve), PLAIN, _nothing)
    if shape is Shape.LOWER:
        made.data = made.data.lower()
    elif shape is Shape.BASE64:
        made = rewritten(made, _QUOTE_OR_COMMA, _nothing)
        made.data = made.data.translate(_STANDARD)
    else:
        made = rewritten(made, _QUOTE, _nothing)
        made.data = made.data.lower()
        if shape is Shape.HEX:
            made = rewritten(rewritten(made, _SEPARATOR, _nothing), _HEX_PREFIX, _nothing)
    return made


_COLOURED: Final = re.compile(SEQUENCE)
# What may be a line of a dump after an escaped line break, or a quote of a list of lines.
_ESCAPE_BEFORE: Final = rb"[\w#;\\%]{1,8}?"
_MAY_BE_DUMP: Final = re.compile(
    rb"(?:'|\"|\\" + _ESCAPE_BEFORE + rb"|%" + _ESCAPE_BEFORE + rb"|&" + _ESCAPE_BEFORE + rb")"
    rb"[ \t]*(?:[-+<>?|~][ \t]*)?[0-9a-f]{6,8}[: \t]"
)
_BEFORE_LINE: Final = re.compile(
    rb"['\"](?:,\s*['\"])?(?=[ \t]*(?:[-+<>?|~][ \t]*)?[0-9a-f]{6,8}[: \t])"
)


def dumps(data: bytes) -> Iterator[View]:
    """Yield views of a text in which dumps are seen line by line, that are coloured or escaped."""
    made = View(data)
    if b"\x1b" in data and has_dump(data):
        made = rewritten(made, _COLOURED, _nothing)
        yield made
    # An address is filled with zeros, and most texts have not even those.
    if b"000" not in data or not _MAY_BE_DUMP.search(made.data):
        return
    for _ in range(LEVELS + 1):
        lines = rewritten(made, _BEFORE_LINE, lambda _: b"\n")
        if lines.data != data and has_dump(lines.data):
            yield lines
        before = made.data
        made = rewritten(made, _ALL, _resolve)
        if made.data == before:
            return


_STRUCK: Final = re.compile(OVERSTRUCK)
# What stands between the characters of a short secret: never just a blank.
_STRICT: Final = re.compile(
    SEQUENCE + rb"|" + INVISIBLE + rb"|[ \t]*[\r\n]+[ \t]*|[\x00-\x08\x0b-\x1f\x7f]+"
)


def strictly(data: bytes, path: Path = ()) -> bytes:
    """Return the text with its blanks, but without quotes, line breaks and what colours it."""
    data = _STRICT.sub(b"", _STRUCK.sub(b"", data))
    for pattern in path:
        data = _STRICT.sub(b"", pattern.sub(_resolve, data))
    return data.translate(None, QUOTES)


def _resolve(found: re.Match[bytes]) -> bytes:
    """Return what an escape stands for; one that stands for nothing is left as it is."""
    kind, text = found.lastgroup, found[found.lastgroup or 0]
    match kind:
        case None:
            return b"'"
        case "percent" | "byte":
            # Python shows a character below 256 in the same way as a byte.
            return bytes([int(text, 16)])
        case "octal":
            return bytes([int(text, 8)])
        case "character":
            return _NAMED.get(text, text)
        case "pair":
            units = b"".join(int(text[n : n + 4], 16).to_bytes(2, "big") for n in (2, 8))
            return units.decode("utf-16-be").encode()
        case "name":
            return html.entities.html5.get(f"{text.decode('latin-1')};", "").encode() or found[0]
        case _:
            number = int(text, 10 if kind == "decimal" else 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                return found[0]
            return chr(number).encode()
