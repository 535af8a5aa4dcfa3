"""The server of `tests.support.forked`: forks a process for each program that it is asked for."""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import coverage

_PRELOADED = (
    "docutils.parsers.rst.directives.images",
    "docutils.writers._html_base",
    "pygments.formatters.html",
    "pygments.lexers.shell",
    "sphinx.cmd.build",
    "sphinx.ext.autosectionlabel",
    "sphinx.writers.html5",
    "testinfra.backend.local",
    "testinfra.modules.file",
)
"""What the project and Sphinx import late, beside their own modules."""


def _preload() -> None:
    """Import all of the project, and what it imports when it is needed."""
    import runbook

    for module in pkgutil.walk_packages(runbook.__path__, "runbook."):
        if module.name != "runbook.__main__" and ".vagrant." not in module.name:
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                # What an extra brings may be missing; then its commands say so.
                if (error.name or "").partition(".")[0] == "runbook":
                    raise
    from sphinx.application import builtin_extensions

    for name in (*builtin_extensions, *_PRELOADED):
        importlib.import_module(name)


def _serve(requests: socket.socket) -> dict[str, Any] | None:
    """Fork for each request; return it in the forked process, and None in the server at its end."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 1, 3)
        if not message:
            return None
        if os.fork() == 0:
            break
        for descriptor in descriptors:
            os.close(descriptor)
        _reap()
    requests.close()
    client, *streams = descriptors
    with socket.socket(fileno=client) as connection:
        with connection.makefile() as lines:
            request: dict[str, Any] = json.loads(lines.readline())
        # This process stays to tell the exit status, and the program gets another one.
        if pid := os.fork():
            _tell(connection, pid, streams)
    for standard, stream in enumerate(streams, start=1):
        os.dup2(stream, standard)
        os.close(stream)
    return request


def _tell(connection: socket.socket, pid: int, streams: Sequence[int]) -> NoReturn:
    """Tell the client which process its program is, and how it ended; do nothing else."""
    try:
        for stream in streams:
            os.close(stream)
        connection.sendall(f"{pid}\n".encode())
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        connection.sendall(f"{status}\n".encode())
    except BrokenPipeError:
        pass  # it did not want to wait so long
    finally:
        os._exit(0)


def _reap() -> None:
    """Forget the forked processes that have ended."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def _become(request: Mapping[str, Any]) -> None:
    """Run the program of a request in this process, as `python -m` does."""
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.path[0] = request["cwd"]
    sys.argv = request["argv"]
    coverage.process_startup(force=True)
    try:
        runpy.run_module(request["argv"][0], run_name="__main__", alter_sys=True)
    except SystemExit as leaving:
        if not isinstance(leaving.code, int | None):
            raise
        _leave(leaving.code or 0)
    _leave(0)


def _leave(status: int) -> NoReturn:
    """Do what Python does at exit, except that modules are not taken apart one by one.

    That would write to all the memory that this process shares with the server.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _main() -> None:
    """Be the server on the socket whose number is the argument."""
    _preload()
    if measured := coverage.Coverage.current():
        # The imports belong to the server; each program is measured from its own beginning.
        measured.stop()
        measured.save()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        request = _serve(requests)
    if request is not None:
        _become(request)


if __name__ == "__main__":
    _main()
