"""Output of programs: a buffer of bounded size, and conversion to plain text."""

from __future__ import annotations

import re
from typing import Final

from runbook.terminal.screen import Screen

KEEP: Final = 256 * 1024
"""Bytes kept of the beginning of an output, and the same number of its end."""

_ESCAPE: Final = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC, if they end
    r"|[ -/]*[0-~]"  # two or three characters
    r")?"
)
_MOVES: Final = re.compile(
    r"[\x08\x0b\x0c]|\r(?!\r*\n|\r*\Z)"
    r"|\x1b(?:\[[0-?]*[ -/]*[A-HJ-MPSTX`abdefrsu@]|\[\?(?:1049|1047|47)[hl]|[78DEMc]|[()]0)"
)
"""What changes text that was printed before, or its place."""
_FORGETS: Final = re.compile(r"\x1b(?:\[3J|c)")
"""What erases also the lines that have left the screen."""
_ROWS: Final = 24
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class BoundedBuffer:
    """A sink that keeps the first and the last `keep` bytes, and counts those dropped between."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._head = bytearray()
        self._tail = bytearray()
        self.dropped = 0

    def write(self, data: bytes) -> None:
        """Append `data`, and drop bytes from the middle if there are too many."""
        free = self._keep - len(self._head)
        if free > 0:
            self._head += data[:free]
            data = data[free:]
        self._tail += data
        # Cutting at twice the size costs only one copy per `keep` bytes.
        if len(self._tail) > 2 * self._keep:
            self._cut()

    def flush(self) -> None:
        """Do nothing: everything is in memory."""

    def clear(self) -> None:
        """Discard everything."""
        self._head.clear()
        self._tail.clear()
        self.dropped = 0

    def value(self) -> bytes:
        """Return what was kept, with a line in place of what was dropped."""
        if len(self._tail) > self._keep:
            self._cut()
        gap = b"\n[... %d bytes left out ...]\n" % self.dropped if self.dropped else b""
        return bytes(self._head) + gap + bytes(self._tail)

    def _cut(self) -> None:
        excess = len(self._tail) - self._keep
        self.dropped += excess
        del self._tail[:excess]


def plain(data: bytes) -> str:
    r"""Return the text that a terminal would finally show.

    What moves the cursor or erases is carried out, other escape sequences and control characters
    are removed, and bytes that are not UTF-8 appear as `\xNN`.
    """
    text = data.decode("utf-8", errors="backslashreplace")
    return "".join(_rendered(text) if _MOVES.search(text) else (_unescaped(text),))


def _rendered(text: str) -> list[str]:
    """Return the parts of the text that a terminal shows; a screen is kept where it matters.

    A move reaches back no further than the rows of the screen. So lines are only copied if that
    many are left before the next move, and the last move is that many lines ago.
    """
    done: list[str] = []
    screen, place = Screen(_ROWS), 0
    while place < len(text):
        found = _MOVES.search(text, place)
        move = found.start() if found else len(text)
        if screen.settled and (copied := _before(text, place, move)) > place:
            done += (_unescaped(screen.text()), _unescaped(text[place:copied]))
            screen, place = Screen(_ROWS), copied
        end = _after(text, move)
        if _FORGETS.search(text, place, end):
            done.clear()
        screen.feed(text[place:end])
        place = end
    return [*done, _unescaped(screen.text())]


def _before(text: str, start: int, end: int) -> int:
    """Return where the last lines before `end` begin that fill a screen, at least `start`."""
    place = end
    for _ in range(_ROWS + 1):
        place = text.rfind("\n", start, place)
        if place < 0:
            return start
    return place + 1


def _after(text: str, start: int) -> int:
    """Return the end of the lines from `start` on that fill a screen."""
    place = start - 1
    for _ in range(_ROWS + 1):
        place = text.find("\n", place + 1)
        if place < 0:
            return len(text)
    return place + 1


def _unescaped(text: str) -> str:
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    return _CONTROL.sub("", text)
