"""The checks' own channel to a host: no terminal, output and errors apart, one bash for all.

Every command runs in a subshell of one persistent bash, so that no check can change what the
next one sees, and costs no new connection.
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
from types import TracebackType
from typing import IO, Final, NoReturn

from attrs import frozen

from runbook import bash
from runbook.errors import RunbookError
from runbook.faults import CommandTimeout, HostLost
from runbook.marks import BEGIN, END, Mark, Parser

LIMIT: Final = 16 * 1024 * 1024
"""Bytes that one command may print."""

_CHUNK: Final = 65536
_SAID: Final = 1000
_LAST_WORDS: Final = 0.5
"""Seconds to wait for what a lost shell still has to say."""

# Nobody kills the far end of a connection when the near end goes, and a shell that waits for
# a command does not see that its input has ended. So the input passes through a process that
# does, and that ends the shell's process group. Bash leaves the descriptor 63 open.
_WATCHED: Final = f"exec {' '.join(bash.PIPE)} < <(exec 2>/dev/null; cat; kill -KILL 0) 63<&-"


@frozen
class PipeResult:
    """A command that has ended."""

    status: int
    stdout: bytes
    stderr: bytes


class _Stream:
    """One of the two outputs, as far as the present command has filled it."""

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
                    self.status = item.status or 0
            elif self.began and not self.ended:
                self.parts.append(item)
                self.size += len(item)
            else:
                # A background job's late words, or why there is no shell.
                self.stray = (self.stray + item)[-_SAID:]


class Pipe:
    """One persistent bash without a terminal; a context manager that ends it.

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
        self._selector = selectors.DefaultSelector()
        for stream in self._streams:
            os.set_blocking(stream.file.fileno(), False)
            self._selector.register(stream.file, selectors.EVENT_READ, stream)
        # The end of the shell is seen even if something it started still holds its outputs.
        self._end = os.pidfd_open(process.pid)
        self._selector.register(self._end, selectors.EVENT_READ)
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
            HostLost: there is no shell there within `timeout`.

        """
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise HostLost(f"{host}: {argv[0]} cannot be started: {error.strerror}") from error
        pipe = cls(process, host)
        words = "".join(f" {name}={bash.quote(v)}" for name, v in (environment or {}).items())
        try:
            pipe._exchange(
                f"export LANG=C.UTF-8 PAGER=cat SYSTEMD_PAGER=cat{words}", timeout, first=_WATCHED
            )
        except CommandTimeout as error:
            raise HostLost(f"{host}: no shell there: it did not answer in time") from error
        return pipe

    @property
    def alive(self) -> bool:
        """Whether the shell is there."""
        return not self._closed and self._process.poll() is None

    def run(self, command: str, *, timeout: float) -> PipeResult:
        """Run shell text, without input and in a subshell, for at most `timeout` seconds.

        Raises:
            CommandTimeout: it was still running; the pipe is closed.
            HostLost: the pipe is closed, or the host is gone.
            RunbookError: it printed more than 16 MiB; the pipe is closed.

        """
        return self._exchange(f"( eval {bash.quote(command)} ) </dev/null", timeout)

    def close(self) -> None:
        """End the shell, and whatever runs in it. Any thread may do this, and repeat it."""
        self._closed = True
        self._kill()
        with self._lock:
            self._dispose()

    def __enter__(self) -> Pipe:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _exchange(self, line: str, timeout: float, *, first: str = "") -> PipeResult:
        """Send one line with marks before and after it, and collect what lies between them."""
        with self._lock:
            if self._closed:
                raise HostLost(f"{self.host}: the pipe is closed")
            try:
                return self._collect(line, timeout, first)
            except BaseException:
                # Half of an answer may still be under way, so nothing can follow.
                self._dispose()
                raise

    def _collect(self, line: str, timeout: float, first: str) -> PipeResult:
        deadline = time.monotonic() + timeout
        nonce = bash.nonce()
        for stream in self._streams:
            stream.reset(nonce)
        begin, end = (f"\\033]133;{kind}{nonce}\\007" for kind in (f"{BEGIN};", f"{END};%s;"))
        left = memoryview(
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
                        self._said(),
                        timeout,
                    )
                for key, _ in ready:
                    if isinstance(key.data, _Stream):
                        self._take(key.data)
                    elif key.fileobj is self._stdin:
                        left = self._give(left)
                    else:
                        self._lost()
        finally:
            if self._stdin in self._selector.get_map():
                self._selector.unregister(self._stdin)
        out, err = self._streams
        return PipeResult(out.status, b"".join(out.parts), b"".join(err.parts))

    def _give(self, data: memoryview) -> memoryview:
        try:
            data = data[os.write(self._stdin.fileno(), data) :]
        except BlockingIOError:
            return data
        except BrokenPipeError:
            # What the shell said before it ended is on the other streams.
            data = data[:0]
        if not data:
            self._selector.unregister(self._stdin)
        return data

    def _take(self, stream: _Stream) -> None:
        try:
            data = os.read(stream.file.fileno(), _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._lost()
        stream.feed(data)
        if stream.size > LIMIT:
            raise RunbookError(f"{self.host}: a check's command printed more than {LIMIT} bytes")

    def _lost(self) -> NoReturn:
        closed = self._closed
        self._kill()
        status = self._process.wait()
        why = "the pipe was closed" if closed else f"exit status {status}"
        said = self._last_words()
        raise HostLost(f"{self.host}: no shell there ({why})" + (f": {said}" if said else ""))

    def _said(self) -> str:
        said = b"".join(part for stream in self._streams for part in stream.parts)
        return said.decode("utf-8", errors="backslashreplace")

    def _last_words(self) -> str:
        """Return the end of what came on either stream, once both are at their end."""
        for stream in self._streams:
            deadline = time.monotonic() + _LAST_WORDS
            with selectors.DefaultSelector() as selector:
                selector.register(stream.file, selectors.EVENT_READ)
                while selector.select(max(0.0, deadline - time.monotonic())):
                    data = os.read(stream.file.fileno(), _CHUNK)
                    if not data:
                        break
                    stream.feed(data)
        words = b"".join(b"".join(stream.parts)[-_SAID:] + stream.stray for stream in self._streams)
        return words.decode("utf-8", errors="backslashreplace").strip()[-_SAID:]

    def _kill(self) -> None:
        """End the shell with all it started here; its session's number is its own."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _dispose(self) -> None:
        self._closed = True
        if self._selector.get_map() is None:
            return
        self._kill()
        self._process.wait()
        self._selector.close()
        os.close(self._end)
        for file in (self._stdin, *(stream.file for stream in self._streams)):
            file.close()
