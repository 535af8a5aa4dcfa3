"""A program that prints secrets, in every way in which programs print them.

    python leaker.py WAY FILE...

It prints the content of each file in that way. The tests use the same functions to know what to
search for in what a run leaves.
"""

from __future__ import annotations

import base64
import codecs
import html
import json
import shlex
import sys
import textwrap
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Final


def _escaped(secret: str, form: str) -> bytes:
    return "".join(form.format(byte) for byte in secret.encode()).encode()


def _each(secret: str, form: Callable[[int, str], str]) -> bytes:
    return "".join(form(number, sign) for number, sign in enumerate(secret)).encode()


def _units(secret: str) -> bytes:
    data = secret.encode("utf-16-be")
    return "".join(f"\\u{data[n]:02x}{data[n + 1]:02x}" for n in range(0, len(data), 2)).encode()


def _wrapped(data: bytes, width: int, margin: str = "") -> bytes:
    parts = [data[n : n + width] for n in range(0, len(data), width)]
    return f"\n{margin}".encode().join(parts)


def _dump(secret: str, separator: str = " ", group: int = 1) -> bytes:
    """Return what xxd and `hexdump -C` print: an address, the bytes, and what they show."""
    data = secret.encode()
    lines = []
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        pairs = separator.join(row[n : n + group].hex() for n in range(0, len(row), group))
        shown = "".join(chr(byte) if 0x20 < byte < 0x7F else "." for byte in row)
        lines.append(f"{start:08x}  {pairs:48}  |{shown}|\n")
    return "".join(lines).encode()


WAYS: Final[dict[str, Callable[[str], bytes]]] = {
    "plain": str.encode,
    "capitals": lambda s: s.upper().encode(),
    "small": lambda s: s.lower().encode(),
    "other-case": lambda s: s.swapcase().encode(),
    "backwards": lambda s: s[::-1].encode(),
    "coloured": lambda s: _each(s, lambda n, c: f"\x1b[3{n % 8}m{c}\x1b[0m"),
    "moved": lambda s: _each(s, lambda n, c: f"\x1b[1;{n + 1}H{c}"),
    "in-a-title": lambda s: f"\x1b]0;{s}\x07".encode(),
    "with-nul": lambda s: "\0".join(s).encode(),
    "with-bell": lambda s: "\a".join(s).encode(),
    "without-width": lambda s: "\u200b".join(s).encode(),
    "overstruck": lambda s: _each(s, lambda _, c: f"{c}\b{c}"),
    "underlined": lambda s: _each(s, lambda _, c: f"_\b{c}"),
    "wrapped": lambda s: _each(s, lambda n, c: ("\n" if n % 5 == 4 else "") + c),
    "indented": lambda s: _each(s, lambda n, c: ("\r\n\t        " if n % 7 == 6 else "") + c),
    "a-line-each": lambda s: "\r\n".join(s).encode(),
    "url": lambda s: urllib.parse.quote(s, safe="").encode(),
    "url-form": lambda s: urllib.parse.urlencode({"password": s}).encode(),
    "url-all": lambda s: _escaped(s, "%{:02X}"),
    "url-twice": lambda s: urllib.parse.quote(urllib.parse.quote(s)).encode(),
    "json": lambda s: json.dumps({"password": s}).encode(),
    "json-utf8": lambda s: json.dumps(s, ensure_ascii=False).encode(),
    "json-in-json": lambda s: json.dumps({"body": json.dumps({"password": s})}).encode(),
    "json-all": _units,
    "xml": lambda s: html.escape(s).encode(),
    "xml-decimal": lambda s: _each(s, lambda _, c: f"&#{ord(c)};"),
    "xml-hex": lambda s: _each(s, lambda _, c: f"&#x{ord(c):X};"),
    "shell": lambda s: f"PASSWORD={shlex.quote(s)}".encode(),
    "shell-double": lambda s: f"PASSWORD={shlex.quote(shlex.quote(s))}".encode(),
    "shell-backslash": lambda s: _each(s, lambda _, c: c if c.isalnum() else f"\\{c}"),
    "shell-ansi": lambda s: b"$'" + _escaped(s, "\\{:03o}") + b"'",
    "sql": lambda s: f"IDENTIFIED BY '{s.replace(chr(39), chr(39) * 2)}'".encode(),
    "csv": lambda s: f'"{s.replace(chr(34), chr(34) * 2)}"'.encode(),
    "repr": lambda s: repr(s).encode(),
    "repr-ascii": lambda s: ascii([s]).encode(),
    "repr-bytes": lambda s: repr(s.encode()).encode(),
    "repr-twice": lambda s: repr(repr(s)).encode(),
    "hex": lambda s: s.encode().hex().encode(),
    "hex-capitals": lambda s: s.encode().hex(":").upper().encode(),
    "hex-numbers": lambda s: ", ".join(f"0x{byte:02x}" for byte in s.encode()).encode(),
    "hex-escapes": lambda s: _escaped(s, "\\x{:02x}"),
    "hex-wrapped": lambda s: _wrapped(s.encode().hex().encode(), 11, "    "),
    "dump": _dump,
    "dump-words": lambda s: _dump(s, " ", 2),
    "base64": lambda s: base64.b64encode(s.encode()),
    "base64-second": lambda s: base64.b64encode(f"x{s}".encode()),
    "base64-third": lambda s: base64.b64encode(f"user:password-{s}yz".encode()),
    "base64-url": lambda s: base64.urlsafe_b64encode(f"zz{s}".encode()),
    "base64-wrapped": lambda s: _wrapped(base64.b64encode(s.encode()), 9),
    "base64-in-json": lambda s: json.dumps(
        {"data": base64.b64encode(s.encode()).decode()}
    ).encode(),
    "base32": lambda s: base64.b32encode(f"abc{s}".encode()),
    "utf-16": lambda s: s.encode("utf-16-le"),
    "word-wrapped": lambda s: "\n    ".join(textwrap.wrap(f"password: {s}", 16)).encode(),
}
"""What a program may print of a secret; all of it is promised to be masked."""

MORE: Final[dict[str, Callable[[str], bytes]]] = {
    "rot13": lambda s: codecs.encode(s, "rot13").encode(),
}
"""What is not promised, so that the tests show that they would notice a leak."""


def main() -> None:
    """Print what the arguments ask for."""
    way, *files = sys.argv[1:]
    for file in files:
        sys.stdout.buffer.write({**WAYS, **MORE}[way](Path(file).read_text(encoding="utf-8")))
        sys.stdout.buffer.write(b"\n")


if __name__ == "__main__":
    main()
