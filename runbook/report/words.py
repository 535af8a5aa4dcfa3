"""The words, signs and colours of verdicts, and what makes foreign text safe to show."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from runbook.model import Location
from runbook.result import Verdict


@frozen
class Look:
    """How a verdict is shown: a sign, a terminal style, colours of a light and a dark page.

    `meaning` explains the verdict to a reader who does not know the rule.
    """

    sign: str
    style: str
    light: str
    dark: str
    meaning: str


LOOKS: Final = {
    Verdict.FAILED: Look(
        "✘", "bold red", "#b3151c", "#ff8a80", "the guide is wrong, or the system is"
    ),
    Verdict.ERROR: Look("!", "bold magenta", "#8e1f8e", "#f0a0f0", "it could not be tried"),
    Verdict.BLOCKED: Look(
        "▪", "magenta", "#6d4a8a", "#c8a8e8", "a step that it stands on did not hold"
    ),
    Verdict.MANUAL: Look("☛", "yellow", "#7a5a00", "#f0c860", "a person's task that nobody did"),
    Verdict.PROVEN: Look(
        "✔", "green", "#12702e", "#7ddc94", "a check was red before, and all hold after"
    ),
    Verdict.PASSED: Look(
        "✓", "cyan", "#0b6477", "#74d3e6", "it ran and all checks hold, but none was red before"
    ),
    Verdict.REHEARSED: Look("~", "blue", "#1f4fa3", "#90b8ff", "played against a stand-in"),
    Verdict.SATISFIED: Look(
        "=", "blue", "#3d5a80", "#a0c0e8", "all checks held, so it was not run"
    ),
    Verdict.SKIPPED: Look("-", "dim", "#5f6368", "#a8adb4", "not for this host"),
}
"""Every verdict's look, in the order in which reports list them: trouble first."""


_COLOUR: Final = re.compile(r"\x1b\[[0-9;:]*m")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_UNSHOWABLE: Final = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def inert(text: str) -> str:
    """Return `text` without anything that a terminal, a page or an XML reader would obey.

    Colour sequences are left out. Other control characters become their pictures (`␛`);
    what has no picture, or would turn the direction of writing, becomes a replacement mark.
    """
    text = _COLOUR.sub("", text).replace("\r\n", "\n")
    text = _CONTROL.sub(lambda found: _picture(found[0]), text)
    return harmless(text)


def harmless(text: str) -> str:
    """Return `text` without what no page may hold, whatever shows it; it may still hold ESC."""
    return _UNSHOWABLE.sub("\ufffd", text)


def _picture(control: str) -> str:
    return "\u2421" if control == "\x7f" else chr(0x2400 + ord(control))


def shortened(text: str, limit: int) -> str:
    """Return `text` with its middle left out, whole lines at a time, if it is over `limit`.

    `limit` counts characters. The beginning says what was done, the end how it came out.
    """
    if len(text) <= limit:
        return text
    head = text[: limit // 3]
    tail = text[-(limit - limit // 3) :]
    head = head[: head.rfind("\n") + 1] or head
    tail = tail[tail.find("\n") + 1 :] or tail
    return f"{head}\n[{len(text) - len(head) - len(tail)} characters left out]\n{tail}"


def last_lines(text: str, count: int) -> list[str]:
    """Return the last `count` lines of `text`, after a line that says how many stood before."""
    lines = text.rstrip().splitlines()
    if len(lines) <= count:
        return lines
    return [f"[{len(lines) - count} lines before]", *lines[-count:]]


def seconds(value: float) -> str:
    """Return a duration in seconds as a person says it: `0.4 s`, `34 s`, `2 min 05 s`."""
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def about(value: float) -> str:
    """Return an estimate in seconds no more exactly than it is known: `about 4 min`."""
    if value < 10:
        return "a few seconds"
    if value < 90:
        return f"about {round(value, -1):.0f} s"
    minutes = round(value / 60)
    if minutes < 60:
        return f"about {minutes} min"
    return f"about {minutes // 60} h {minutes % 60:02} min"


def place(location: Location) -> str:
    """Return `file:line`, or nothing for a location that no document has."""
    return str(location) if location.document else ""


def listed(parts: list[str]) -> str:
    """Return `parts` as an enumeration: `a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def number(count: int, noun: str) -> str:
    """Return a count with its noun: `1 step`, `2 steps`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
