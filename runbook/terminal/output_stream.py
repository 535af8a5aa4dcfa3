"""The stream of a shell's output, which feeds the recording and the output of a command."""

from __future__ import annotations

from typing import Final

from runbook.terminal.output import BoundedBuffer
from runbook.terminal.redactor import KnownSecrets, Redactor, Sink


class OutputStream:
    """A sink that redacts the `known` secrets and writes to `recording` and the current output."""

    def __init__(self, known: KnownSecrets, recording: Sink | None = None) -> None:
        self._split = _Split(recording)
        self._redactor = Redactor(self._split, known)
        self.known: Final = known

    @property
    def output(self) -> BoundedBuffer | None:
        """The buffer that output is collected in; `None` between commands."""
        return self._split.output

    def collect(self, output: BoundedBuffer | None) -> None:
        """Collect further output in `output`."""
        self._redactor.flush()
        self._split.output = output

    def record_to(self, recording: Sink | None) -> None:
        """Write further output to `recording`."""
        self._redactor.flush()
        self._split.recording = recording

    def write(self, data: bytes) -> None:
        """Write output of the shell."""
        self._redactor.write(data)

    def flush(self) -> None:
        """Write out what the redactor held back."""
        self._redactor.flush()


class _Split:
    """A sink that writes to two others."""

    def __init__(self, recording: Sink | None) -> None:
        self.output: BoundedBuffer | None = None
        self.recording = recording

    def write(self, data: bytes) -> None:
        if self.output is not None:
            self.output.write(data)
        if self.recording is not None:
            self.recording.write(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def flush(self) -> None:
        if self.recording is not None:
            self.recording.flush()
