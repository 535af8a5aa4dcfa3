from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runbook.marks import Mark, Parser

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
    """Parse all pieces, and join output that was yielded in parts."""
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
def test_marks_are_found_however_the_stream_is_cut(cuts: list[int]) -> None:
    """Only marks with our nonce count, and every other byte is output."""
    places = [0, *sorted(cuts), len(STREAM)]

    assert parse([STREAM[a:b] for a, b in itertools.pairwise(places)]) == EXPECTED


def test_marks_are_found_byte_by_byte() -> None:
    """The slowest channel gives the same result."""
    assert parse([bytes([byte]) for byte in STREAM]) == EXPECTED


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\x1b", b"\x1b]133;", b";", b"\x07"])))
def test_output_without_a_mark_is_not_changed(pieces: list[bytes]) -> None:
    """Nothing is lost, and what is kept back is bounded."""
    assert b"".join(x for x in parse(pieces) if isinstance(x, bytes)) == b"".join(pieces)
