"""A program on a pseudo-terminal: sends and receives bytes, with a deadline."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import pexpect

from runbook.errors import RunbookError
from runbook.terminal import environment
from runbook.terminal.faults import HostLost

ROWS: Final = 24
COLUMNS: Final = 132
COLUMNS_VARIABLE: Final = "RUNBOOK_COLUMNS"
"""Environment variable with the number of columns; 0 is a terminal without a size."""

_INPUT, _OUTPUT = 0, 1
_TIOCGPTN: Final = 0x80045430
"""The request for a pseudo-terminal's number; Python's termios does not name it."""
_CHUNK: Final = 65536
_EXIT_TIMEOUT: Final = 0.25
"""Seconds in which a program may react to a key and exit by itself."""
_KILL_TIMEOUT: Final = 30.0
"""Seconds that a killed program may take to end and free its memory."""
_POLL_INTERVAL: Final = 1.0
"""Seconds between two checks whether a silent program is still alive."""


class Terminal:
    """The program `argv` on a new pseudo-terminal; `pid` is its process.

    `size` are the rows and columns that the terminal had at first.

    One thread may send and another one receive. Any thread may `close`, which makes a `receive`
    in another thread report the end of the stream.

    Raises:
        HostLost: the program cannot be started.
        RunbookError: the environment asks for an invalid width.

    """

    def __init__(self, argv: Sequence[str], *, host: str) -> None:
        self.size: Final = _dimensions()
        try:
            self._child = pexpect.spawn(
                argv[0],
                list(argv[1:]),
                dimensions=self.size,
                encoding=None,
                timeout=None,
                # Python ignores SIGPIPE, and bash cannot undo that for the programs it runs.
                preexec_fn=_restore_sigpipe,
                env=environment.of_client(),
            )
        except (pexpect.ExceptionPexpect, OSError) as error:
            raise HostLost(f"{host}: {argv[0]} cannot be started: {error}") from error
        process = self._child.ptyproc  # type: ignore[attr-defined]  # missing in its stubs
        process.delayafterclose = process.delayafterterminate = 0.01
        self.pid: Final[int] = process.pid
        self._fd: Final[int] = self._child.child_fd
        # Readable when the process has ended, whether or not it was waited for.
        self._pidfd: Final[int] = os.pidfd_open(self.pid)
        os.set_blocking(self._fd, False)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._sending = threading.Lock()
        self._receiving = threading.Lock()
        # A process can be waited for only once, also if two threads see that it has ended.
        self._waiting = threading.Lock()
        self._closed = False

    @property
    def path(self) -> str:
        """The path of the terminal on this machine; empty if it is closed."""
        if self._closed:
            return ""
        try:
            return f"/dev/pts/{struct.unpack('i', fcntl.ioctl(self._fd, _TIOCGPTN, bytes(4)))[0]}"
        except (OSError, ValueError):
            return ""

    @property
    def exited(self) -> bool:
        """Whether the program has ended; what it printed last may still be there to receive."""
        return self._closed or self._exits_within(0)

    def send(self, data: bytes, deadline: float) -> bool:
        """Send all of `data` before the monotonic time `deadline`; false if that failed."""
        writable = select.poll()
        writable.register(self._fd, select.POLLOUT)
        view = memoryview(data)
        with self._sending:
            while view and not self._closed:
                try:
                    view = view[os.write(self._fd, view) :]
                except BlockingIOError:
                    left = deadline - time.monotonic()
                    if left <= 0 or self._exits_within(0):
                        return False
                    writable.poll(min(left, _POLL_INTERVAL) * 1000)
                except OSError:
                    return False
        return not view

    def receive(self, deadline: float) -> bytes | None:
        """Return some bytes, `b""` if none came before `deadline`, `None` at the end."""
        with self._receiving:
            while not self._closed:
                left = max(0.0, deadline - time.monotonic())
                if self._poll.poll(min(left, _POLL_INTERVAL) * 1000):
                    try:
                        return os.read(self._fd, _CHUNK) or None
                    except BlockingIOError:
                        continue
                    except OSError:  # Linux reports EIO when the other side is closed
                        return None
                if left <= 0:
                    return b""
                if self._exits_within(0) and not self._poll.poll(0):
                    return None
        return None

    def interact(self, typed: Callable[[bytes], bytes], shown: Callable[[bytes], bytes]) -> None:
        """Connect the program to the terminal of this process until it ends.

        What is typed there and what the program prints goes through the two functions; one that
        raises an error ends the connection. The terminal is left as it was found.
        """
        with self._sending, self._receiving, self._of_the_persons_size():
            os.set_blocking(self._fd, True)
            try:
                self._child.interact(None, typed, shown)  # type: ignore[arg-type]  # bytes, here
            except OSError as error:
                # This is how a terminal that has been closed reports it.
                if error.errno != errno.EIO:
                    raise
            finally:
                os.set_blocking(self._fd, False)

    @contextlib.contextmanager
    def _of_the_persons_size(self) -> Iterator[None]:
        """Give the terminal the size of that of this process, and afterwards its own again."""

        def follow(*_: object) -> None:
            columns, rows = os.get_terminal_size(_OUTPUT)
            self._child.setwinsize(rows, columns)

        own = self._child.getwinsize()
        is_main = threading.current_thread() is threading.main_thread()
        before = signal.signal(signal.SIGWINCH, follow) if is_main else None
        follow()
        try:
            yield
        finally:
            if is_main:
                signal.signal(signal.SIGWINCH, before)
            with contextlib.suppress(OSError):
                self._child.setwinsize(*own)

    def echoes(self) -> bool:
        """Return whether this terminal echoes input; false if a program such as ssh relays it."""
        try:
            return bool(termios.tcgetattr(self._fd)[3] & termios.ECHO)
        except termios.error:
            return False

    def status(self) -> int | None:
        """Close the terminal and return the program's exit status, if it exited by itself."""
        with self._waiting:
            ended = (
                not self._closed
                and self._exits_within(_POLL_INTERVAL)
                and not self._child.isalive()
            )
        self.close()
        if not ended:
            return None
        if self._child.signalstatus is not None:
            return 128 + int(self._child.signalstatus)
        return None if self._child.exitstatus is None else int(self._child.exitstatus)

    def close(self, exit_keys: Sequence[bytes] = ()) -> bool:
        """End the program and release the terminal. Closing again does nothing.

        `exit_keys` are sent first, one by one, so that the program can exit by itself: if a
        program such as ssh is killed, what it started on the host goes on. Returns false if this
        may be so.
        """
        exited = self._closed or self._exits_within(0)
        # Not under the locks: another thread may hold them for as long as a silent program runs.
        for key in exit_keys:
            with contextlib.suppress(OSError):
                # An interrupt discards the input after it until the program reacts.
                if (
                    not self._closed
                    and os.write(self._fd, key)
                    and self._exits_within(_EXIT_TIMEOUT)
                ):
                    exited = True
                    break
        if not self._closed:
            self._closed = True
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGHUP)
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        with self._sending, self._receiving:
            if not self._child.closed:
                # On a busy machine a killed process takes longer to end than pexpect waits.
                self._exits_within(_KILL_TIMEOUT)
                with self._waiting:
                    self._child.close(force=True)
                os.close(self._pidfd)
        return exited

    def _exits_within(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(seconds * 1000))


def _dimensions() -> tuple[int, int]:
    """Return the rows and columns of a new terminal."""
    wanted = os.environ.get(COLUMNS_VARIABLE) or str(COLUMNS)
    if not re.fullmatch(r"[0-9]{1,4}", wanted):
        raise RunbookError(
            f"{COLUMNS_VARIABLE} is {wanted!r}, but must be a number of columns from 0 to 9999"
        )
    return (ROWS if int(wanted) else 0), int(wanted)


def _restore_sigpipe() -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
