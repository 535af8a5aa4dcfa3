"""The process that reads a guide, as the server sees it: started, watched, and started again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, cast

from attrs import define, field

from runbook.language_server.messages import Edited, Told
from runbook.model import codec

_PATIENCE: Final = 30.0
"""Seconds that reading edited documents may take before the process counts as stuck."""

_AGAIN: Final = 5.0
"""Seconds between two starts of a process that ends by itself."""

_AT_ONCE: Final = 0.1
"""Seconds within which several changes are one, as those of a version control system."""

_LONGEST: Final = 1 << 28
"""Bytes of a message."""


@define(eq=False)
class Reading:
    """Reads the guide in `directory`; `told` is called with what there is to say.

    `ended` is called with the reason if the process ends although it should not, or hangs; it is
    started again at the next edit. What is read is kept in `output`. All of it happens in the
    event loop of the server.
    """

    directory: Path
    output: Path
    lenient: bool
    told: Callable[[Told], None]
    ended: Callable[[str], None]
    _edited: dict[str, Edited] = field(factory=dict)
    _process: subprocess.Popen[bytes] | None = None
    _input: asyncio.WriteTransport | None = None
    _task: asyncio.Task[None] | None = None
    _started: float = 0.0
    _alarm: asyncio.TimerHandle | None = None
    _restart: asyncio.TimerHandle | None = None
    _opened: bool = False
    _failed: bool = False
    _again: bool = False

    def edit(self, edited: Edited) -> None:
        """Read an edited file, or one that is on the disk as it is again."""
        if edited.text is None:
            self._edited.pop(edited.path, None)
        else:
            self._edited[edited.path] = edited
        if self._opened:
            self._send(edited)
        elif self._task is None and not self._failed:
            self._start_soon(_AGAIN)

    def start_again(self) -> None:
        """Read the guide anew, because something changed that all of it may depend on."""
        if self._task is not None and not self._opened:
            # What is read for the first time would be lost.
            self._again = True
            return
        self.stop()
        self._start_soon(0.0)

    def stop(self) -> None:
        """End the process."""
        for handle in (self._alarm, self._restart):
            if handle is not None:
                handle.cancel()
        self._alarm = self._restart = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._process is not None:
            self._process.kill()
            self._process = self._input = None
        self._opened = self._failed = self._again = False

    def _start_soon(self, apart: float) -> None:
        """Start the process, `apart` seconds from its last start and after what comes at once."""
        if self._restart is None:
            loop = asyncio.get_running_loop()
            wait = self._started + apart - loop.time() if self._started else 0.0
            self._restart = loop.call_later(max(wait, _AT_ONCE), self._start)

    def _start(self) -> None:
        self._restart = None
        loop = asyncio.get_running_loop()
        self._started = loop.time()
        self._task = loop.create_task(self._run())

    async def _run(self) -> None:
        options = ["--lenient"] if self.lenient else []
        # Not by asyncio, which may wait forever for a process if it is cancelled at its start.
        process = subprocess.Popen(
            [
                sys.executable,
                # Modules that lie about in the editor's directory are not meant.
                "-P",
                "-m",
                "runbook.language_server.reader",
                str(self.directory),
                str(self.output),
                *options,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._process = process
        try:
            loop, told = asyncio.get_running_loop(), asyncio.StreamReader(_LONGEST)
            await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(told), cast("IO[bytes]", process.stdout)
            )
            self._input, _ = await loop.connect_write_pipe(
                asyncio.BaseProtocol, cast("IO[bytes]", process.stdin)
            )
            while line := await told.readline():
                self._take(codec.structure(json.loads(line), Told))
            status = await asyncio.to_thread(process.wait)
        except (ValueError, OSError) as error:  # half a message, or one that is too long
            self._end(f"the process that reads the guide says nothing sensible: {error}")
        else:
            self._end(f"the process that reads the guide ended with exit status {status}")
        finally:
            process.kill()
            process.wait()

    def _take(self, told: Told) -> None:
        if told.failed:
            again = self._again
            self.stop()
            self._failed = not again
            self.told(told)
            if again:
                self._start_soon(0.0)
            return
        if not self._opened:
            self._opened = True
            if self._again:
                self.start_again()
                return
            for edited in self._edited.values():
                self._send(edited)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        wanted = {p: e.version for p, e in self._edited.items() if e.version is not None}
        if told.versions != wanted:
            self._watch()
        self.told(told)

    def _send(self, edited: Edited) -> None:
        if self._input is not None:
            self._input.write(json.dumps(codec.unstructure(edited)).encode() + b"\n")
            self._watch()

    def _watch(self) -> None:
        if self._alarm is None:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(
                _PATIENCE, self._end, f"reading takes longer than {_PATIENCE:.0f} s, and was ended"
            )

    def _end(self, why: str) -> None:
        self.stop()
        self.ended(f"{why}; it is tried again at the next change")
