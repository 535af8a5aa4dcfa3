"""A secret is masked in dumps: as they are, indented, marked, coloured, escaped, and in lists."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from runbook.redaction.known import KnownSecrets
from runbook.terminal.redactor import Redactor
from tests.support.secret_search import masked

SECRET = "Zq7-hunter.Kx9!wombat~42vV-9kLmPq"  # of this test
DATA = SECRET.encode()
ROWS = [(place, DATA[place : place + 16]) for place in range(0, len(DATA), 16)]


def words(row: bytes, size: int, order: int = 1) -> str:
    """Return the words of a row of a dump."""
    return " ".join(row[n : n + size][::order].hex() for n in range(0, len(row), size))


def wide() -> list[str]:
    """Return the dump of `xxd -c 30 -g 4`."""
    rows = [(place, DATA[place : place + 30]) for place in range(0, len(DATA), 30)]
    return [f"{place:08x}: {words(row, 4):67}  {row.decode()}" for place, row in rows]


DUMPS = {
    "xxd": [f"{place:08x}: {words(row, 2):39}  {row.decode()}" for place, row in ROWS],
    "xxd -e": [f"{place:08x}: {words(row, 4, -1):35}  {row.decode()}" for place, row in ROWS],
    "xxd -c 30 -g 4": wide(),
    "hexdump -C": [
        f"{place:08x}  {words(row[:8], 1):23}  {words(row[8:], 1):23}  |{row.decode()}|"
        for place, row in ROWS
    ],
    "od -tx1z": [f"{place:07o} {words(row, 1):48} >{row.decode()}<" for place, row in ROWS],
}


def coloured(line: str) -> str:
    """Return a line of `xxd` with each of its words in a colour."""
    address, *rest = line.split(" ")
    return " ".join([address, *(f"\x1b[1;32m{word}\x1b[0m" if word else "" for word in rest)])


SHAPES: dict[str, Callable[[list[str]], str]] = {
    "as it is": "\n".join,
    "indented": lambda lines: "".join(f"    {line}\n" for line in lines),
    "in a difference": lambda lines: "".join(f"+ {line}\n" for line in lines),
    "in a file's difference": lambda lines: "".join(f"-{line}\n" for line in lines),
    "in colour": lambda lines: "".join(f"{coloured(line)}\n" for line in lines),
    "as Python shows it": lambda lines: "assert 'x' in " + repr("\n".join(lines)) + "\n",
    "as JSON": lambda lines: json.dumps({"dump": "\n".join(lines), "size": 33}) + "\n",
    "as JSON in JSON": lambda lines: json.dumps(json.dumps("\n".join(lines))),
    "as a list of lines": lambda lines: f"assert {lines!r} == ['x']\n",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("program", DUMPS)
def test_it_is_masked_in_a_dump(program: str, shape: str) -> None:
    """Also as its bytes come."""
    for shown in masked(SHAPES[shape](DUMPS[program]), SECRET):
        assert "[secret]" in shown
        for part in ("hunt", "Kx9", "2e4b", "4b2e", "2e 4b", "omba", "6d62", "6d 62", "626d"):
            assert part not in shown


def test_what_only_looks_like_a_dump_is_left() -> None:
    """Its addresses and what it shows as text are there without a secret as well."""
    text = "\n".join(DUMPS["hexdump -C"]) + "\n" + repr("\n".join(DUMPS["xxd"]))
    assert KnownSecrets(["another-secret-77"]).redact(text) == text


@pytest.mark.parametrize("size", [1, 3, 16])
def test_a_line_that_has_begun_is_no_line_of_a_dump(size: int) -> None:
    """What is held back may begin with a number that looks like an address."""
    data = f"commit deadbeef {SECRET} and the rest\n".encode()
    sink = io.BytesIO()
    redactor = Redactor(sink, [SECRET])
    for place in range(0, len(data), size):
        redactor.write(data[place : place + size])
    redactor.flush()
    assert sink.getvalue() == b"commit deadbeef [secret] and the rest\n"


@pytest.mark.parametrize("filling", [" ", "\t", "a\n ", "0"])
def test_a_long_line_takes_no_time(filling: str) -> None:
    """A program may fill one with blanks; that no address is in them is seen at once."""
    sink = io.BytesIO()
    Redactor(sink, [SECRET]).write(filling.encode() * 200_000)
    assert sink.getvalue().count(filling.encode()[:1]) > 150_000
