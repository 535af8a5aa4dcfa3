"""What a program printed: kept within bounds, and turned into plain text."""

from __future__ import annotations

import re
from typing import Final

KEEP: Final = 256 * 1024
"""Bytes kept of the beginning of an output, and as many of its end."""

_ESCAPE: Final = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC, if they end
    r"|[ -/]*[0-~]"  # two or three characters
    r")?"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Bounded:
    """A sink that keeps the first and the last `keep` bytes and counts those between."""

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._head = bytearray()
        self._tail = bytearray()
        self.dropped = 0

    def write(self, data: bytes) -> None:
        """Take `data` in."""
        room = self._keep - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        # Cutting only at twice the size costs one copy for every `keep` bytes that pass.
        if len(self._tail) > 2 * self._keep:
            self._cut()

    def flush(self) -> None:
        """Do nothing: there is no buffer behind this one."""

    def clear(self) -> None:
        """Forget everything."""
        self._head.clear()
        self._tail.clear()
        self.dropped = 0

    def value(self) -> bytes:
        """Return what was kept, with a line in place of what was not."""
        if len(self._tail) > self._keep:
            self._cut()
        gap = b"\n[... %d bytes left out ...]\n" % self.dropped if self.dropped else b""
        return bytes(self._head) + gap + bytes(self._tail)

    def _cut(self) -> None:
        excess = len(self._tail) - self._keep
        self.dropped += excess
        del self._tail[:excess]


def plain(data: bytes) -> str:
    r"""Return the text that a terminal would show at the end.

    Escape sequences and control characters are gone, a line overwritten from its beginning
    shows only the last version, and bytes that are not UTF-8 appear as `\xNN`.
    """
    text = data.decode("utf-8", errors="backslashreplace")
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    if "\r" in text:
        lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
        text = "\n".join(lines)
    return _CONTROL.sub("", text)
