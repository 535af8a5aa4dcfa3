"""Where a text was shortened, no part of a secret is left."""

from __future__ import annotations

import io

import pytest

from runbook.execution.texts.diff import difference
from runbook.redaction.known import KnownSecrets
from runbook.terminal.output import BoundedBuffer
from runbook.terminal.redactor import Redactor

SECRET = "CorrectHorse77"  # of this test


@pytest.mark.parametrize(
    "gap",
    ["...", "\u2026", "[...]", "[\u2026]", "....", "\n[... 12 bytes left out ...]\n", " ... "],
)
def test_a_part_beside_it_is_masked(gap: str) -> None:
    """Before the gap and after it, however that is marked."""
    known = KnownSecrets([SECRET])
    shown = known.redact(f"it is {SECRET[:9]}{gap}{SECRET[5:]} now")
    assert shown == f"it is [secret]{gap.strip(' ')}[secret] now".replace("[secret] [", "[secret][")


def test_a_part_between_two_of_them_is_masked() -> None:
    """It neither begins nor ends as the secret does."""
    known = KnownSecrets([SECRET])
    assert known.redact(f"'...{SECRET[2:9]}...' and more") == "'...[secret]...' and more"
    assert known.redact("'...ors...' and more...") == "'...ors...' and more..."


@pytest.mark.parametrize("size", range(30, 45))
def test_an_output_of_which_the_middle_is_left_out_cuts_none(size: int) -> None:
    """A buffer drops what is in the middle, wherever that is."""
    buffer = BoundedBuffer(keep=64)
    buffer.write(b"x" * (64 - size) + b" " + SECRET.encode() * 100 + b" " + b"y" * (64 - size))
    shown = KnownSecrets([SECRET]).redact(buffer.value().decode())
    assert "bytes left out ...]\n" in shown
    for part in (SECRET[:4], SECRET[-4:]):
        assert part not in shown


@pytest.mark.parametrize("place", range(185, 200))
def test_a_line_that_is_shortened_cuts_none(place: int) -> None:
    """A line of a file may be of any length."""
    line = f"{'x' * place}{SECRET}, end: "
    shown = difference(f"{line}0\n", f"{line}1\n", "web:/etc/app")
    assert f"{SECRET[: 199 - place]}..." in shown
    assert SECRET[:4] not in KnownSecrets([SECRET]).redact(shown)


@pytest.mark.parametrize("size", [1, 3, 200])
@pytest.mark.parametrize(
    "text", ["it is {0}... now", "it is {0}\u2026\n", "'...{1}'", "[...\n{1}\n", "{0}\n[...]\n{1}."]
)
def test_a_part_is_masked_in_a_recording_as_well(text: str, size: int) -> None:
    """However its bytes come."""
    data = text.format(SECRET[:9], SECRET[5:]).encode()
    known = KnownSecrets([SECRET])
    assert known.appear_in(data)
    sink = io.BytesIO()
    redactor = Redactor(sink, known)
    for place in range(0, len(data), size):
        redactor.write(data[place : place + size])
    redactor.flush()
    assert sink.getvalue() == known.redact_bytes(data) == known.redact(data.decode()).encode()


def test_what_is_beside_a_gap_and_no_part_is_written_at_once() -> None:
    """Only a part of a secret, and the gap itself, may have to wait."""
    sink = io.BytesIO()
    Redactor(sink, [SECRET]).write(b"Loading... done now!")
    assert sink.getvalue() == b"Loading... done now!"


@pytest.mark.parametrize(
    "text", ["it is ...{}, and the rest\n", "[...]\n{}\nmore\n", "...{} end", "\u2026{}...\n"]
)
def test_a_part_is_masked_wherever_its_bytes_are_divided(text: str) -> None:
    """The sign that something is left out may have come before."""
    data = text.format(SECRET[-7:]).encode()
    whole = KnownSecrets([SECRET]).redact_bytes(data)
    assert SECRET[-7:].encode() not in whole
    for place in range(1, len(data)):
        sink = io.BytesIO()
        redactor = Redactor(sink, [SECRET])
        redactor.write(data[:place])
        redactor.write(data[place:])
        redactor.flush()
        assert sink.getvalue() == whole, data[:place]


def test_gaps_take_no_time_where_nothing_is_beside_them() -> None:
    """As in the output of programs that show their progress."""
    text = f"{'.' * 10} " * 20_000
    assert KnownSecrets([SECRET]).redact(text) == text
