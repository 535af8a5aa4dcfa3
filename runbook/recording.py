"""Recordings of a session, and the guard that keeps secrets out of them.

Everything here has `write()` and `flush()` and can stand in front of another such thing.
"""

from __future__ import annotations

import codecs
import json
import re
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import IO, Final, Protocol

MASK: Final = b"[secret]"
"""What stands in place of a secret."""

_BREAKS: Final = rb"[\r\n]{0,4}"
_BREAKS_MOST: Final = 4


class Sink(Protocol):
    """Something that takes bytes: a file, a recording, a guard."""

    def write(self, data: bytes, /) -> object:
        """Take `data` in."""

    def flush(self) -> object:
        """Pass on what was held back."""


class Redactor:
    """A sink that replaces secrets by `[secret]` before they reach another sink.

    A secret is found however its bytes are cut into writes, and if line breaks were put
    between them. Bytes that may be the beginning of a secret are held back until the next
    write, or until `flush`.
    """

    def __init__(self, sink: Sink, secrets: Iterable[str] = ()) -> None:
        self._sink = sink
        self._secrets: set[bytes] = set()
        self._held = b""
        self._longest = 0
        self._pattern: re.Pattern[bytes] | None = None
        self._first: re.Pattern[bytes] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Guard `secret` from now on. Text without a visible character cannot be guarded."""
        data = secret.encode().replace(b"\r", b"").replace(b"\n", b"")
        if not data.strip() or data in self._secrets:
            return
        self._secrets.add(data)
        # The longest first: where one secret begins with another, all of it must go.
        ordered = sorted(self._secrets, key=len, reverse=True)
        patterns = [_BREAKS.join(re.escape(bytes([byte])) for byte in one) for one in ordered]
        self._pattern = re.compile(b"|".join(patterns))
        self._first = re.compile(b"[" + b"".join(re.escape(one[:1]) for one in ordered) + b"]")
        self._longest = len(ordered[0]) + _BREAKS_MOST * (len(ordered[0]) - 1)

    def cleaned(self, data: bytes) -> bytes:
        """Return `data` without secrets, and pass nothing on."""
        return data if self._pattern is None else self._pattern.sub(lambda _: MASK, data)

    def write(self, data: bytes) -> None:
        """Pass `data` on, without secrets."""
        if self._pattern is None:
            self._sink.write(data)
        else:
            self._scan(self._held + data, last=False)

    def flush(self) -> None:
        """Pass on what was held back; no secret is expected to go on after it."""
        if self._held:
            self._scan(self._held, last=True)
        self._sink.flush()

    def _scan(self, data: bytes, *, last: bool) -> None:
        assert self._pattern is not None  # noqa: S101  # called only with secrets to look for
        assert self._first is not None  # noqa: S101
        # A match that begins before `decided` can be seen to its end.
        decided = len(data) if last else max(0, len(data) - self._longest + 1)
        out: list[bytes] = []
        done = 0
        for match in self._pattern.finditer(data):
            if match.start() >= decided:
                break
            out += (data[done : match.start()], MASK)
            done = match.end()
        start = self._first.search(data, max(done, decided))
        end = start.start() if start else len(data)
        out.append(data[done:end])
        self._held = data[end:]
        if passed := b"".join(out):
            self._sink.write(passed)


class Asciicast:
    """A recording in the asciicast v2 format: a header, then one JSON array for each event.

    https://docs.asciinema.org/manual/asciicast/v2/ describes the format. Times are seconds
    since the recording began. A context manager that closes the file it was given.
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
        """Record `data` as printed now."""
        self._event(self._decoder.decode(data))

    def flush(self) -> None:
        """Bring everything recorded so far to the file."""
        self._file.flush()

    def close(self) -> None:
        """Finish the recording and close its file."""
        if not self._file.closed:
            self._event(self._decoder.decode(b"", final=True))
            self._file.close()

    def __enter__(self) -> Asciicast:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _event(self, text: str) -> None:
        if text:
            seconds = round(self._clock() - self._began, 6)
            self._file.write(json.dumps([seconds, "o", text], ensure_ascii=False) + "\n")


def trimmed(cast: str, *, step: float = 0.05) -> str:
    """Return an asciicast in as few events as a person can see: one in each `step` seconds.

    Lines that are none of an asciicast, as at the end of one that was cut off, are left out.
    """
    head, _, rest = cast.partition("\n")
    events: list[tuple[float, str]] = []
    for line in rest.splitlines():
        try:
            seconds, kind, text = json.loads(line)
        except ValueError:
            continue
        if kind != "o":
            continue
        if events and seconds - events[-1][0] < step:
            events[-1] = (events[-1][0], events[-1][1] + text)
        else:
            events.append((round(seconds, 2), text))
    lines = [json.dumps([seconds, "o", text], ensure_ascii=False) for seconds, text in events]
    return "\n".join([head, *lines]) + "\n"
