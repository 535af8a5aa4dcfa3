"""A program on a terminal of its own: bytes in, bytes out, never longer than a deadline."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import termios
import threading
import time
from collections.abc import Sequence
from typing import Final

import pexpect

from runbook.errors import RunbookError
from runbook.faults import HostLost

ROWS: Final = 24
COLUMNS: Final = 132
WIDTH: Final = "RUNBOOK_COLUMNS"
"""Environment variable with another number of columns; 0 is a terminal that has no size."""

_CHUNK: Final = 65536
_FAREWELL: Final = 0.25
"""Seconds in which a program may heed a key and end by itself."""
_DEATH: Final = 30.0
"""Seconds that a killed program may take to be gone, with all its memory."""
_GLANCE: Final = 1.0
"""Seconds between two looks at whether a silent program still lives."""


class Terminal:
    """The program `argv` on a new pseudo-terminal; `pid` is its process.

    Only one thread may send and receive; any thread may `close`, which makes a `receive` in
    another one report the end of the stream.

    Raises:
        HostLost: the program is not installed.
        RunbookError: the environment asks for a terminal that cannot be.

    """

    def __init__(self, argv: Sequence[str], *, host: str) -> None:
        try:
            self._child = pexpect.spawn(
                argv[0],
                list(argv[1:]),
                dimensions=_dimensions(),
                encoding=None,
                timeout=None,
                # Python ignores SIGPIPE, and bash could not undo that for what it runs.
                preexec_fn=_default_pipe,
            )
        except (pexpect.ExceptionPexpect, OSError) as error:
            raise HostLost(f"{host}: {argv[0]} cannot be started: {error}") from error
        process = self._child.ptyproc  # type: ignore[attr-defined]  # missing in its stubs
        process.delayafterclose = process.delayafterterminate = 0.01
        self.pid: Final[int] = process.pid
        self._fd: Final[int] = self._child.child_fd
        # Readable when the process has ended, whether or not it was waited for.
        self._end: Final[int] = os.pidfd_open(self.pid)
        os.set_blocking(self._fd, False)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._busy = threading.Lock()
        self._gone = False

    def send(self, data: bytes, deadline: float) -> bool:
        """Send all of `data` before the monotonic time `deadline`; false if that failed."""
        writable = select.poll()
        writable.register(self._fd, select.POLLOUT)
        view = memoryview(data)
        with self._busy:
            while view and not self._gone:
                try:
                    view = view[os.write(self._fd, view) :]
                except BlockingIOError:
                    left = deadline - time.monotonic()
                    if left <= 0 or not self._child.isalive():
                        return False
                    writable.poll(min(left, _GLANCE) * 1000)
                except OSError:
                    return False
        return not view

    def receive(self, deadline: float) -> bytes | None:
        """Return some bytes, `b""` if none came before `deadline`, `None` after the last."""
        with self._busy:
            while not self._gone:
                left = max(0.0, deadline - time.monotonic())
                if self._poll.poll(min(left, _GLANCE) * 1000):
                    try:
                        return os.read(self._fd, _CHUNK) or None
                    except BlockingIOError:
                        continue
                    except OSError:  # Linux says EIO when the other side is closed
                        return None
                if left <= 0:
                    return b""
                if not self._child.isalive() and not self._poll.poll(0):
                    return None
        return None

    def echoes(self) -> bool:
        """Return whether this terminal shows what is typed; false for a relaying program's."""
        try:
            return bool(termios.tcgetattr(self._fd)[3] & termios.ECHO)
        except termios.error:
            return False

    def status(self) -> int | None:
        """Close the terminal and return the program's exit status, if it ended by itself."""
        ended = not self._gone and self._ends_within(_GLANCE) and not self._child.isalive()
        self.close()
        if not ended:
            return None
        if self._child.signalstatus is not None:
            return 128 + int(self._child.signalstatus)
        return None if self._child.exitstatus is None else int(self._child.exitstatus)

    def close(self, farewell: Sequence[bytes] = ()) -> None:
        """End the program and give the terminal back. Closing again does nothing.

        The keys of the `farewell` are sent first, one by one, so that the program may end by
        itself: a relaying program that is killed leaves its far end running.
        """
        # Not under the lock: another thread may hold it for as long as a silent program runs.
        for key in farewell:
            with contextlib.suppress(OSError):
                # An interrupt throws away what is typed after it, until it has been heeded.
                if not self._gone and os.write(self._fd, key) and self._ends_within(_FAREWELL):
                    break
        if not self._gone:
            self._gone = True
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._end, signal.SIGHUP)
                signal.pidfd_send_signal(self._end, signal.SIGKILL)
        with self._busy:
            if not self._child.closed:
                # Killed is not ended: on a busy machine that takes longer than pexpect waits.
                self._ends_within(_DEATH)
                self._child.close(force=True)
                os.close(self._end)

    def _ends_within(self, seconds: float) -> bool:
        end = select.poll()
        end.register(self._end, select.POLLIN)
        return bool(end.poll(seconds * 1000))


def _dimensions() -> tuple[int, int]:
    """Return the rows and columns of a new terminal."""
    wanted = os.environ.get(WIDTH) or str(COLUMNS)
    if not re.fullmatch(r"[0-9]{1,4}", wanted):
        raise RunbookError(f"{WIDTH} is {wanted!r}, and not a number of columns from 0 to 9999")
    return (ROWS if int(wanted) else 0), int(wanted)


def _default_pipe() -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
