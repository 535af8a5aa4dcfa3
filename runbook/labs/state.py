"""Where labs keep their files, and the locks that protect them.

A lock is taken on a directory that exists anyway, so that it leaves no file behind. If this
program is killed, a command that it started may go on running; such a command holds a shared lock
on the lab's state directory. The next program waits for that lock, so it never cleans up behind a
host that is still being created.
"""

from __future__ import annotations

import datetime
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NAME: Final = "sphinx-runbook"


def is_rootless() -> bool:
    """Return whether this process is root only in the namespace of an ordinary user's podman."""
    return bool(os.environ.get("_CONTAINERS_ROOTLESS_UID"))


def _directory(of_root: str, variable: str, below_home: str) -> Path:
    """Return where root keeps something, or an ordinary user, as the XDG directories say."""
    if not is_rootless():
        return Path(of_root, _NAME)
    return Path(os.environ.get(variable) or Path.home() / below_home, _NAME)


STATE: Final = _directory("/run", "XDG_RUNTIME_DIR", ".cache/run")
"""The state of all labs; it is lost when the machine reboots."""

CACHE: Final = _directory("/var/cache", "XDG_CACHE_HOME", ".cache")
"""Results that are slow to compute or to build, shared by all labs."""

DATA: Final = _directory("/var/lib", "XDG_DATA_HOME", ".local/share")
"""What is kept of the hosts of all labs; it outlives a restart of this machine."""

_HELD: Final = re.compile(r"\d+: FLOCK +\S+ +\S+ +(\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) ")
"""A line of /proc/locks: the process, and the device and inode of the file."""


_TICKS: Final = os.sysconf("SC_CLK_TCK")
_COMMAND: Final = 120
"""Characters of another program's command that are shown."""


class Busy(Exception):  # noqa: N818  # it names what is the case
    """Another program holds a lock; the text says which, and since when it has been running."""


@contextmanager
def locked(directory: Path, tell: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the exclusive lock on `directory`; wait for it if necessary, and `tell` for whom."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if tell is not None:
                tell(holder(directory))
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def locked_at_once(directory: Path) -> Iterator[None]:
    """Hold the exclusive lock on `directory`.

    Raises:
        Busy: another program holds it.

    """
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(holder(directory)) from None
        yield
    finally:
        os.close(handle)


def holder(directory: Path) -> str:
    """Return which program holds a lock on `directory`, and since when it has been running."""
    about = directory.stat()
    for line in Path("/proc/locks").read_text().splitlines():
        match = _HELD.match(line)
        if match is None or int(match[4]) != about.st_ino:
            continue
        if os.makedev(int(match[2], 16), int(match[3], 16)) == about.st_dev:
            return _program(int(match[1]))
    return "another program"


def _program(pid: int) -> str:
    process = Path(f"/proc/{pid}")
    try:
        words = process.joinpath("cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        started = int(process.joinpath("stat").read_text().rpartition(") ")[2].split()[19])
        age = float(Path("/proc/uptime").read_text().split()[0]) - started / _TICKS
    except OSError:
        return "another program"
    since = datetime.datetime.now().astimezone() - datetime.timedelta(seconds=age)
    command = b" ".join(word.rpartition(b"/")[2] if not n else word for n, word in enumerate(words))
    shown = command.decode(errors="backslashreplace")
    # The number finds the rest of a command with a hundred options.
    shown = shown if len(shown) <= _COMMAND else f"{shown[:_COMMAND]}..."
    return f"process {pid} ({shown}), which has been running since {since:%Y-%m-%d %H:%M:%S}"


def wait_for_release(directory: Path) -> None:
    """Wait until no program holds a `shared_lock` on `directory`."""
    with locked(directory):
        pass


@contextmanager
def shared_lock(directory: Path | None) -> Iterator[int]:
    """Yield a file descriptor that holds the shared lock on `directory` while it is open.

    It is meant to be the standard input of a program: the lock is taken before the program starts,
    and released when the program ends, even if this one was killed. Without a directory the
    descriptor is the null device.
    """
    if directory is None:
        handle = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    else:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_SH)
    try:
        yield handle
    finally:
        os.close(handle)


def holding_lock(argv: list[str]) -> list[str]:
    """Return the argv of a shell that runs `argv` and keeps the `shared_lock` on its own stdin.

    The lock is then released when `argv` ends, and not held by daemons that `argv` leaves behind.
    """
    return ["sh", "-c", '"$@" </dev/null; exit $?', "sh", *argv]
