"""A program prints secrets in every way that it can; a run keeps none of them."""

from __future__ import annotations

import html
import io
import json
import os
import random
import string
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.redaction.known import KnownSecrets
from runbook.terminal.redactor import Redactor
from tests.attack import leaker
from tests.attack.leaker import WAYS
from tests.attack.seeds import attempts
from tests.support.guides import Guide

SECRETS = {
    "quotes": 'it\'s "5 > 3" & `$HOME` <x>\\n%41',
    "accents": "Gl\u00fcck\u20ac-f\u00fcr-\U0001f600-alle!",
    "words": "correct horse battery staple",
    "pattern": "(a|b)*[c].+?^$\\d{3}##/{}",
    "token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a=",
}
"""Secrets that are hard to find: with quotes, blanks, accents, signs of patterns, and a token."""

LINES = (
    "-----BEGIN KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n"
    "AAAAtzc2gtZWQyNTUxOQ\n"
    "-----END KEY-----\n"
)
ALPHABETS = (
    string.printable.strip(),
    string.ascii_letters,
    f"{string.digits}abcdef",
    "\u00e4\u00f6\u00fc\u00df\u20ac\u4e2d\u6587\U0001f600xyz '\"\\",
    "ab",  # of a few letters, several places that look alike are likely
    "%&\\'\"x41u",  # what looks like an escape by itself
)
INVISIBLE = bytes(range(0x21)) + b"\x7f"


def shows(text: bytes, secret: str) -> list[str]:
    """Return the ways in which a text shows a secret, however it is wrapped and coloured."""
    compact = text.translate(None, INVISIBLE)
    found = []
    for way, printed in WAYS.items():
        wanted = printed(secret)
        if wanted in text or wanted.translate(None, INVISIBLE) in compact:
            found.append(way)
    return found


def readings(path: Path) -> Iterator[bytes]:
    """Yield the content of a file as it is, and as a reader of its format sees it."""
    data = path.read_bytes()
    yield data
    text = data.decode(errors="replace")
    yield html.unescape(text).encode(errors="surrogatepass")
    told: list[str] = []
    for line in text.split("\n"):
        try:
            told += strings(json.loads(line))
        except ValueError:
            continue
    # What a recording shows in two events stands side by side on the screen.
    yield "".join(told).encode(errors="surrogatepass")


def strings(value: object) -> Iterator[str]:
    """Yield all texts in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (key, *strings(one))
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def redacted(pieces: list[bytes], known: KnownSecrets) -> bytes:
    """Return what a redactor writes to its sink."""
    sink = io.BytesIO()
    redactor = Redactor(sink, known)
    for piece in pieces:
        redactor.write(piece)
    redactor.flush()
    return sink.getvalue()


def in_pieces(data: bytes, chance: random.Random) -> list[bytes]:
    """Return data as it may come from a terminal, in pieces of any length."""
    pieces = []
    while data:
        size = chance.choice((1, 1, 2, 3, 5, 8, 40, 4096))
        pieces.append(data[:size])
        data = data[size:]
    return pieces


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_masked_however_it_is_printed(name: str) -> None:
    """In one piece, and in pieces of any length."""
    secret = SECRETS[name]
    known = KnownSecrets([secret])
    chance = random.Random(name)
    leaked = []
    for way, printed in WAYS.items():
        data = b"before\n" + printed(secret) + b"\nafter\n"
        assert way in shows(data, secret), way
        for masked in (known.redact_bytes(data), redacted(in_pieces(data, chance), known)):
            if shows(masked, secret) or b"[secret]" not in masked:
                leaked.append((way, masked))
            assert masked.startswith(b"before\n"), way
            assert masked.endswith(b"\nafter\n"), way
    assert leaked == []


def test_any_secret_is_masked_however_it_is_printed() -> None:
    """Secrets are made of any characters, and stand between any others."""
    tried = 0
    for chance in attempts("leaker"):
        alphabet = chance.choice(ALPHABETS)
        secret = "".join(chance.choice(alphabet) for _ in range(chance.randint(10, 60))).strip()
        if len(secret) < 10 or len(set(secret)) < 2:
            continue
        known = KnownSecrets([secret])
        way = chance.choice(list(WAYS))
        around = ["".join(chance.choice(string.printable) for _ in range(9)) for _ in range(2)]
        before, after = (f"{one}\n".encode() for one in around)
        data = before + WAYS[way](secret) + b"\n" + after
        once = known.redact_bytes(data)
        assert b"[secret]" in once, (secret, way, data)
        assert not shows(once, secret), (secret, way, data)
        pieces = redacted(in_pieces(data, chance), known)
        assert not shows(pieces, secret), (secret, way, data, pieces)
        tried += 1
    assert tried


@pytest.mark.parametrize("name", SECRETS)
def test_the_search_would_notice_a_leak(name: str) -> None:
    """It finds a secret in clear, and what is not promised is not masked by chance."""
    for printed in leaker.MORE.values():
        data = printed(SECRETS[name])
        assert KnownSecrets([SECRETS[name]]).redact_bytes(data) == data
    assert shows(f"x {SECRETS[name]} y".encode(), SECRETS[name])


def secret_guide(directory: Path) -> Guide:
    """A guide that types all secrets, keeps them in files, and prints them in all ways."""
    python, program = sys.executable, Path(leaker.__file__)
    type_all = "; ".join(
        f"read -rsp '{name}: ' s; printf %s \"$s\" >PLACE/{name}" for name in SECRETS
    )
    answers = "\n".join(f"      :{name}\\:: :secret:`{name}`" for name in SECRETS)
    files = " ".join(f"PLACE/{name}" for name in SECRETS)
    steps = [
        """
.. step:: Begin

   .. code-block:: console

      # true
""",
        f"""
.. step:: Type them
   :needs: begin

   .. code-block:: console

      # {type_all}

   .. answers::

{answers}

   .. check:: the first one is another

      assert host.file("PLACE/quotes").content_string == "x"
""",
        """
.. step:: Show the environment
   :needs: begin

   .. code-block:: console

      # env; printenv; cat /proc/$$/environ; cat /proc/$PPID/environ
      # set; declare -p; cat PLACE/key
""",
    ]
    steps += [
        f"""
.. step:: Print {way}
   :needs: begin

   .. code-block:: console

      # {python} {program} {way} {files}
      # {python} {program} {way} {files} >PLACE/printed; {python} {program} {way} {files} >&2

   .. check:: nothing

      assert False, host.file("PLACE/printed").content
"""
        for way in WAYS
    ]
    guide = Guide(directory, *steps)
    (guide.place / "key").write_text(LINES)
    return guide


def test_no_artefact_of_a_run_has_a_secret(tmp_path: Path) -> None:
    """Five secrets, typed once and printed in all ways by another step, in everything that is left.

    That is the journal, reports, recordings, evidence, and what was shown; also of a later run
    that was not given the secrets any more. All of it is for its owner only.
    """
    guide = secret_guide(tmp_path)
    given = tmp_path / "given"
    given.mkdir()
    for name, secret in SECRETS.items():
        (given / name).write_text(secret)
    (given / "key").write_text(LINES)
    environment = {"RUNBOOK_SECRETS": str(given), "RUNBOOK_SECRET_OTHER": "just-in-the-environment"}
    shown = []
    before = os.umask(0)
    try:
        shown.append(guide.call("run", environment=environment))
        shown.append(guide.call("run", "--only", "index/print-plain"))
        shown.append(guide.call("report"))
        shown.append(guide.call("check"))
        shown.append(guide.call("evidence", "--lab", "local"))
    finally:
        os.umask(before)

    told = (guide.results / "journal.jsonl").read_text().split("\n")[:-1]
    outcomes = [json.loads(one) for one in told]
    verdicts = [one["verdict"] for one in outcomes if one["record"] == "outcome"]
    assert verdicts.count("failed") >= len(WAYS) + 2, shown[0].stdout + shown[0].stderr
    texts = {f"shown {number}": (one.stdout + one.stderr).encode(errors="surrogateescape")
             for number, one in enumerate(shown)}  # fmt: skip
    files = [
        path for path in guide.directory.rglob("*") if path.is_file() and path.name != "conf.py"
    ]
    for path in files:
        texts |= {f"{path} {n}": text for n, text in enumerate(readings(path))}
    leaks = [
        (name, secret, ways)
        for name, text in texts.items()
        for secret in (*SECRETS.values(), *LINES.split("\n")[1:3], "just-in-the-environment")
        if (ways := shows(text, secret))
    ]
    assert leaks == []
    kinds = {path.suffix for path in files}
    assert {".jsonl", ".xml", ".html", ".cast", ".json"} <= kinds
    assert shown[4].returncode == 0, shown[4].stderr
    readable = [
        path
        for path in (guide.directory / "build/local").rglob("*")
        if path.stat().st_mode & 0o077 and path.is_file()
    ]
    assert readable == []
    assert (guide.directory / "build/local").stat().st_mode & 0o777 == 0o700
