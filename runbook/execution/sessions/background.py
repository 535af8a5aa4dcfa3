"""Commands of a guide that keep running until the run ends, each in a shell of its own."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Final

from runbook.execution.sessions.recordings import Recording
from runbook.execution.sessions.session import Session
from runbook.execution.texts.expect import mismatch_of_redacted
from runbook.model import Command
from runbook.model.secret_reference import readable
from runbook.results import Performed
from runbook.terminal import bash
from runbook.terminal.connection import Connection
from runbook.terminal.environment import of_client
from runbook.terminal.faults import Failure, HostLost
from runbook.terminal.output import KEEP, BoundedBuffer, plain

_KILL_TIMEOUT: Final = 5.0
"""Seconds that killing a command over another connection may take."""
_FURTHER: Final = "\n..."
"""What a guide shows of a command that keeps running may be followed by more."""


class BackgroundCommand:
    """A command that runs in `session` until it is closed; what it prints is recorded.

    The session and the recording are its own from now on.
    """

    def __init__(
        self,
        session: Session,
        command: Command,
        recording: Recording | None,
        secret: Callable[[str], str],
    ) -> None:
        self._session = session
        self._command = command
        self._recording = recording
        self._output = BoundedBuffer(KEEP)
        self._ended: str | None = None
        self._lost: HostLost | None = None
        self._changed = threading.Condition()
        session.record_to(recording)
        self._run = session.start(command.text, secret)
        self._reader = threading.Thread(target=self._read, name=command.text, daemon=True)
        self._reader.start()

    def await_ready(self, until_output: str | None, timeout: float) -> Performed:
        """Wait until the command has printed `until_output`, and what the guide shows of it.

        Without either it is ready at once. A complaint in the result says that it ended before,
        or was not ready after `timeout` seconds.

        Raises:
            HostLost: the host is gone, or the run was given up.

        """
        began = time.monotonic()
        shown = self._command.output if self._command.compare else None

        def missing(text: str) -> str:
            if until_output is not None and until_output not in text:
                return f"it did not print {until_output!r}"
            if shown is not None and (
                difference := mismatch_of_redacted(shown + _FURTHER, text, self._session.redact)
            ):
                return f"the output is not as shown:\n{difference}"
            return ""

        with self._changed:
            self._changed.wait_for(
                lambda: self._ended is not None or not missing(self._text()), timeout=timeout
            )
            if self._lost is not None:
                raise self._lost
            text = self._text()
            ended = self._ended
        complaint = missing(text)
        if ended is not None and (complaint or (until_output is None and shown is None)):
            said = f": {last}" if (last := text.strip().rpartition("\n")[2]) else ""
            complaint = f"it ended before it was ready: {ended}{said}"
        elif complaint:
            complaint = f"it was not ready after {timeout:g} s: {complaint}"
        return Performed(
            readable(self._command.text),
            self._command.location,
            output=self._session.redact(text),
            seconds=round(time.monotonic() - began, 6),
            complaint=self._session.redact(complaint),
        )

    @property
    def leader(self) -> int:
        """The process of its shell on the host, 0 if it is unknown."""
        return self._session.leader

    @property
    def ended(self) -> str:
        """How the command has ended; empty while it is running."""
        with self._changed:
            return self._ended or ""

    def close(self) -> bool:
        """End the command; false if it may go on at the far end of the connection."""
        gone = self._session.close()
        self._reader.join()
        if self._recording is not None:
            self._recording.close()
            self._recording = None
        return gone

    def _text(self) -> str:
        return plain(self._output.value())

    def _read(self) -> None:
        """Take in what the command prints, up to its end."""
        try:
            for item in self._run.events():
                if isinstance(item, bytes) and self._run.has_begun:
                    with self._changed:
                        self._output.write(item)
                        self._changed.notify_all()
            ended = f"exit status {self._run.completed().status}"
        except HostLost as error:
            ended = str(error)
            self._lost = error
        except Failure as error:
            ended = str(error)
        with self._changed:
            self._ended = ended
            self._changed.notify_all()


class BackgroundCommands:
    """What the steps have left running on the host that `connection` leads to, one for each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._running: dict[str, BackgroundCommand] = {}

    def start(
        self,
        step: str,
        session: Session,
        command: Command,
        recording: Recording | None,
        secret: Callable[[str], str],
    ) -> None:
        """Start the command of a step; one that it has left running before is ended."""
        self._end(step)
        self._running[step] = BackgroundCommand(session, command, recording, secret)

    def await_ready(self, step: str, until_output: str | None, timeout: float) -> Performed:
        """Wait until the command of a step is ready; one that is not in time is ended.

        Raises:
            HostLost: all commands have been ended meanwhile.

        """
        running = self._running.get(step)
        if running is None:
            raise HostLost(f"{self._connection.host}: the run was given up")
        performed = running.await_ready(until_output, timeout)
        if performed.complaint:
            self._end(step)
        return performed

    def ended(self, step: str) -> str:
        """Return how the command of a step has ended; empty while it runs, or if there is none."""
        running = self._running.get(step)
        return running.ended if running is not None else ""

    def close(self) -> None:
        """End all commands. Any thread may do this."""
        for step in list(self._running):
            self._end(step)

    def _end(self, step: str) -> None:
        running = self._running.pop(step, None)
        if running is None or running.close() or not running.leader:
            return
        # A program that ignores the keys goes on when its connection is closed.
        kill = bash.kill_session(running.leader).encode()
        argv = self._connection.pipe("root")
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                argv,
                input=kill,
                capture_output=True,
                timeout=_KILL_TIMEOUT,
                check=False,
                env=of_client(),
            )
