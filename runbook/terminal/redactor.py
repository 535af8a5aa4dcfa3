"""Keeping secrets out of recordings and outputs: a sink in front of another sink."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from runbook.redaction.bases import may_begin_dump_line
from runbook.redaction.known import MASK, KnownSecrets

__all__ = ["MASK", "KnownSecrets", "Redactor", "Sink"]

_UNDECIDED: Final = 256 * 1024
"""Bytes that are held back at most because they may be the beginning of a secret."""
_LINE: Final = 80
"""Bytes of a line that tell how it begins: its indentation, colours and marks."""


class Sink(Protocol):
    """Anything that bytes can be written to: a file, a recording, a redactor."""

    def write(self, data: bytes, /) -> object:
        """Write `data`."""

    def flush(self) -> object:
        """Write out what is buffered."""


class Redactor:
    """A sink that replaces secrets with `[secret]` before they reach another sink.

    The secrets are those that are `known` at the time; how they are found, `KnownSecrets` says. It
    makes no difference how their bytes are split across writes: what may be the start of a secret
    is held back until the next write, or until `flush`.
    """

    def __init__(self, sink: Sink, known: KnownSecrets | Iterable[str] = ()) -> None:
        self.known: Final = known if isinstance(known, KnownSecrets) else KnownSecrets(known)
        self._sink = sink
        self._held = b""
        self._line = b""

    def write(self, data: bytes) -> None:
        """Write `data` without secrets to the other sink."""
        scanned = self.known.scan(self._held + data, mid_line=self._mid_line)
        self._held = scanned.undecided
        if scanned.clean:
            self._write(scanned.clean)
        if len(self._held) > _UNDECIDED:
            self._release()

    def flush(self) -> None:
        """Write out what was held back; a secret that is cut here is not found."""
        self._release()
        self._sink.flush()

    def _release(self) -> None:
        held, self._held = self._held, b""
        if held:
            self._write(self.known.redact_bytes(held, mid_line=self._mid_line))

    def _write(self, clean: bytes) -> None:
        self._sink.write(clean)
        line = self._line + clean
        self._line = line[line.rfind(b"\n") + 1 :][-_LINE:]

    @property
    def _mid_line(self) -> bool:
        """Whether the line that has begun cannot go on as one of a dump."""
        return not may_begin_dump_line(self._line)
