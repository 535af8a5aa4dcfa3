"""What a terminal has shown last: a bounded piece of an endless stream, by its position."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from attrs import define, field

KEPT: Final = 1 << 20
"""Bytes that are kept of one terminal."""
_PIECE: Final = 65536


@define
class Scrollback:
    """The last bytes of a stream; any thread may write or read.

    A position is the number of bytes before it, so that a reader who was away goes on where they
    were. What they missed by too much is gone.
    """

    kept: int = KEPT
    _pieces: deque[bytes] = field(factory=deque)
    _size: int = 0
    _end: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    @property
    def end(self) -> int:
        """The position after the last byte."""
        return self._end

    def write(self, data: bytes) -> None:
        """Add output; the oldest is dropped beyond what is kept."""
        with self._lock:
            self._end += len(data)
            for start in range(0, len(data), _PIECE):
                self._pieces.append(data[start : start + _PIECE])
            if len(self._pieces) > 1 and len(self._pieces[-1]) + len(self._pieces[-2]) <= _PIECE:
                last = self._pieces.pop()
                self._pieces[-1] += last
            self._size += len(data)
            while self._size - len(self._pieces[0]) >= self.kept:
                self._size -= len(self._pieces.popleft())

    def read(self, position: int, most: int) -> tuple[int, bytes]:
        """Return at most so many bytes from `position` on, and the position that they are at.

        That is a later one if what was there is gone, or beyond the end: then it begins with a
        whole line, if there is one.
        """
        with self._lock:
            oldest = self._end - self._size
            begin = position
            if not oldest <= position <= self._end:
                begin = oldest
            at, found, wanted = oldest, bytearray(), most
            for piece in self._pieces:
                if at + len(piece) > begin and wanted > 0:
                    part = piece[max(0, begin - at) :][:wanted]
                    found += part
                    wanted -= len(part)
                at += len(piece)
        if begin != position and begin > 0 and (line := found.find(b"\n") + 1):
            return begin + line, bytes(found[line:])
        return begin, bytes(found)
