from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.terminal.output import BoundedBuffer, plain
from runbook.terminal.screen import Screen


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
    """Without escapes, with the last version of overwritten lines, and invalid bytes escaped."""
    assert plain(data) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\x1b[1<5Cx\n", "x\n"),
        (b"a\r\x1b[1?Cx\n", "x\n"),
        (b"\rx\x1b[1;?Kb\n", "xb\n"),
        (b"\r\x1b[1=mx\n", "x\n"),
        (b"a\r\x1b[:Cx\n", "ax\n"),
        (b"a\r\x1b[0001:7Cx\n", "ax\n"),
        (b"a\r\x1b[" + b"0" * 5000 + b"1Cx\n", "ax\n"),
        (b"a\x1b[" + b"1" * 5000 + b"Dx\n", "x\n"),
    ],
)
def test_a_malformed_sequence_is_no_trouble(data: bytes, text: str) -> None:
    """A terminal ignores it, and a number has no more digits than it has columns."""
    assert plain(data) == text


NUMBERED = st.builds(
    "\x1b[{}{}".format,
    st.text("0123456789:;<=>?", max_size=8),
    st.sampled_from("ABCDEFGHJKLMPSTX@`abdefhlmrsu"),
)


@given(st.lists(st.one_of(NUMBERED, st.text("ab\r\n\b\t", max_size=4))))
def test_any_sequence_is_carried_out_or_ignored(parts: list[str]) -> None:
    """A program may print whatever it likes."""
    assert "\x1b" not in plain("".join(parts).encode())


@given(st.binary())
def test_plain_text_has_no_control_characters(data: bytes) -> None:
    """Reports in XML and JSON can contain any output."""
    assert all(c in "\n\t" or c >= " " for c in plain(data))


@given(st.lists(st.binary(max_size=30)))
def test_the_beginning_and_the_end_are_kept(pieces: list[bytes]) -> None:
    """The bytes left out of the middle are counted exactly."""
    bounded, whole = BoundedBuffer(10), b"".join(pieces)
    for piece in pieces:
        bounded.write(piece)

    value = bounded.value()
    if len(whole) <= 20:
        assert (value, bounded.dropped) == (whole, 0)
    else:
        assert bounded.dropped == len(whole) - 20
        gap = b"\n[... %d bytes left out ...]\n" % bounded.dropped
        assert value == whole[:10] + gap + whole[-10:]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"abc\b\bX\n", "aXc\n"),
        (b"100%\rok\x1b[K\n", "ok\n"),
        (b"gone\n\x1b[H\x1b[2J\x1b[3Jthere\n", "there\n"),
        (b"a\nb\n\x1b[1A\x1b[2Kc\n", "a\nc\n"),
        (b"one\n\x1b[?1049h\x1b[HDRAWN\x1b[?1049ltwo\n", "one\ntwo\n"),
        (b"\x1b[?2004hName: bob\r\n\x1b[?2004l\rgot bob\n", "Name: bob\ngot bob\n"),
        (b"-\x1b[5bx\x1b(0qq\x1b(B", "------x\u2500\u2500"),
        (b"1\n\x1b7\x1b[24;1fbar\x1b8\x1b[1;23r\x1b[2;1H" + b"x\n" * 30 + b"\x1b[r\x1b[24;1f\x1b[K",
         "1\n" + "x\n" * 30 + "\n"),
    ],
)  # fmt: skip
def test_what_moves_or_erases_is_carried_out(data: bytes, text: str) -> None:
    """As on a screen that scrolls, of which nothing is lost at its top."""
    assert plain(data).rstrip("\n") == text.rstrip("\n")


SEQUENCES = [
    "a",
    "\n",
    "\r",
    "\x08",
    "\t",
    "中",
    "́",
    "\x1b[A",
    "\x1b[3B",
    "\x1b[9C",
    "\x1b[D",
    "\x1b[H",
    "\x1b[5;9H",
    "\x1b[J",
    "\x1b[1J",
    "\x1b[2J",
    "\x1b[3J",
    "\x1b[K",
    "\x1b[1K",
    "\x1b[L",
    "\x1b[M",
    "\x1b[2;5r",
    "\x1b[r",
    "\x1b[P",
    "\x1b[@",
    "\x1b[X",
    "\x1b[4b",
    "\x1b[S",
    "\x1b[T",
    "\x1bM",
    "\x1bD",
    "\x1b7",
    "\x1b8",
    "\x1bc",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[1;31m",
    "\x1b(0",
    "\x1b(B",
]


@given(st.lists(st.sampled_from(SEQUENCES)))
def test_no_sequence_of_control_sequences_fails(parts: list[str]) -> None:
    """The cursor is on the screen afterwards, and every cell has a style."""
    screen = Screen(6, 20)
    screen.feed("".join(parts))
    row, column = screen.cursor
    assert 0 <= row < 6
    assert 0 <= column <= 24
    assert [len(line) for line in screen.styles()] == [len(row) for row in screen.cells()]
