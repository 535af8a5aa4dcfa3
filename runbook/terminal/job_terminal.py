"""A second terminal, for a command that leaves a job running; docs/adr/0014 gives the reasons.

What the job prints later comes from this terminal alone, so it is in no other command's output.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from typing import Final

from runbook.terminal.channel import Channel
from runbook.terminal.faults import HostLost
from runbook.terminal.marks import END, Line, Mark
from runbook.terminal.output import KEEP, BoundedBuffer
from runbook.terminal.output_stream import OutputStream
from runbook.terminal.redactor import KnownSecrets, Sink

_TIMEOUT: Final = 5.0
"""Seconds in which the shell of the terminal must answer."""
_LATE_LIMIT: Final = 1024 * 1024
"""Bytes that are recorded of what jobs print after the end of their command."""


class JobTerminal:
    """A terminal on the same host, as the same user, which is read from until it is closed.

    An idle shell, started by `argv`, keeps it open. `path` is the terminal's path on the host, and
    `process` that of the shell there. What is printed there is written without `known` secrets.

    Raises:
        HostLost: there is no such terminal within `timeout` seconds, or it cannot be printed on.

    """

    def __init__(
        self, argv: Sequence[str], *, host: str, known: KnownSecrets, timeout: float
    ) -> None:
        self._stream = OutputStream(known)
        self._channel = Channel(argv, host=host, stream=self._stream, timeout=timeout)
        self.path = self._channel.device
        self.process = self._channel.process
        # A user to whom sudo leads may have no right to open a terminal that is not theirs.
        check = f"[ -w {self.path or '/dev/pts/none'} ] && builtin echo yes"
        if not self._channel.query(check, time.monotonic() + _TIMEOUT):
            self._channel.close()
            raise HostLost(f"{host}: no other terminal can be printed on")
        # At its end a login shell says so.
        self._channel.query("exec 2>/dev/null", time.monotonic() + _TIMEOUT)
        self._recording: Sink | None = None
        self._output = BoundedBuffer()
        self._changes: deque[tuple[Line, Callable[[], None]]] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, name=f"{host} {self.path}", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether the terminal is open."""
        return not self._ended and not self._channel.terminal.exited

    @property
    def output(self) -> BoundedBuffer:
        """What the present or last command has printed up to its end."""
        return self._output

    def begin(self, recording: Sink | None, keep: int = KEEP) -> None:
        """Collect and record what is printed from now on, as the output of a new command."""
        self._output = BoundedBuffer(keep)
        self._recording = recording
        self._change(self._collect)

    def end(self) -> None:
        """Wait until everything that the command has printed is collected; record what follows."""
        self._change(self._record_late)

    def close(self) -> None:
        """Close the terminal. Closing again does nothing. Any thread may do this."""
        self._channel.close((b"\x04",))

    def _collect(self) -> None:
        self._stream.record_to(self._recording)
        self._stream.collect(self._output)

    def _record_late(self) -> None:
        self._stream.collect(None)
        self._stream.record_to(_Limited(self._recording) if self._recording is not None else None)

    def _change(self, change: Callable[[], None]) -> None:
        """Have the reader do `change` after what has been printed so far."""
        deadline = time.monotonic() + _TIMEOUT
        with self._changed:
            line = self._channel.new_line(marked=False)
            asked = (line, change)
            self._changes.append(asked)
            # After it the idle shell prints the mark of its prompt.
            sent = f"__runbook_k=0; __runbook_end {line.end}\n".encode("ascii")
            self._channel.terminal.send(sent, deadline)
            self._changed.wait_for(
                lambda: self._ended or asked not in self._changes, timeout=_TIMEOUT
            )

    def _read(self) -> None:
        while (item := self._channel.receive(inf)) is not None:
            if isinstance(item, Mark) and item.kind == END:
                with self._changed:
                    # A prompt that nobody asked for changes nothing.
                    if self._changes and item.tag == f"{self._changes[0][0].end}.1":
                        self._changes.popleft()[1]()
                    self._changed.notify_all()
        with self._changed:
            self._stream.flush()
            self._ended = True
            self._changed.notify_all()


class _Limited:
    """A sink that passes on only so much to another one."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._left = _LATE_LIMIT

    def write(self, data: bytes) -> None:
        if self._left > 0:
            self._sink.write(data[: self._left])
            self._left -= len(data)

    def flush(self) -> None:
        self._sink.flush()
