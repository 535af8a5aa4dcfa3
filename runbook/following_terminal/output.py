"""What a step prints while it runs, in lines with the name of their host."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable
from typing import Final

from attrs import define, field

from runbook.report.text import sanitize

_MOST: Final = 400
"""Lines of one host that are shown while they are printed; the recording has all."""

_LAST: Final = 10
"""Of more lines, those that are shown when the step has ended."""

_LONGEST: Final = 4096
"""Characters without a line break that are one line."""


@define
class _Printed:
    """What one host prints: the text of the present line, and how many lines there were."""

    decoder: codecs.IncrementalDecoder = field(
        factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )
    text: str = ""
    count: int = 0
    last: list[str] = field(factory=list)


class Output:
    """Shows what is printed on several hosts by `write`, line by line; any thread may add to it.

    With one host its name is left out.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._printed: dict[str, _Printed] = {}
        self._several = False

    def begin(self, hosts: int) -> None:
        """Begin with a step on so many hosts."""
        with self._lock:
            self._printed.clear()
            self._several = hosts > 1

    def add(self, host: str, data: bytes) -> None:
        """Take in what was printed on `host`, and show the lines that are complete."""
        with self._lock:
            printed = self._printed.setdefault(host, _Printed())
            *lines, printed.text = (printed.text + printed.decoder.decode(data)).split("\n")
            if len(printed.text) > _LONGEST:
                lines.append(printed.text)
                printed.text = ""
            for line in lines:
                self._line(host, printed, line)

    def end(self) -> None:
        """Show what is left of every host's output."""
        with self._lock:
            for host, printed in self._printed.items():
                if printed.text.strip():
                    self._line(host, printed, printed.text)
                if printed.count > _MOST:
                    left = printed.count - _MOST - len(printed.last)
                    if left > 0:
                        self._show(host, f"[{left} lines more, which the recording has]")
                    for line in printed.last:
                        self._show(host, line)
            self._printed.clear()

    def _line(self, host: str, printed: _Printed, line: str) -> None:
        printed.count += 1
        # What a progress bar shows last is what remains.
        shown = sanitize(line.rstrip("\r").rpartition("\r")[2])
        if printed.count <= _MOST:
            self._show(host, shown)
        else:
            printed.last = [*printed.last, shown][-_LAST:]

    def _show(self, host: str, line: str) -> None:
        self._write(f"{host}| {line}" if self._several else f"| {line}")
