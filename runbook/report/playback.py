"""Recordings made small enough to be part of a page, as text that its player shows again."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from runbook.report.words import harmless

_STYLE: Final = re.compile(r"\x1b\[[0-9;:]*m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
"""What colours text and names windows: the player shows neither."""

_TOGETHER: Final = 0.04
"""Seconds within which what is printed is shown at once; an eye sees no difference."""

_PAUSE: Final = 2.0
"""Seconds that a pause lasts at most when the recording is played."""


def compact(text: str) -> str | None:
    """Return an asciicast v2 recording as JSON for the player, or `None` if it is none.

    The JSON has the width `w` and the height `h` of the terminal, and in `e` by turns how many
    hundredths of a second to wait, and what to print then. It can stand in any element of a
    page: it has no `<`, `>` or `&`. A recording that was cut short is played as far as it goes.
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
        if events and at - shown < _TOGETHER:
            events[-1] = f"{events[-1]}{printed}"
            continue
        events += (round(100 * min(max(at - shown, 0.0), _PAUSE)), printed)
        shown = at
    cleaned = [harmless(_STYLE.sub("", e)) if isinstance(e, str) else e for e in events]
    found: dict[str, Any] = {"w": width, "h": height, "e": cleaned}
    dumped = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda sign: f"\\u{ord(sign[0]):04x}", dumped)


def _printed(lines: list[str]) -> list[tuple[float, str]]:
    """Return when what was printed, up to the first line that is no event."""
    found: list[tuple[float, str]] = []
    for line in lines:
        try:
            at, kind, text = json.loads(line)
            if kind == "o":
                found.append((float(at), str(text)))
        except (TypeError, ValueError):
            break
    return found
