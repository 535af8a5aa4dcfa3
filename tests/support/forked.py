"""Python programs, run in processes forked from one that has imported what they need.

What runs is the program itself, in a process of its own, with an environment, a working directory,
standard streams, signals and an exit status as if Python had been started for it. It saves what
takes most of the time of a short program: the start of Python, and the import of Sphinx and pytest.

Two things differ, and a test about them must start Python: modules are imported before they are
needed, and all programs share the seed of hashes. They have no controlling terminal either.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.support.paths import ROOT

_AT_START = re.compile("PYTHON|LANG|LC_")
"""The variables that Python reads when it starts, and never again."""


def run_module(
    module: str,
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    timeout: float = 300,
    forked: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m module` without input, and wait for it; `environment` is all it gets.

    Python is started for it if the program is not to be `forked`, or if the environment says how
    Python starts.

    Raises subprocess.TimeoutExpired after `timeout` seconds.
    """
    argv = [sys.executable, "-m", module, *map(str, arguments)]
    environment = dict(os.environ if environment is None else environment)
    if forked and (server := _server()).can_serve(environment):
        return server.run(argv, environment, Path(cwd or Path.cwd()), timeout)
    return subprocess.run(
        argv,
        env=environment,
        cwd=cwd,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )


@functools.cache
def _server() -> _Server:
    """Return the server of this process, started when it is first needed."""
    server = _Server()
    atexit.register(server.close)
    return server


class _Server:
    """A process that has imported what programs need, and forks one for each request."""

    def __init__(self) -> None:
        self._environment = dict(os.environ)
        self._requests, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forkserver", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                # Pipes, like those of the programs: Python asks once whether it can seek.
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
            )

    def close(self) -> None:
        """End the server."""
        self._requests.close()
        self._process.communicate()

    def can_serve(self, environment: Mapping[str, str]) -> bool:
        """Whether a program with this environment starts as this server did."""
        return _at_start(environment) == _at_start(self._environment)

    def run(
        self, argv: Sequence[str], environment: Mapping[str, str], cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a program, and return its exit status and what it wrote."""
        try:
            return self._run(argv, environment, cwd, timeout)
        except (ConnectionError, EOFError):
            said = self._process.communicate()[1].decode()
            message = f"the server of forked programs has ended: {said}"
            raise RuntimeError(message) from None

    def _run(
        self, argv: Sequence[str], environment: Mapping[str, str], cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        deadline = time.monotonic() + timeout
        ours, theirs = socket.socketpair()
        readers = []
        with ours:
            ours.settimeout(timeout)
            with theirs:
                descriptors = [theirs.fileno()]
                for _ in ("output", "errors"):
                    read, write = os.pipe()
                    readers.append(_Reader(os.fdopen(read, "rb")))
                    descriptors.append(write)
                socket.send_fds(self._requests, [b"."], descriptors)
                for write in descriptors[1:]:
                    os.close(write)
            request = {"argv": argv[2:], "environment": environment, "cwd": str(cwd)}
            ours.sendall(json.dumps(request).encode() + b"\n")
            with ours.makefile() as answers:
                pid = int(_line(answers))
                try:
                    status = int(_line(answers))
                    output, errors = (reader.wait(deadline) for reader in readers)
                except TimeoutError:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(argv, timeout) from None
        return subprocess.CompletedProcess(list(argv), status, output, errors)


class _Reader(threading.Thread):
    """Reads a stream to its end, beside others."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._content = b""
        self.start()

    def run(self) -> None:
        """Read."""
        with self._stream:
            self._content = self._stream.read()

    def wait(self, deadline: float) -> str:
        """Return the whole text, as subprocess would."""
        self.join(max(0, deadline - time.monotonic()))
        if self.is_alive():
            raise TimeoutError
        text = self._content.decode(errors="surrogateescape")
        return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(answers: IO[str]) -> str:
    """Return the next answer of the server; EOFError if there will be none."""
    if line := answers.readline():
        return line
    raise EOFError


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if _AT_START.match(name)}
