"""Recordings of terminal sessions in the asciicast v2 format."""

from __future__ import annotations

import codecs
import json
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final

HEAD: Final = 2_000_000
"""Characters of events at the beginning of a recording that are kept in any case."""

TAIL: Final = 1_000_000
"""Characters of events at its end that are kept if there are more."""

_EVENT: Final = 16384
"""Characters of output in one event, so that a part of it can be left out."""


class Asciicast:
    """A recording in the asciicast v2 format: a header, then one JSON array per event.

    The format is described at https://docs.asciinema.org/manual/asciicast/v2/. Times are
    seconds since the start of the recording. A context manager that closes the file.

    Of a long recording only the beginning and the end are kept, with a line between them that says
    how much was left out. The end is written when the recording is closed.
    """

    def __init__(
        self,
        file: IO[str],
        *,
        width: int = 132,
        height: int = 24,
        title: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._clock = clock
        self._began = clock()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._head = self._kept = self._left_out = 0
        self._tail: deque[tuple[float, int, str]] = deque()
        header: dict[str, object] = {
            "version": 2,
            "width": width,
            "height": height,
            "timestamp": int(time.time()),
        }
        if title:
            header["title"] = title
        file.write(json.dumps(header) + "\n")

    def write(self, data: bytes) -> None:
        """Record `data` as output at the current time."""
        self._event(self._decoder.decode(data))

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()

    def close(self) -> None:
        """Finish the recording and close its file."""
        if not self._file.closed:
            try:
                self._event(self._decoder.decode(b"", final=True))
                self._write_tail()
            finally:
                # Also if there is no room for the rest.
                self._file.close()

    def __enter__(self) -> Asciicast:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _event(self, text: str) -> None:
        for start in range(0, len(text), _EVENT):
            piece = text[start : start + _EVENT]
            seconds = round(self._clock() - self._began, 6)
            line = json.dumps([seconds, "o", piece], ensure_ascii=False) + "\n"
            if not self._tail and self._head + len(line) <= HEAD:
                self._head += len(line)
                self._file.write(line)
                continue
            self._tail.append((seconds, len(piece), line))
            self._kept += len(line)
            while self._kept > TAIL and len(self._tail) > 1:
                _, size, dropped = self._tail.popleft()
                self._kept -= len(dropped)
                self._left_out += size

    def _write_tail(self) -> None:
        if self._left_out:
            gap = f"\r\n[... {self._left_out} characters left out ...]\r\n"
            self._file.write(json.dumps([self._tail[0][0], "o", gap]) + "\n")
        for _, _, line in self._tail:
            self._file.write(line)
        self._tail.clear()


def events(lines: Iterable[str]) -> Iterator[tuple[float, str]]:
    """Yield the time and the text of all output in the lines of a recording.

    Invalid lines, such as the last one of a truncated recording, are left out.
    """
    for line in lines:
        try:
            seconds, kind, text = json.loads(line)
            if kind == "o" and math.isfinite(seconds):
                yield float(seconds), str(text)
        except (ValueError, TypeError):
            continue


def printed(cast: str) -> str:
    """Return all the text that was printed in a recording."""
    # Not `splitlines`: JSON leaves the line separators of Unicode as they are.
    return "".join(text for _, text in events(cast.split("\n")[1:]))


def compact(lines: Iterable[str], limit: int, *, step: float = 0.05) -> str | None:
    """Return an asciicast with output merged into at most one event every `step` seconds.

    `lines` are those of the recording. They are read only until the result has more than `limit`
    characters: it is `None` then.
    """
    rest = iter(lines)
    parts = [next(rest, "").rstrip("\n")]
    size = len(parts[0])
    at, merged = 0.0, ""

    def event() -> str:
        return json.dumps([at, "o", merged], ensure_ascii=False)

    for seconds, text in events(rest):
        if merged and seconds - at < step:
            merged += text
        else:
            if merged:
                parts.append(event())
                size += len(parts[-1]) + 1
            at, merged = round(seconds, 2), text
        if size + len(merged) > limit:
            return None
    if merged:
        parts.append(event())
    return "\n".join(parts) + "\n" if sum(map(len, parts)) + len(parts) <= limit else None
