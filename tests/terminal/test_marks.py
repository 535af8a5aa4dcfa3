from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.terminal.marks import Line, Mark, OutOfOrderError, Parser, Progress

NONCE = "0123456789abcdef"
STREAM = (
    b"early\x1b]133;C;%(n)s\x07out\x1b[1m\x1b]133;D;0;beef\x07\x1b]133;\xff\r\n"
    b"\x1b\x1b]133;D;7;%(n)s\x07\x1b]0;title\x07late\x1b]133"
) % {b"n": NONCE.encode()}
EXPECTED = [
    b"early",
    Mark("C"),
    b"out\x1b[1m\x1b]133;D;0;beef\x07\x1b]133;\xff\r\n\x1b",
    Mark("D", 7),
    b"\x1b]0;title\x07late\x1b]133",
]


def parse(pieces: list[bytes]) -> list[bytes | Mark]:
    """Parse all pieces, and join adjacent pieces of output."""
    parser = Parser(NONCE)
    found = [item for piece in pieces for item in parser.feed(piece)]
    joined: list[bytes | Mark] = []
    for item in (*found, parser.rest()):
        if isinstance(item, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += item
        elif item:
            joined.append(item)
    return joined


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_marks_are_found_however_the_stream_is_split(cuts: list[int]) -> None:
    """Only marks with the nonce count; every other byte is output."""
    places = [0, *sorted(cuts), len(STREAM)]

    assert parse([STREAM[a:b] for a, b in itertools.pairwise(places)]) == EXPECTED


def test_marks_are_found_byte_by_byte() -> None:
    """The slowest connection gives the same result."""
    assert parse([bytes([byte]) for byte in STREAM]) == EXPECTED


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\x1b", b"\x1b]133;", b";", b"\x07"])))
def test_output_without_a_mark_is_unchanged(pieces: list[bytes]) -> None:
    """Nothing is lost."""
    assert b"".join(x for x in parse(pieces) if isinstance(x, bytes)) == b"".join(pieces)


def test_a_line_goes_from_its_beginning_to_its_own_end() -> None:
    """The marks of the prompt after it tell whether it came to its end, or was broken off."""
    whole, broken = Line.new(1), Line.new(2)
    whole.take(Mark("C", None, whole.begin))
    whole.take(Mark("D", 0, f"{whole.end}.1"))
    broken.take(Mark("C", None, broken.begin))
    broken.take(Mark("D", 1, f"{broken.begin}.1"))
    assert (whole.progress, broken.progress) == (Progress.ENDED, Progress.ABORTED)
    assert whole.over
    assert broken.over


def test_any_other_mark_is_out_of_order() -> None:
    """That of an earlier line, of one prompt too many, of nothing at all."""
    before, line = Line.new(1), Line.new(2)
    for mark in (
        Mark("D", 0, f"{before.end}.1"),
        Mark("D", 0, f"{line.end}.1"),
        Mark("C", None, before.begin),
        Mark("D", 0),
    ):
        with pytest.raises(OutOfOrderError):
            line.take(mark)
    line.take(Mark("C", None, line.begin))
    for mark in (
        Mark("C", None, line.begin),
        Mark("D", 0, f"{before.end}.1"),
        Mark("D", 0, f"{line.end}.2"),
        Mark("D", 0, line.end),
        Mark("E", None, before.begin),
    ):
        with pytest.raises(OutOfOrderError):
            line.take(mark)
