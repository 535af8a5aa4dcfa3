"""Connections to hosts: the command lines that start a shell there.

A connection is a value; a `Session`, a `Pipe` or a person runs what it returns.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shlex
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from attrs import evolve, field, frozen

from runbook.errors import RunbookError
from runbook.terminal import environment
from runbook.terminal.bash import PIPE, SHELL, STARTED_SHELL
from runbook.terminal.output import plain
from runbook.terminal.scope import marked
from runbook.terminal.ssh_options import ssh_options
from runbook.terminal.ssh_sharing import EXIT_TIMEOUT, shared_options

_LOGIN: Final = ("bash", "--login")
_EXEC: Final = ("bash", "--login", "-c", 'exec "$@"', "bash")
"""Runs the command that follows it in the environment that a login gives."""
CONTAINER_USER: Final = "admin"
"""The ordinary user that the images of containers have."""
_CONSOLE_BYTES: Final = 4096


class Connection(Protocol):
    """A connection to one host."""

    @property
    def host(self) -> str:
        """The host's name in the cluster."""

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""

    def login(self, user: str, *, interactive: bool = True) -> list[str]:
        """Return the argv of a login shell of `user` for a person at this terminal.

        If it is not `interactive`, it reads commands from its standard input up to its end.
        """

    def exec_argv(
        self, user: str, command: Sequence[str], *, interactive: bool = False
    ) -> list[str]:
        """Return the argv that runs `command` as `user`, as it would run after a login.

        Its standard input and outputs are those of the argv, with `interactive` on a terminal.
        """


@frozen
class ContainerConnection:
    """A host that is a container; `engine` is the command line of podman or docker.

    `boot` returns an identifier of the container's present start. It is given the seconds that the
    container has to exit; if it does so to be rebooted, it is started again. It raises
    `RunbookError` if the container is down for another reason. `scope` is the run that its shells
    belong to.
    """

    host: str
    engine: tuple[str, ...]
    container: str
    boot: Callable[[float], str] | None = field(default=None, eq=False, repr=False)
    scope: str = field(default="", eq=False, repr=False)

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""
        return marked(self._exec(user, "-it", marked(STARTED_SHELL, self.scope)), self.scope)

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""
        return self._exec(user, "-i", PIPE)

    def login(self, user: str, *, interactive: bool = True) -> list[str]:
        """Return the argv of a login shell of `user` for a person at this terminal."""
        return self._exec(user, "-it" if interactive else "-i", _LOGIN)

    def exec_argv(
        self, user: str, command: Sequence[str], *, interactive: bool = False
    ) -> list[str]:
        """Return the argv that runs `command` as `user`, as it would run after a login."""
        return self._exec(user, "-it" if interactive else "-i", (*_EXEC, *command))

    def _exec(self, user: str, how: str, shell: Sequence[str]) -> list[str]:
        # The engine itself sets only the home directory.
        names = ("--env", f"USER={user}", "--env", f"LOGNAME={user}")
        return [*self.engine, "exec", how, *names, "--user", user, self.container, *_in_home(shell)]


@frozen
class SshConnection:
    """A host that is reached by ssh, over one master connection for all its shells.

    `login_as` is the user that ssh logs in as; other users are reached by sudo, which must not
    ask for a password. The host's key must be in `known_hosts`, or known to this user's ssh.
    `config` takes the place of the user's own settings of ssh. `through` says in words which way
    the `options` go. The master connection is private to this process, and ends with it
    (`close_shared_connections`); a person's login does not use it. `command_prefix` precedes every
    command line, such as to enter the network namespace of the host. `console` is the file with the
    output of the host's serial console. Timeouts are multiplied by `timeout_factor`, for hosts that
    are emulated. `scope` is the run that its shells belong to.
    """

    host: str
    address: str
    login_as: str = field(factory=getpass.getuser)
    port: int = 22
    key: Path | None = None
    known_hosts: Path | None = None
    config: Path | None = None
    through: str = ""
    options: tuple[str, ...] = ()
    command_prefix: tuple[str, ...] = ()
    console: Path | None = None
    timeout_factor: float = 1.0
    scope: str = field(default="", eq=False, repr=False)

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""
        shell = self._remote(user, marked(STARTED_SHELL, self.scope))
        return marked([*self._ssh("-tt", "-e", "none", *shared_options()), shell], self.scope)

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""
        return [*self._ssh("-T", "-e", "none", *shared_options()), self._remote(user, PIPE)]

    def login(self, user: str, *, interactive: bool = True) -> list[str]:
        """Return the argv of a login shell of `user` for a person at this terminal."""
        how = "-t" if interactive else "-T"
        return [*self._ssh(how, "-S", "none"), self._remote(user, _LOGIN)]

    def exec_argv(
        self, user: str, command: Sequence[str], *, interactive: bool = False
    ) -> list[str]:
        """Return the argv that runs `command` as `user`, as it would run after a login."""
        how = "-t" if interactive else "-T"
        return [*self._ssh(how, "-S", "none"), self._remote(user, (*_EXEC, *command))]

    def settings(self) -> list[str]:
        """Return the argv that prints what ssh would do; it connects to nothing."""
        return self._ssh("-G")

    def disconnect(self) -> None:
        """Close the connection that the shells share; the next shell opens a new one."""
        argv = self._ssh(*shared_options(), "-O", "exit")
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                argv,
                check=False,
                capture_output=True,
                timeout=EXIT_TIMEOUT,
                env=environment.of_client(),
            )

    def _ssh(self, *flags: str) -> list[str]:
        return [
            *self.command_prefix,
            "ssh",
            *(() if self.config is None else ("-F", str(self.config))),
            *flags,
            *ssh_options(self.key, self.known_hosts, self.options),
            *("-p", str(self.port), "-l", self.login_as, "--", self.address),
        ]

    def _remote(self, user: str, shell: Sequence[str]) -> str:
        words = _in_home(shell)
        if user != self.login_as:
            words = ["sudo", "-n", "-H", "-u", user, "--", *words]
        return f"exec {shlex.join(words)}"


@frozen
class LocalConnection:
    """The local machine. Other users require root, or a sudo that does not ask for a password.

    `scope` is the run that its shells belong to.
    """

    host: str
    scope: str = field(default="", eq=False, repr=False)

    def shell(self, user: str) -> list[str]:
        """Return the argv of an interactive bash of `user` on a terminal."""
        argv = self._as(user, marked(SHELL, self.scope))
        if argv[0] != "runuser":
            return argv
        # After a login, a terminal belongs to the user.
        give = 'chown -- "$1" /dev/stdin 2>/dev/null; shift; exec "$@"'
        return ["bash", "-c", give, "bash", user, *argv]

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a bash of `user` that reads commands from its standard input."""
        return self._as(user, PIPE)

    def login(self, user: str, *, interactive: bool = True) -> list[str]:
        """Return the argv of a login shell of `user` for a person at this terminal."""
        del interactive  # it has the terminal, or another input, of this process
        return self._as(user, _LOGIN)

    def exec_argv(
        self, user: str, command: Sequence[str], *, interactive: bool = False
    ) -> list[str]:
        """Return the argv that runs `command` as `user`, as it would run after a login."""
        del interactive
        return self._as(user, (*_EXEC, *command))

    def _as(self, user: str, shell: Sequence[str]) -> list[str]:
        try:
            entry = pwd.getpwnam(user)
        except KeyError as error:
            raise RunbookError(f"{self.host}: this machine has no user {user!r}") from error
        argv = [*environment.of_login(entry), *_in_home(shell)]
        if entry.pw_uid == os.geteuid():
            return argv
        if os.geteuid() != 0:
            return ["sudo", "-n", "-H", "-u", user, "--", *argv]
        return ["runuser", "-u", user, "--", *argv]


def _in_home(shell: Sequence[str]) -> list[str]:
    """Return the argv that starts `shell` in the user's home directory, as a login does."""
    return ["bash", "-c", 'cd 2>/dev/null || cd /; exec "$@"', "bash", *shell]


def scoped(connection: Connection, scope: str) -> Connection:
    """Return the same connection, whose shells belong to the run `scope` from then on."""
    match connection:
        case ContainerConnection() | SshConnection() | LocalConnection():
            return evolve(connection, scope=scope)
    return connection


def disconnect(connection: Connection) -> None:
    """Close the connection that the shells of a host share, if there is one."""
    if isinstance(connection, SshConnection):
        connection.disconnect()


def managed_boot(connection: Connection) -> Callable[[float], str] | None:
    """Return the function `boot` of a container that a lab starts again after a reboot."""
    return connection.boot if isinstance(connection, ContainerConnection) else None


def timeout_factor(connection: Connection) -> float:
    """Return what timeouts on a host are multiplied by; more than 1 if it is emulated."""
    return connection.timeout_factor if isinstance(connection, SshConnection) else 1.0


def default_user(connection: Connection) -> str:
    """Return the ordinary user of a host, if its kind of connection tells one; not root.

    A container has the one of its image, ssh the one that it logs in as, and this machine the
    one who started this program, also through sudo.
    """
    match connection:
        case ContainerConnection():
            return CONTAINER_USER
        case SshConnection():
            user = connection.login_as
        case LocalConnection():
            user = os.environ.get("SUDO_USER") or getpass.getuser()
        case _:
            user = ""
    return "" if user == "root" else user


def console_tail(connection: Connection, lines: int = 5) -> str:
    """Return the last lines of a host's serial console; empty if it has none."""
    if not isinstance(connection, SshConnection) or connection.console is None:
        return ""
    try:
        with connection.console.open("rb") as console:
            console.seek(max(0, os.fstat(console.fileno()).st_size - _CONSOLE_BYTES))
            text = plain(console.read())
    except OSError:
        return ""
    printed = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(printed[-lines:])
