"""How a host is reached: the command lines that start a shell there.

A connection is a value. What it starts is a `Session`'s, a `Pipe`'s or a person's.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import getpass
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Final, Protocol

from attrs import field, frozen

from runbook.bash import PIPE, SHELL
from runbook.errors import RunbookError
from runbook.output import plain

_LOGIN = ("bash", "-l")
_FAREWELL = 5.0
"""Seconds in which a connection must end that is told to."""
_CONSOLE: Final = 4096
# Hosts are connected to side by side, and the cache alone does not keep one from a second call.
_MAKING = threading.Lock()


class Connection(Protocol):
    """A way to one host."""

    @property
    def host(self) -> str:
        """The host's name in the cluster."""

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""

    def login(self, user: str) -> list[str]:
        """Return the argv of a shell of `user` for a person at this terminal."""


@frozen
class ContainerConnection:
    """A host that is a container; `engine` is the command line of podman or docker."""

    host: str
    engine: tuple[str, ...]
    container: str

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""
        return self._exec(user, "-it", SHELL)

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""
        return self._exec(user, "-i", PIPE)

    def login(self, user: str) -> list[str]:
        """Return the argv of a shell of `user` for a person at this terminal."""
        return self._exec(user, "-it", _LOGIN)

    def _exec(self, user: str, how: str, shell: tuple[str, ...]) -> list[str]:
        return [*self.engine, "exec", how, "--user", user, self.container, *_at_home(shell)]


@frozen
class SshConnection:
    """A host that is reached by ssh, over one master connection for all its shells.

    `login_as` is the user that ssh logs in as; any other is reached from there by sudo, which
    must not ask. The host's key must be known: in `known_hosts`, or to this user's ssh. The
    master connection is this program's own, and ends with it (`hang_up`). A person's login has
    a connection of its own. `through` is what every command line begins with, where the host is in
    a network of its own. To the file `console` goes what the host's serial console prints.
    `patience` is how many times longer things may take there than on a real processor.
    """

    host: str
    address: str
    login_as: str = field(factory=getpass.getuser)
    port: int = 22
    key: Path | None = None
    known_hosts: Path | None = None
    options: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    console: Path | None = None
    patience: float = 1.0

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""
        return [*self._ssh("-tt", "-e", "none", *_shared()), self._remote(user, SHELL)]

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""
        return [*self._ssh("-T", "-e", "none", *_shared()), self._remote(user, PIPE)]

    def login(self, user: str) -> list[str]:
        """Return the argv of a shell of `user` for a person at this terminal."""
        return [*self._ssh("-t", "-S", "none"), self._remote(user, _LOGIN)]

    def disconnect(self) -> None:
        """End the connection that the shells share; the next shell makes a new one."""
        argv = self._ssh(*_shared(), "-O", "exit")
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(argv, check=False, capture_output=True, timeout=_FAREWELL)

    def _ssh(self, *flags: str) -> list[str]:
        options = [
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            "ConnectTimeout=10",
            "ServerAliveInterval=5",
            "ServerAliveCountMax=3",
            "LogLevel=ERROR",
        ]
        if self.key is not None:
            options += [f"IdentityFile={self.key}", "IdentitiesOnly=yes"]
        if self.known_hosts is not None:
            options.append(f"UserKnownHostsFile={self.known_hosts}")
            options.append("GlobalKnownHostsFile=/dev/null")
        words = [word for option in (*options, *self.options) for word in ("-o", option)]
        return [
            *self.through,
            "ssh",
            *flags,
            *words,
            *("-p", str(self.port), "-l", self.login_as, "--", self.address),
        ]

    def _remote(self, user: str, shell: tuple[str, ...]) -> str:
        words = _at_home(shell)
        if user != self.login_as:
            words = ["sudo", "-n", "-H", "-u", user, "--", *words]
        return f"exec {shlex.join(words)}"


@frozen
class LocalConnection:
    """The present machine. Any other user needs root, or a sudo that does not ask."""

    host: str

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""
        return self._as(user, SHELL)

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""
        return self._as(user, PIPE)

    def login(self, user: str) -> list[str]:
        """Return the argv of a shell of `user` for a person at this terminal."""
        return self._as(user, _LOGIN)

    def _as(self, user: str, shell: tuple[str, ...]) -> list[str]:
        try:
            entry = pwd.getpwnam(user)
        except KeyError as error:
            raise RunbookError(f"{self.host}: this machine has no user {user!r}") from error
        if entry.pw_uid == os.geteuid():
            return _at_home(shell)
        if os.geteuid() != 0:
            return ["sudo", "-n", "-H", "-u", user, "--", *_at_home(shell)]
        home = [f"HOME={entry.pw_dir}", f"USER={user}", f"LOGNAME={user}"]
        return ["runuser", "-u", user, "--", "env", *home, *_at_home(shell)]


def _at_home(shell: tuple[str, ...]) -> list[str]:
    """Return the argv of `shell` started in the user's home directory, as by a login."""
    return ["bash", "-c", 'cd 2>/dev/null || cd /; exec "$@"', "bash", *shell]


def disconnect(connection: Connection) -> None:
    """End what all shells on a host share, if they share anything; new ones begin anew."""
    if isinstance(connection, SshConnection):
        connection.disconnect()


def patience(connection: Connection) -> float:
    """Return how many times longer things may take on a host; more than 1 if it is emulated."""
    return connection.patience if isinstance(connection, SshConnection) else 1.0


def last_words(connection: Connection, lines: int = 5) -> str:
    """Return the last lines that a host printed on its serial console; empty if it has none."""
    if not isinstance(connection, SshConnection) or connection.console is None:
        return ""
    try:
        with connection.console.open("rb") as console:
            console.seek(max(0, os.fstat(console.fileno()).st_size - _CONSOLE))
            text = plain(console.read())
    except OSError:
        return ""
    said = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(said[-lines:])


def hang_up() -> None:
    """End the ssh connections that the shells of this program share, with all that uses them."""
    for socket in _sockets().iterdir():
        argv = ["ssh", "-o", f"ControlPath={socket}", "-O", "exit", "any"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(argv, check=False, capture_output=True, timeout=_FAREWELL)


def _shared() -> list[str]:
    """Return the options by which shells share a connection, as long as this program is there."""
    # Should the program be killed, the connection ends a minute after its last shell.
    options = ("ControlMaster=auto", "ControlPersist=60", f"ControlPath={_sockets()}/%C")
    return [word for option in options for word in ("-o", option)]


def _sockets() -> Path:
    """Return a private directory for ssh's sockets, which is removed at the end of this program."""
    with _MAKING:
        return _make_sockets()


@functools.cache
def _make_sockets() -> Path:
    # A socket's whole path must be shorter than 108 bytes, so it is not below the guide.
    path = Path(tempfile.mkdtemp(prefix="runbook-ssh-", dir="/tmp"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    atexit.register(hang_up)
    return path
