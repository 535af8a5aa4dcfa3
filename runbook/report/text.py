"""Text for reports: safe to show, shortened, and formatted for a reader."""

from __future__ import annotations

import re
from typing import Final

from runbook.model import Location

_COLOUR: Final = re.compile(r"\x1b\[[0-9;:]*m")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_UNPRINTABLE: Final = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def sanitize(text: str) -> str:
    """Return `text` without anything that a terminal, a browser or an XML parser would act on.

    Colour sequences are removed. Other control characters become control pictures (`␛`);
    those without a picture, and bidirectional overrides, become U+FFFD.
    """
    text = _COLOUR.sub("", text).replace("\r\n", "\n")
    text = _CONTROL.sub(lambda found: _control_picture(found[0]), text)
    return replace_unprintable(text)


def replace_unprintable(text: str) -> str:
    """Return `text` with the characters that HTML forbids replaced by U+FFFD; ESC is kept."""
    return _UNPRINTABLE.sub("\ufffd", text)


def _control_picture(control: str) -> str:
    return "\u2421" if control == "\x7f" else chr(0x2400 + ord(control))


def shorten(text: str, limit: int) -> str:
    """Return `text`, with whole lines left out of its middle if it exceeds `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit // 3]
    tail = text[-(limit - limit // 3) :]
    head = head[: head.rfind("\n") + 1] or head
    tail = tail[tail.find("\n") + 1 :] or tail
    return f"{head}\n[{len(text) - len(head) - len(tail)} characters left out]\n{tail}"


def last_lines(text: str, count: int) -> list[str]:
    """Return the last `count` lines of `text`, preceded by a line that counts those left out."""
    lines = text.rstrip().splitlines()
    if len(lines) <= count:
        return lines
    return [f"[{len(lines) - count} lines before]", *lines[-count:]]


def format_duration(value: float) -> str:
    """Return a duration in seconds in words: `0.4 s`, `34 s`, `2 min 05 s`."""
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def format_estimate(value: float) -> str:
    """Return an estimated duration in seconds, rounded: `about 4 min`."""
    if value < 10:
        return "a few seconds"
    if value < 90:
        return f"about {round(value, -1):.0f} s"
    minutes = round(value / 60)
    if minutes < 60:
        return f"about {minutes} min"
    return f"about {minutes // 60} h {minutes % 60:02} min"


def format_location(location: Location) -> str:
    """Return `file:line`, or an empty text for a location without a document."""
    return str(location) if location.document else ""


def join_words(parts: list[str]) -> str:
    """Return `parts` as a list in words: `a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def pluralize(count: int, noun: str) -> str:
    """Return a count with its noun: `1 step`, `2 steps`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
