from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.output import Bounded, plain


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb\n", "a\nb\n"),
        (b"1%\r2%\r3%\r\n", "3%\n"),
        (b"\x1b[31;1mred\x1b[0m\x1b(B\x1b=", "red"),
        (b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\", "ab"),
        (b"\xff\xc3\xa9", "\\xff\u00e9"),
        (b"bell\x07 null\0 tab\t", "bell null tab\t"),
        (b"cut \x1b[3", "cut 3"),
    ],
)
def test_plain_text_is_what_a_terminal_shows(data: bytes, text: str) -> None:
    """Escapes are gone, overwritten lines show their last version, stray bytes are named."""
    assert plain(data) == text


@given(st.binary())
def test_plain_text_has_no_control_characters(data: bytes) -> None:
    """Reports in XML and JSON can hold any output."""
    assert all(c in "\n\t" or c >= " " for c in plain(data))


@given(st.lists(st.binary(max_size=30)))
def test_the_beginning_and_the_end_are_kept(pieces: list[bytes]) -> None:
    """What is left out of the middle is counted to the byte."""
    bounded, whole = Bounded(10), b"".join(pieces)
    for piece in pieces:
        bounded.write(piece)

    value = bounded.value()
    if len(whole) <= 20:
        assert (value, bounded.dropped) == (whole, 0)
    else:
        assert bounded.dropped == len(whole) - 20
        gap = b"\n[... %d bytes left out ...]\n" % bounded.dropped
        assert value == whole[:10] + gap + whole[-10:]
