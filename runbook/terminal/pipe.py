"""A bash without a terminal, for checks: standard output and standard error are separate.

Every command runs in a subshell of one persistent bash: it cannot affect the next one, and
needs no new connection.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Final, NoReturn

from attrs import frozen

from runbook.errors import RunbookError
from runbook.terminal import bash
from runbook.terminal.environment import of_client
from runbook.terminal.faults import CommandTimeout, HostLost
from runbook.terminal.marks import BEGIN, END, Mark, Parser

LIMIT: Final = 16 * 1024 * 1024
"""Bytes that one command may print."""

_CHUNK: Final = 65536
_MESSAGE_LIMIT: Final = 1000
_DRAIN_TIMEOUT: Final = 0.5
"""Seconds to wait for the remaining output of a lost shell."""

# When a connection is closed, its remote end is not killed, and a shell that waits for a command
# does not see the end of its input. So the input passes through a process that sees it and kills
# the shell's process group. Bash leaves the descriptor 63 open.
_START: Final = f"exec {' '.join(bash.PIPE)} < <(exec 2>/dev/null; cat; kill -KILL 0) 63<&-"


@frozen
class PipeResult:
    """The result of a command."""

    status: int
    stdout: bytes
    stderr: bytes


class _Stream:
    """Standard output or standard error, with what the current command has printed."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.reset("")

    def reset(self, nonce: str) -> None:
        self.parser = Parser(nonce)
        self.began = self.ended = False
        self.status = 0
        self.size = 0
        self.parts: list[bytes] = []
        self.stray = b""

    def feed(self, data: bytes) -> None:
        for item in self.parser.feed(data):
            if isinstance(item, Mark):
                self.began = self.began or item.kind == BEGIN
                if item.kind == END:
                    self.ended = True
                    self.status = item.number or 0
            elif self.began and not self.ended:
                self.parts.append(item)
                self.size += len(item)
            else:
                # Output of a background job, or the reason why there is no shell.
                self.stray = (self.stray + item)[-_MESSAGE_LIMIT:]


class Pipe:
    """A persistent bash without a terminal; a context manager that ends it.

    Threads may share it: their commands run one after the other.
    """

    def __init__(self, process: subprocess.Popen[bytes], host: str) -> None:
        assert process.stdin is not None  # noqa: S101  # `open` made all three pipes
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        self.host = host
        self._process = process
        self._stdin = process.stdin
        self._streams = (_Stream(process.stdout), _Stream(process.stderr))
        self._lock = threading.Lock()
        self._closed = False
        self._limit = LIMIT
        self._selector = selectors.DefaultSelector()
        for stream in self._streams:
            os.set_blocking(stream.file.fileno(), False)
            self._selector.register(stream.file, selectors.EVENT_READ, stream)
        # Shows the end of the shell even if a child process still holds its outputs open.
        self._pidfd = os.pidfd_open(process.pid)
        self._selector.register(self._pidfd, selectors.EVENT_READ)
        os.set_blocking(self._stdin.fileno(), False)

    @classmethod
    def open(
        cls,
        argv: Sequence[str],
        *,
        host: str,
        environment: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Pipe:
        """Return a pipe to the bash that `argv` starts; `timeout` is in seconds.

        Raises:
            HostLost: no shell answered within `timeout`.

        """
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env=of_client(),
            )
        except OSError as error:
            raise HostLost(f"{host}: {argv[0]} cannot be started: {error.strerror}") from error
        pipe = cls(process, host)
        words = "".join(f" {name}={bash.quote(v)}" for name, v in (environment or {}).items())
        try:
            pipe._exchange(
                f"export LANG=C.UTF-8 PAGER=cat SYSTEMD_PAGER=cat{words}", timeout, first=_START
            )
        except CommandTimeout as error:
            raise HostLost(f"{host}: cannot open a shell: it did not answer in time") from error
        return pipe

    @property
    def alive(self) -> bool:
        """Whether the shell is running."""
        return not self._closed and self._process.poll() is None

    def run(self, command: str, *, timeout: float, limit: int = LIMIT) -> PipeResult:
        """Run shell text, without input and in a subshell, for at most `timeout` seconds.

        It may print at most `limit` bytes.

        Raises:
            CommandTimeout: it was still running; the pipe is then closed.
            HostLost: the pipe was closed, or the host is lost.
            RunbookError: it printed more than that; the pipe is then closed.

        """
        return self._exchange(f"( eval {bash.quote(command)} ) </dev/null", timeout, limit)

    def close(self) -> None:
        """End the shell and everything that runs in it. Any thread may do this."""
        self._closed = True
        self._kill()
        with self._lock:
            self._release()

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(
        self, line: str, timeout: float, limit: int = LIMIT, *, first: str = ""
    ) -> PipeResult:
        """Send a line with marks before and after it, and return the output between them."""
        with self._lock:
            if self._closed:
                raise HostLost(f"{self.host}: the pipe is closed")
            self._limit = limit
            try:
                return self._collect(line, timeout, first)
            except BaseException:
                # The rest of the output may still arrive, so the shell cannot be used again.
                self._release()
                raise

    def _collect(self, line: str, timeout: float, first: str) -> PipeResult:
        deadline = time.monotonic() + timeout
        nonce = bash.nonce()
        for stream in self._streams:
            stream.reset(nonce)
        begin, end = (f"\\033]133;{kind}{nonce}\\007" for kind in (f"{BEGIN};", f"{END};%s;"))
        unsent = memoryview(
            f"{first}\nprintf '{begin}'; printf '{begin}' >&2; {line}; __runbook_s=$?; "
            f"printf '{end}' $__runbook_s; printf '{end}' $__runbook_s >&2\n".encode()
        )
        self._selector.register(self._stdin, selectors.EVENT_WRITE)
        try:
            while not all(stream.ended for stream in self._streams):
                ready = self._selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise CommandTimeout(
                        f"still running after {timeout:g} s, and stopped",
                        self._output_so_far(),
                        timeout,
                    )
                for key, _ in ready:
                    if isinstance(key.data, _Stream):
                        self._receive(key.data)
                    elif key.fileobj is self._stdin:
                        unsent = self._send(unsent)
                    else:
                        self._raise_lost()
        finally:
            if self._stdin in self._selector.get_map():
                self._selector.unregister(self._stdin)
        out, err = self._streams
        return PipeResult(out.status, b"".join(out.parts), b"".join(err.parts))

    def _send(self, data: memoryview) -> memoryview:
        try:
            data = data[os.write(self._stdin.fileno(), data) :]
        except BlockingIOError:
            return data
        except BrokenPipeError:
            # The shell has ended; the other streams tell why.
            data = data[:0]
        if not data:
            self._selector.unregister(self._stdin)
        return data

    def _receive(self, stream: _Stream) -> None:
        try:
            data = os.read(stream.file.fileno(), _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._raise_lost()
        stream.feed(data)
        if stream.size > self._limit:
            raise RunbookError(
                f"{self.host}: a check's command printed more than {self._limit} bytes"
            )

    def _raise_lost(self) -> NoReturn:
        closed = self._closed
        self._kill()
        status = self._process.wait()
        why = "the pipe was closed" if closed else f"exit status {status}"
        said = self._drain()
        raise HostLost(f"{self.host}: cannot open a shell ({why})" + (f": {said}" if said else ""))

    def _output_so_far(self) -> str:
        output = b"".join(part for stream in self._streams for part in stream.parts)
        return output.decode("utf-8", errors="backslashreplace")

    def _drain(self) -> str:
        """Read both streams to their end and return the last of their output."""
        for stream in self._streams:
            deadline = time.monotonic() + _DRAIN_TIMEOUT
            with selectors.DefaultSelector() as selector:
                selector.register(stream.file, selectors.EVENT_READ)
                while selector.select(max(0.0, deadline - time.monotonic())):
                    data = os.read(stream.file.fileno(), _CHUNK)
                    if not data:
                        break
                    stream.feed(data)
        output = b"".join(
            b"".join(stream.parts)[-_MESSAGE_LIMIT:] + stream.stray for stream in self._streams
        )
        return output.decode("utf-8", errors="backslashreplace").strip()[-_MESSAGE_LIMIT:]

    def _kill(self) -> None:
        """Kill the local process group, which is led by the process."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _release(self) -> None:
        self._closed = True
        if self._selector.get_map() is None:
            return
        self._kill()
        self._process.wait()
        self._selector.close()
        os.close(self._pidfd)
        for file in (self._stdin, *(stream.file for stream in self._streams)):
            file.close()
