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
    r"\x08|\r(?!\r*\n|\r*\Z)"
    r"|\x1b(?:\[[0-?]*[ -/]*[A-HJ-MPSTX`bdfrsu@]|\[\?(?:1049|1047|47)[hl]|[78DEMc]|\(0)"
)
"""What changes text that was printed before, or its place."""
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
    if _MOVES.search(text):
        screen = Screen()
        screen.feed(text)
        text = screen.text()
    elif "\x1b" in text:
        text = _ESCAPE.sub("", text)
    return _CONTROL.sub("", text)
