"""The marks that our shell prints around a command's output, found in a stream of bytes.

A mark is an OSC 133 sequence, the form in which terminals are told of commands: its kind, an
optional number and the shell's own nonce. Text of the same form with another nonce is
a program's output like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

BEGIN: Final = "C"
"""Output begins; the mark of a dialogue carries the number of columns of its terminal."""
END: Final = "D"
"""The command has ended; the mark carries its exit status."""
LEFT: Final = "E"
"""The program has left the terminal, and the shell discards input until it is told to stop."""
READY: Final = "S"
"""The shell is set up; the mark carries the number of the terminal's session on the host."""

_INTRODUCER: Final = b"\x1b]133;"
_BELL: Final = b"\x07"
_LONGEST: Final = 80


@frozen
class Mark:
    """One mark. `status` is the number that it carries, or `None` where the kind has none."""

    kind: str
    status: int | None = None


class Parser:
    """Tell marks from output, however the bytes were cut into pieces.

    Memory is bounded: at most one incomplete mark is kept back between calls.
    """

    def __init__(self, nonce: str) -> None:
        self._mark = re.compile(
            rb"([A-Z])(?:;(\d{1,10}))?;" + re.escape(nonce.encode("ascii")) + rb"\Z"
        )
        self._kept = b""

    def feed(self, data: bytes) -> Iterator[bytes | Mark]:
        """Yield what `data` adds: pieces of output and marks, in order."""
        data = self._kept + data
        self._kept = b""
        begin = 0
        while True:
            start = data.find(b"\x1b", begin)
            if start < 0:
                break
            head = data[start : start + len(_INTRODUCER)]
            if head != _INTRODUCER[: len(head)]:
                start, end = begin, start + 1
            elif (bell := data.find(_BELL, start, start + _LONGEST)) >= 0:
                end = bell + 1
                match = self._mark.match(data[start + len(_INTRODUCER) : bell])
                if match:
                    if start > begin:
                        yield data[begin:start]
                    yield Mark(match[1].decode(), int(match[2]) if match[2] else None)
                    begin = end
                    continue
                # Another mark may begin inside of what looked like one.
                start, end = begin, start + 1
            elif len(data) - start < _LONGEST:
                self._kept = data[start:]
                data = data[:start]
                break
            else:
                start, end = begin, start + 1
            yield data[start:end]
            begin = end
        if begin < len(data):
            yield data[begin:]

    def rest(self) -> bytes:
        """Return what was kept back, at the end of the stream: output after all."""
        kept, self._kept = self._kept, b""
        return kept
