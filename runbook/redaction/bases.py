"""What is left out of a text before a secret is searched for in it: all that shows nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

BLANKS: Final = bytes(range(0x21)) + b"\x7f"
"""Bytes that show nothing: whatever wraps, indents or separates a text is made of them."""

# Escape sequences of a terminal; of a title, whose text may hold a secret, see `bases`.
SEQUENCE: Final = (
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])?"
    rb"|\xc2\x9b[0-?]*[ -/]*[@-~]"
)
# Control characters beyond ASCII, blanks and what has no width, and our own signs for controls.
INVISIBLE: Final = (
    rb"\xc2[\x80-\xa0\xad]|\xe2\x80[\x80-\x8f\xa8-\xaf]|\xe2\x81[\xa0-\xaf]"
    rb"|\xe2\x90[\x80-\xa4]|\xe3\x80\x80|\xef\xb8[\x80-\x8f]|\xef\xbb\xbf|\xef\xbf\xbd"
)
OVERSTRUCK: Final = rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3})\x08"
_BLANK: Final = rb"[\x00-\x1a\x1c-\x20\x7f]+"
# The same, where it must be seen what each line begins with.
_BLANK_OF_LINE: Final = rb"[\x00-\x09\x0b-\x1a\x1c-\x20\x7f]+|\n"
# Where a line of a dump begins, as of `hexdump -C`, xxd and od; and what such a line shows as text.
_INDENT: Final = rb"[ \t]*(?:[-+<>?|~][ \t]*)?"
_ADDRESS: Final = rb"(?m:^)" + _INDENT + rb"[0-9a-f]{6,8}(?::|(?=[ \t\r\n])|\Z)"
_SHOWN: Final = (
    rb"[ \t]{2,}(?:\|[^\r\n]*|>[^\r\n]*(?:<|\Z)|(?<=[0-9a-f]  )"
    # What is longer may be all bytes or words of a line, which two blanks are before as well.
    rb"(?:[!-~][ -~]{0,15}|(?!(?:[0-9a-f]{2}){1,4} )[!-~][ -~]{16,255})(?m:(?=\r?$)))"
)

_UNSEEN: Final = re.compile(INVISIBLE)
PLAIN: Final = re.compile(INVISIBLE + rb"|[\x00-\x20\x7f]+")
"""What shows nothing in a text that is no terminal's; of a sequence only its first byte does."""
UNSEQUENCED: Final = re.compile(rb"|".join((SEQUENCE, INVISIBLE, _BLANK)))
"""What shows nothing on a terminal."""
UNSTRUCK: Final = re.compile(rb"|".join((SEQUENCE, OVERSTRUCK, INVISIBLE, _BLANK)))
"""The same, and what a terminal shows only until the next character."""
_UNNUMBERED: Final = re.compile(rb"|".join((_ADDRESS, _BLANK_OF_LINE)))
_UNDUMPED: Final = re.compile(rb"|".join((_ADDRESS, _SHOWN, _BLANK_OF_LINE)))
DUMPS: Final = (_UNNUMBERED, _UNDUMPED)
"""The bases that read dumps; of those, what a line shows twice is in the rest of the line."""

# A difference has two texts: each is what its own marks, and no marks, stand before.
_OLD_MARKS: Final = rb"\n(?:[ \t]|" + SEQUENCE + rb")*(?:(?:[+>?]|@@)[^\n]*|[-<|~] ?)"
_NEW_MARKS: Final = rb"\n(?:[ \t]|" + SEQUENCE + rb")*(?:(?:[-<?]|@@)[^\n]*|[+>|~] ?)"
_OLD: Final = re.compile(rb"|".join((_OLD_MARKS, SEQUENCE, INVISIBLE, _BLANK_OF_LINE)))
_NEW: Final = re.compile(rb"|".join((_NEW_MARKS, SEQUENCE, INVISIBLE, _BLANK_OF_LINE)))
_MARKS: Final = {_OLD: re.compile(_OLD_MARKS), _NEW: re.compile(_NEW_MARKS)}
# A list of files is no difference, and long.
_OLD_LINE: Final = re.compile(rb"\n(?:[ \t]|\x1b\[[0-9;]*m)*(?:-(?![-rwx]{9})|<)")
_NEW_LINE: Final = re.compile(rb"\n(?:[ \t]|\x1b\[[0-9;]*m)*[+>|~]")
_ANY_LINE: Final = re.compile(rb"\n(?:[ \t]|\x1b\[[0-9;]*m)*(?:-(?![-rwx]{9})|[<+>|~?]|@@)")

_CUT_INVISIBLE: Final = rb"\xc2|\xe2[\x80\x81\x90]?|\xe3\x80?|\xef[\xb8\xbb\xbf]?"
_INCOMPLETE_INVISIBLE: Final = re.compile(rb"(?:" + _CUT_INVISIBLE + rb")\Z")
_INCOMPLETE_SEQUENCE: Final = re.compile(
    rb"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,4096}\x1b?|[ -/]+)?"
    rb"|\xc2\x9b[0-?]*[ -/]*|" + _CUT_INVISIBLE + rb")\Z"
)
_INCOMPLETE_ADDRESS: Final = re.compile(rb"(?m:^)" + _INDENT + rb"[0-9a-f]{0,8}:?\Z")
_INCOMPLETE_MARK: Final = re.compile(
    rb"\n(?:[ \t]|\x1b\[[0-9;]*m)*(?:\x1b(?:\[[0-9;]*)?|[-+<>?|~@])?\Z"
)
_DUMP_LINE: Final = re.compile(_INDENT + rb"[0-9a-f]{6,8}(?::|[ \t]|\Z)")
# A search for what begins with a certain byte takes a fraction of the time.
_LATER_DUMP_LINE: Final = re.compile(rb"\n" + _DUMP_LINE.pattern)
_CUT_DUMP_LINE: Final = re.compile(
    _INDENT + rb"(?:[0-9a-f]{1,8}:?\Z|[0-9a-f]{6,8}(?::|[ \t])[^\n]*\Z)"
)
# Of one within a line, after a quote or an escaped line break.
_CUT_ADDRESS: Final = re.compile(rb"(?:['\"]|\\[nrt]|0[aA]|;)[ \t]*([0-9a-f]{1,8}:?)\Z")
_BEFORE_ADDRESS: Final = re.compile(
    rb"(?:^|['\"]|\\[nrt]|0[aA]|;)(?:[ \t]|"
    + SEQUENCE
    + rb")*[-+<>?|~]?(?:[ \t]|"
    + SEQUENCE
    + rb")*\Z"
)
_LAST_CHARACTER: Final = re.compile(rb"(?:[\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{0,3})\Z")


def bases(data: bytes) -> Iterator[re.Pattern[bytes]]:
    """Yield what to leave out of the text, in each way in which it may be read."""
    yield PLAIN
    if _has_sequence(data):
        yield UNSEQUENCED
    if b"\x08" in data:
        yield UNSTRUCK
    if _OLD_LINE.search(data):
        yield _OLD
    if _NEW_LINE.search(data):
        yield _NEW
    if has_dump(data):
        yield from DUMPS


def has_dump(data: bytes) -> bool:
    """Return whether a line begins as that of a dump does."""
    return (_DUMP_LINE.match(data) or _LATER_DUMP_LINE.search(data)) is not None


def possible_bases(data: bytes) -> Iterator[re.Pattern[bytes]]:
    """Yield what may have to be left out of the text once it goes on."""
    found = [base for base in bases(data) if base is not UNSTRUCK]
    yield from found
    yield UNSTRUCK
    # What comes may be of the other text than all that has come.
    if _INCOMPLETE_MARK.match(data, max(0, data.rfind(b"\n"))) or _ANY_LINE.search(data):
        yield from (base for base in _MARKS if base not in found)


def dump_line(data: bytes, place: int | None = None) -> int:
    """Return where the line with that place begins; without one, where a cut line of a dump does.

    A text whose last line is not that of a dump has none: the length is returned then.
    """
    if place is not None:
        return data.rfind(b"\n", 0, place) + 1
    found = _CUT_DUMP_LINE.match(data, data.rfind(b"\n") + 1)
    return found.start() if found else len(data)


def cut_address(data: bytes) -> int:
    """Return where an address begins within the last line, which may be that of a dump."""
    found = _CUT_ADDRESS.search(data, max(0, len(data) - 40))
    return found.start(1) if found else len(data)


def may_begin_dump_line(begun: bytes) -> bool:
    """Return whether an address may follow what a line has begun with, or a text within it."""
    return _BEFORE_ADDRESS.search(begun) is not None


def is_dump_line(data: bytes, place: int) -> bool:
    """Return whether the line with that place begins as that of a dump does."""
    return _DUMP_LINE.match(data, dump_line(data, place)) is not None


def without(data: bytes, base: re.Pattern[bytes]) -> bytes:
    """Return the text without what `base` leaves out."""
    if base in _MARKS and not _has_sequence(data):
        data = _MARKS[base].sub(b"", data)
    elif base is not PLAIN:
        return base.sub(b"", data)
    if not data.isascii():
        data = _UNSEEN.sub(b"", data)
    return data.translate(None, BLANKS)


def uncut(data: bytes, base: re.Pattern[bytes]) -> bytes:
    """Return the text without a sequence at its end that may become one to be left out."""
    if base in DUMPS:
        return _INCOMPLETE_ADDRESS.sub(b"", data)
    if base in _MARKS:
        data = _INCOMPLETE_MARK.sub(b"", data)
    if base is UNSTRUCK:
        data = _LAST_CHARACTER.sub(b"", data)
    if base is PLAIN:
        return data if data.isascii() else _INCOMPLETE_INVISIBLE.sub(b"", data)
    return _INCOMPLETE_SEQUENCE.sub(b"", data)


def _has_sequence(data: bytes) -> bool:
    return b"\x1b" in data or b"\xc2\x9b" in data
