"""What a shell prints on its way to two places: its recording, and the output of a command."""

from __future__ import annotations

from runbook.output import Bounded
from runbook.recording import Redactor, Sink


class Tape:
    """A sink that keeps secrets out, and passes on to `record` and to the present output."""

    def __init__(self, record: Sink | None = None) -> None:
        self._split = _Split(record)
        self._redactor = Redactor(self._split)

    @property
    def output(self) -> Bounded | None:
        """What the present command prints into; `None` between commands."""
        return self._split.output

    def begin(self, output: Bounded | None) -> None:
        """Collect into `output` from now on."""
        self._redactor.flush()
        self._split.output = output

    def guard(self, secret: str) -> None:
        """Keep `secret` out of all that is written from now on."""
        self._redactor.add(secret)

    def without_secrets(self, text: str) -> str:
        """Return `text` as it would be taken down."""
        return self._redactor.cleaned(text.encode(errors="surrogateescape")).decode(
            errors="replace"
        )

    def write(self, data: bytes) -> None:
        """Take in what was printed."""
        self._redactor.write(data)

    def flush(self) -> None:
        """Pass on all that was held back."""
        self._redactor.flush()


class _Split:
    """A sink in front of two others."""

    def __init__(self, record: Sink | None) -> None:
        self.output: Bounded | None = None
        self._record = record

    def write(self, data: bytes) -> None:
        if self.output is not None:
            self.output.write(data)
        if self._record is not None:
            self._record.write(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def flush(self) -> None:
        if self._record is not None:
            self._record.flush()
