"""A stream that holds what the code of checks writes until it can be masked as a whole.

A secret may be written in pieces: character by character, or as the lines of an encoding. Each
piece by itself is no secret.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Collection
from itertools import groupby
from types import FrameType
from typing import Any, Final, Literal

Redact = Callable[[str], str]

MOST: Final = 1 << 20
"""Characters that are held of a thread."""


Way = Literal["as it is", "held", "at once"]
"""What becomes of what is written; `at once` is masked and shown, after all that was held."""

Judge = Callable[[FrameType | None], Way]


class HeldOutput:
    """Writes to `stream`; what `judge` tells of its callers is held, for each thread by itself.

    It is written by `release`, without secrets. Beyond the `MOST` that is held of a thread, what
    is there up to its last line break is written, or all of it if the rest is still too long. So a
    secret that is printed in pieces is found within that. After the `end`, nothing is held.
    """

    def __init__(self, stream: Any, redact: Redact, judge: Judge) -> None:
        self._stream = stream
        self._redact = redact
        self._judge = judge
        # What is here stays: a thread may be about to add to its own.
        self._held: dict[int, _Held] = {}
        self._ended = False

    def write(self, text: Any) -> Any:
        """Write `text`, or hold it."""
        if not isinstance(text, str) or (way := self._judge(sys._getframe(1))) == "as it is":
            return self._stream.write(text)
        self.hold(text, way)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write these lines, or hold them."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """What takes bytes, if the stream has it."""
        return _HeldBytes(self._stream.buffer, self.hold, self._judge)

    def hold(self, piece: str | bytes, way: Way) -> None:
        """Hold what the present thread writes, and show it if the `way` is to do so at once."""
        if not piece:
            return
        one = threading.get_ident()
        held = self._held.get(one) or self._held.setdefault(one, _Held())
        held.pieces.append(piece)
        held.size += len(piece)
        # The end may have come meanwhile, and has not seen this piece.
        if self._ended or way == "at once":
            self._show(held)
        elif held.size > MOST:
            self._show(held, lines=True)

    @property
    def threads(self) -> frozenset[int]:
        """The threads of which something is held."""
        return frozenset(one for one, held in tuple(self._held.items()) if held.pieces)

    def release(self, threads: Collection[int]) -> None:
        """Write what is held of these threads."""
        for one in threads:
            if held := self._held.get(one):
                self._show(held)

    def end(self) -> None:
        """Hold nothing from now on; whoever has kept the stream still writes without secrets."""
        self._ended = True
        self.release(self.threads)

    def _show(self, held: _Held, *, lines: bool = False) -> None:
        """Write what is `held`, or only its `lines` that have ended."""
        with held.lock:
            # A destructor may write while this very thread does so.
            if held.shown:
                return
            try:
                held.shown = True
                self._show_now(held, lines=lines)
            finally:
                held.shown = False

    def _show_now(self, held: _Held, *, lines: bool) -> None:
        pieces = held.pieces[:]
        now, rest = _cut(pieces) if lines else (pieces, [])
        text = self._redact(_joined(now))
        # A check may have closed the stream, or nobody reads it any more.
        with contextlib.suppress(OSError, ValueError):
            try:
                # The thread may be interrupted at any call, as in the middle of masking; between
                # these two lines there is none, so nothing is lost or shown twice.
                held.pieces[: len(pieces)] = rest
                self._stream.write(text)
            except UnicodeEncodeError as error:
                self._stream.write(text.encode(error.encoding, "backslashreplace").decode())
            finally:
                held.size = sum(map(len, held.pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Held:
    """What is held of a thread; what it adds at the end needs no lock."""

    def __init__(self) -> None:
        self.pieces: list[str | bytes] = []
        self.size = 0
        # Whoever shows it keeps the order; no other thread's output waits for that.
        self.lock = threading.RLock()
        self.shown = False


def _joined(pieces: list[str | bytes]) -> str:
    text = []
    for is_text, several in groupby(pieces, key=lambda one: isinstance(one, str)):
        if is_text:
            text.append("".join(several))  # type: ignore[arg-type]  # they are text
        else:
            whole = b"".join(several)  # type: ignore[arg-type]  # they are bytes
            text.append(whole.decode(errors="surrogateescape"))
    return "".join(text)


def _cut(pieces: list[str | bytes]) -> tuple[list[str | bytes], list[str | bytes]]:
    """Return what is up to the last line break, and the rest, which is not too long to be held."""
    for at in reversed(range(len(pieces))):
        piece = pieces[at]
        end = (piece.rfind("\n") if isinstance(piece, str) else piece.rfind(b"\n")) + 1
        if end:
            rest: list[str | bytes] = [piece[end:]] if end < len(piece) else []
            rest += pieces[at + 1 :]
            if sum(map(len, rest)) > MOST:
                break
            return [*pieces[:at], piece[:end]], rest
    return pieces, []


class _HeldBytes:
    """What takes the bytes of a stream, and gives it those to hold that checks write."""

    def __init__(
        self,
        stream: Any,
        hold: Callable[[bytes, Way], None],
        judge: Judge,
    ) -> None:
        self._stream = stream
        self._hold = hold
        self._judge = judge

    def write(self, data: Any) -> Any:
        if isinstance(data, str) or (way := self._judge(sys._getframe(1))) == "as it is":
            return self._stream.write(data)
        held = bytes(memoryview(data))
        self._hold(held, way)
        return len(held)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    @property
    def raw(self) -> _HeldBytes:
        """The same: what is held is not buffered anywhere else."""
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
