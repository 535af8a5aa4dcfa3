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
from typing import Any

Redact = Callable[[str], str]


IsHeld = Callable[[FrameType | None], bool]


class HeldOutput:
    """Writes to `stream`; what `is_held` tells of its callers is held, for each thread by itself.

    It is written by `release`, without secrets. After the `end`, nothing is held any more.
    """

    def __init__(self, stream: Any, redact: Redact, is_held: IsHeld) -> None:
        self._stream = stream
        self._redact = redact
        self._is_held = is_held
        self._pieces: dict[int, list[str | bytes]] = {}
        self._ended = False

    def write(self, text: Any) -> Any:
        """Write `text`, or hold it."""
        if not isinstance(text, str) or not self._is_held(sys._getframe(1)):
            return self._stream.write(text)
        self.hold(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write these lines, or hold them."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """What takes bytes, if the stream has it."""
        return _HeldBytes(self._stream.buffer, self.hold, self._is_held)

    def hold(self, piece: str | bytes) -> None:
        """Hold what the present thread writes."""
        if self._ended:
            self._show([piece])
        else:
            # This is one step each, as the thread may be interrupted at any time.
            self._pieces.setdefault(threading.get_ident(), []).append(piece)

    @property
    def threads(self) -> frozenset[int]:
        """The threads of which something is held."""
        return frozenset(self._pieces)

    def release(self, threads: Collection[int]) -> None:
        """Write what is held of these threads."""
        for one in threads:
            if pieces := self._pieces.pop(one, None):
                self._show(pieces)

    def end(self) -> None:
        """Hold nothing from now on; whoever has kept the stream still writes without secrets."""
        self._ended = True
        self.release(self.threads)

    def _show(self, pieces: list[str | bytes]) -> None:
        text = ""
        for is_text, several in groupby(pieces, key=lambda one: isinstance(one, str)):
            if is_text:
                text += "".join(several)  # type: ignore[arg-type]  # they are text
            else:
                text += b"".join(several).decode(errors="surrogateescape")  # type: ignore[arg-type]
        text = self._redact(text)
        # A check may have closed the stream, or nobody reads it any more.
        with contextlib.suppress(OSError, ValueError):
            try:
                self._stream.write(text)
            except UnicodeEncodeError as error:
                self._stream.write(text.encode(error.encoding, "backslashreplace").decode())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _HeldBytes:
    """What takes the bytes of a stream, and gives it those to hold that checks write."""

    def __init__(
        self,
        stream: Any,
        hold: Callable[[bytes], None],
        is_held: IsHeld,
    ) -> None:
        self._stream = stream
        self._hold = hold
        self._is_held = is_held

    def write(self, data: Any) -> Any:
        if isinstance(data, str) or not self._is_held(sys._getframe(1)):
            return self._stream.write(data)
        held = bytes(memoryview(data))
        self._hold(held)
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
