from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.terminal.redactor import MASK, Redactor

SECRET = "s3cret-s3c"
TEXT = b"pass: s3cret-s3c\r\ns3cret-s3s3cret-s3c s3cr\r\net-\r\ns3c s3cret"
SHOWN = b"pass: [secret]\r\ns3cret-s3[secret] [secret] s3cret"


def redacted(pieces: list[bytes], *secrets: str) -> bytes:
    """Return what a redactor writes to its sink."""
    sink = io.BytesIO()
    redactor = Redactor(sink, secrets)
    for piece in pieces:
        redactor.write(piece)
    redactor.flush()
    return sink.getvalue()


@pytest.mark.parametrize("cut", range(len(TEXT) + 1))
def test_a_secret_is_found_wherever_it_is_split(cut: int) -> None:
    """It makes no difference where one write ends and the next begins."""
    assert redacted([TEXT[:cut], TEXT[cut:]], SECRET) == SHOWN


@given(st.lists(st.integers(0, len(TEXT))))
def test_a_secret_is_found_across_many_writes(cuts: list[int]) -> None:
    """More splits and empty writes make no difference either."""
    places = [0, *sorted(cuts), len(TEXT)]

    assert redacted([TEXT[a:b] for a, b in itertools.pairwise(places)], SECRET) == SHOWN


@given(
    st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3),
    st.lists(st.text("abc\r\n", max_size=6)),
)
def test_one_write_and_many_give_the_same_text(secrets: list[str], pieces: list[str]) -> None:
    """Also if secrets overlap or contain each other."""
    data = [piece.encode() for piece in pieces]

    assert redacted(data, *secrets) == redacted([b"".join(data)], *secrets)
    joined_secrets = [s.replace("\n", "") for s in secrets]
    left = redacted(data, *secrets).replace(MASK, b"|").replace(b"\n", b"").replace(b"\r", b"")
    joined = "".join(pieces)
    for secret in filter(None, joined_secrets):
        if joined.isalpha():
            assert secret.encode() not in left


def test_what_cannot_be_a_secret_is_written_at_once() -> None:
    """So that the times of a recording are right."""
    sink = io.BytesIO()
    Redactor(sink, ["xyz"]).write(b"plain output")

    assert sink.getvalue() == b"plain output"


def test_an_empty_secret_is_ignored() -> None:
    """Otherwise everything would be redacted."""
    assert redacted([b"a b"], "", "\n", " ") == b"a b"
