"""A secret is masked whatever it has in it that nobody sees."""

from __future__ import annotations

import base64
import io
import json
import urllib.parse

import pytest

from runbook.redaction.known import KnownSecrets
from runbook.terminal.redactor import Redactor

SECRETS = {
    "a blank that does not break": "Correct\u00a0Horse77",
    "a sign that is joined": "family\U0001f468\u200d\U0001f469CorrectHorse",
    "a sign in colour": "I\u2764\ufe0fCorrectHorse",
    "a soft hyphen": "Corr\u00adectHorse77",
    "a separator of lines": "Correct\u2028Horse77",
    "a wide blank": "Correct\u3000Horse77",
    "the mark of a file of Windows": "\ufeffCorrectHorse77",
    "a sign for a control character": "Correct\u2400Horse77",
    "a control character beyond ASCII": "Correct\u0085Horse77",
    "a bell": "Correct\x07Horse77",
    "a blank without a width at its end": "CorrectHorse77\u200b",
    "a colour": "Correct\x1b[31mHorse77",
    "a title": "Correct\x1b]0;title\x07Horse77",
    "what is struck over": "Correct_\bHorse77",
}


def written(secret: str, *pieces: bytes) -> bytes:
    """Return what a redactor writes of these pieces."""
    sink = io.BytesIO()
    redactor = Redactor(sink, [secret])
    for piece in pieces:
        redactor.write(piece)
    redactor.flush()
    return sink.getvalue()


@pytest.mark.parametrize("what", SECRETS)
def test_it_is_masked_as_it_is(what: str) -> None:
    """Also byte by byte."""
    secret = SECRETS[what]
    data = f"it is {secret} here\n".encode()
    assert KnownSecrets([secret]).redact(data.decode()) in MASKED
    assert written(secret, data).decode() in MASKED
    assert written(secret, *(bytes([byte]) for byte in data)).decode() in MASKED


# What nobody sees at the ends of a secret may be left.
MASKED = {f"it is {mark}[secret]{end} here\n" for mark in ("", "\ufeff") for end in ("", "\u200b")}


@pytest.mark.parametrize("what", SECRETS)
def test_it_is_masked_when_it_is_encoded(what: str) -> None:
    """For JSON, for a URL, and as base64."""
    secret = SECRETS[what]
    known = KnownSecrets([secret])
    for encoded in (
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        repr(secret),
        ascii(secret),
        urllib.parse.quote(secret),
        base64.b64encode(secret.encode()).decode(),
    ):
        assert "[secret]" in known.redact(encoded), encoded
        assert "Horse" not in known.redact(encoded)


def test_what_a_terminal_shows_of_it_is_masked() -> None:
    """A program may have left out the colour."""
    assert KnownSecrets([SECRETS["a colour"]]).redact("CorrectHorse77") == "[secret]"
    assert KnownSecrets(["Correct_\bHorse77"]).redact("CorrectHorse77") == "[secret]"


def test_it_is_masked_without_the_mark_of_its_file() -> None:
    """Some programs take it for a part of the text, and others do not."""
    known = KnownSecrets(["\ufeffCorrectHorse77\r\n"])
    assert known.redact("it is CorrectHorse77.") == "it is [secret]."
    encoded = base64.b64encode(b"CorrectHorse77").decode()
    assert "[secret]" in known.redact(encoded)


def test_of_little_that_is_left_no_other_word_is_masked() -> None:
    """A secret of nothing but colours would take the letters out of all texts."""
    known = KnownSecrets(["\x1b[31ma\x1b[0m", "\u200b\u00a0\ufeff"])
    assert known.redact("an apple a day") == "an apple a day"


@pytest.mark.parametrize("secret", ["tr77 x ", " tr77 x", "\ttr77 x\n", "tr77 x", "'tr77 x"])
def test_blanks_at_the_ends_of_a_short_one_are_no_part_of_it(secret: str) -> None:
    """Those inside of it are: of so few letters, any text may have some."""
    known = KnownSecrets([secret])
    assert "[secret]" in known.redact(f"it is {secret}.")
    assert "[secret]" in known.redact("it is tr77 x.")
    assert known.redact("it is tr77x.") == "it is tr77x."


@pytest.mark.parametrize("first", ["£", "€", "\uff5e", "•", "文"])
@pytest.mark.parametrize("cut", range(4))
def test_its_first_character_may_be_split(first: str, cut: int) -> None:
    """The bytes with which it begins may also be those of something that nobody sees."""
    secret = f"{first}Horse77"
    data = secret.encode()
    pieces = b"pw: " + data[:cut], data[cut:] + b"\n"
    assert written(secret, *pieces) == b"pw: [secret]\n"


@pytest.mark.parametrize("before", ["", "h\u00f6st ", "✓ done\n"])
@pytest.mark.parametrize("cut", range(24))
def test_it_is_masked_in_a_title_that_is_split(before: str, cut: int) -> None:
    """Whatever else the title has."""
    data = f"\x1b]0;{before}CorrectHorse77\x07\n".encode()
    shown = written("CorrectHorse77", data[:cut], data[cut:])
    assert shown == f"\x1b]0;{before}[secret]\x07\n".encode()


@pytest.mark.parametrize("cut", range(20))
def test_a_sequence_of_eight_bits_may_be_split(cut: int) -> None:
    """It is left out as the one of seven bits is."""
    data = b"Correct\xc2\x9b31mHorse77\n"
    assert written("CorrectHorse77", data[:cut], data[cut:]) == b"[secret]\n"
