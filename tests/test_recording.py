from __future__ import annotations

import io
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.recording import MASK, Asciicast, Redactor, trimmed

SECRET = "s3cret-s3c"
TEXT = b"pass: s3cret-s3c\r\ns3cret-s3s3cret-s3c s3cr\r\net-\r\ns3c s3cret"
SHOWN = b"pass: [secret]\r\ns3cret-s3[secret] [secret] s3cret"


def redacted(pieces: list[bytes], *secrets: str) -> bytes:
    """Return what reaches the sink behind the guard."""
    sink = io.BytesIO()
    redactor = Redactor(sink, secrets)
    for piece in pieces:
        redactor.write(piece)
    redactor.flush()
    return sink.getvalue()


@pytest.mark.parametrize("cut", range(len(TEXT) + 1))
def test_a_secret_is_found_at_every_cut(cut: int) -> None:
    """Where one write ends and the next begins makes no difference."""
    assert redacted([TEXT[:cut], TEXT[cut:]], SECRET) == SHOWN


@given(st.lists(st.integers(0, len(TEXT))))
def test_a_secret_is_found_across_many_writes(cuts: list[int]) -> None:
    """Nor do more cuts, nor empty writes."""
    places = [0, *sorted(cuts), len(TEXT)]

    assert redacted([TEXT[a:b] for a, b in itertools.pairwise(places)], SECRET) == SHOWN


@given(
    st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3),
    st.lists(st.text("abc\r\n", max_size=6)),
)
def test_the_cuts_never_matter(secrets: list[str], pieces: list[str]) -> None:
    """Secrets that overlap or contain each other give the same text in one write or many."""
    data = [piece.encode() for piece in pieces]

    assert redacted(data, *secrets) == redacted([b"".join(data)], *secrets)
    guarded = [s.replace("\n", "") for s in secrets]
    left = redacted(data, *secrets).replace(MASK, b"|").replace(b"\n", b"").replace(b"\r", b"")
    joined = "".join(pieces)
    for secret in filter(None, guarded):
        if joined.isalpha():
            assert secret.encode() not in left


def test_what_cannot_be_a_secret_is_passed_on_at_once() -> None:
    """A recording keeps its times."""
    sink = io.BytesIO()
    Redactor(sink, ["xyz"]).write(b"plain output")

    assert sink.getvalue() == b"plain output"


def test_an_empty_secret_hides_nothing() -> None:
    """Otherwise everything would be hidden."""
    assert redacted([b"a b"], "", "\n", " ") == b"a b"


def test_a_recording_is_an_asciicast() -> None:
    """A header, then an event for each write; a character cut in two is one character."""
    times = iter([10.0, 10.5, 11.0, 12.0, 13.0])
    file = io.StringIO()
    file.close = lambda: None  # type: ignore[method-assign]  # to read it afterwards
    with Asciicast(file, title="gs1", clock=lambda: next(times)) as cast:
        cast.write(b"a\xc3")
        cast.write(b"\xa9\r\n\xff")
        cast.flush()

    header, *events = [json.loads(line) for line in file.getvalue().splitlines()]
    assert (header["version"], header["width"], header["title"]) == (2, 132, "gs1")
    assert events == [[0.5, "o", "a"], [1.0, "o", "\u00e9\r\n\ufffd"]]


def test_a_trimmed_recording_plays_like_the_whole_one() -> None:
    """What comes together for the eye is one event; a line that was cut off is left out."""
    lines = [
        '{"version": 2}',
        '[0.1, "o", "a"]',
        '[0.12, "o", "b"]',
        '[1.23456, "o", "c"]',
        '[2, "o',
    ]
    assert trimmed("\n".join(lines)).splitlines() == [
        '{"version": 2}',
        '[0.1, "o", "ab"]',
        '[1.23, "o", "c"]',
    ]
