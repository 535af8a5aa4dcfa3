"""Recordings made small enough to embed in a report, as text for its player."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from runbook.report.text import replace_unprintable

_STYLE: Final = re.compile(r"\x1b\[[0-9;:]*m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
"""Sequences that colour text or set the window title: the player shows neither."""

_SAME_FRAME: Final = 0.04
"""Seconds within which output is merged into one event; the eye sees no difference."""

_MAX_PAUSE: Final = 2.0
"""Longest pause in playback, in seconds."""


def compact(text: str) -> str | None:
    """Return an asciicast v2 recording as JSON for the player, or `None` if it is none.

    The JSON has the width `w` and height `h` of the terminal; `e` alternates between a delay in
    hundredths of a second and the text to print after it. It is safe in any HTML element: it has
    no `<`, `>` or `&`. A truncated recording is played as far as it goes.
    """
    lines = text.split("\n")
    try:
        header = json.loads(lines[0])
        width, height = int(header["width"]), int(header["height"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    events: list[int | str] = []
    shown = 0.0
    for at, printed in _printed(lines[1:]):
        if events and at - shown < _SAME_FRAME:
            events[-1] = f"{events[-1]}{printed}"
            continue
        events += (round(100 * min(max(at - shown, 0.0), _MAX_PAUSE)), printed)
        shown = at
    cleaned = [replace_unprintable(_STYLE.sub("", e)) if isinstance(e, str) else e for e in events]
    found: dict[str, Any] = {"w": width, "h": height, "e": cleaned}
    dumped = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda sign: f"\\u{ord(sign[0]):04x}", dumped)


def _printed(lines: list[str]) -> list[tuple[float, str]]:
    """Return the output events with their times, up to the first line that is no event."""
    found: list[tuple[float, str]] = []
    for line in lines:
        try:
            at, kind, text = json.loads(line)
            if kind == "o":
                found.append((float(at), str(text)))
        except (TypeError, ValueError):
            break
    return found
