"""How ssh gets to a machine: what an inventory says, and the settings of ssh for the rest.

`ssh -G` says what would be done with the files of its settings (ssh_config(5)): a name may stand
for an address, a user and a port, and the way may lead through other machines.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs.protocol import LabError
from runbook.terminal.connection import SshConnection
from runbook.terminal.ssh_options import ssh_options, through_command, through_jump_hosts

_PROXY: Final = "ProxyCommand="
_WAY_TIMEOUT: Final = 15.0


@frozen
class Login:
    """What an inventory says of the way to a machine. `options` are as in ssh_config(5)."""

    address: str
    user: str | None = None
    port: int | None = None
    key: Path | None = None
    known_hosts: Path | None = None
    config: Path | None = None
    options: tuple[str, ...] = ()


def connection(host: str, login: Login) -> SshConnection:
    """Return the connection to a host; ssh's own settings say what the `login` leaves out.

    Raises:
        LabError: the settings have a mistake, or ssh is not installed.

    """
    argv = [
        "ssh",
        *(() if login.config is None else ("-F", str(login.config))),
        *(() if login.port is None else ("-p", str(login.port))),
        *(() if login.user is None else ("-l", login.user)),
        *ssh_options(login.key, login.known_hosts, login.options),
        *("-G", "--", login.address),
    ]
    found = _settings(host, argv)
    jump, command = found.get("proxyjump", ""), found.get("proxycommand", "none")
    way: tuple[str, ...] = ()
    if jump:
        way = (through_jump_hosts(jump, login.config),)
    elif command != "none":
        way = (through_command(command),)
    return SshConnection(
        host,
        login.address,
        login_as=found["user"],
        port=int(found["port"]),
        key=login.key,
        known_hosts=login.known_hosts,
        config=login.config,
        through=jump or ("a proxy" if way else ""),
        options=(*way, *login.options),
    )


def destination(connection: SshConnection) -> str:
    """Return where a connection leads, as `user@address`, with its port if that is not 22."""
    port = "" if connection.port == 22 else f" port {connection.port}"
    through = f" through {connection.through}" if connection.through else ""
    return f"{connection.login_as}@{connection.address}{port}{through}"


def known_keys(connection: SshConnection) -> list[str]:
    """Return the known host keys of a machine, without names and comments.

    Raises:
        LabError: ssh's settings have a mistake, or it is not installed.

    """
    settings = _settings(connection.host, connection.settings())
    name = settings.get("hostkeyalias", "")
    if not name:
        name, port = settings["hostname"], settings["port"]
        name = name if port == "22" else f"[{name}]:{port}"
    files = [connection.known_hosts] if connection.known_hosts else _known_hosts(settings)
    found = set()
    for path in files:
        argv = ["ssh-keygen", "-F", name, "-f", str(path)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            words = line.split()
            if len(words) >= 3 and not line.startswith(("#", "@")):
                found.add(" ".join(words[1:3]))
    return sorted(found)


def fault_on_the_way(connection: SshConnection) -> str:
    """Return what is wrong with the way through jump hosts; empty if nothing is, or there is none.

    ssh itself only says that the way is closed, and not why.
    """
    ways = [one for one in connection.options if one.startswith(_PROXY)]
    if not ways:
        return ""
    settings = _settings(connection.host, connection.settings())
    meanings = {
        "h": settings["hostname"],
        "n": connection.address,
        "p": settings["port"],
        "r": settings["user"],
        "%": "%",
    }
    command = re.sub("%(.)", lambda found: meanings.get(found[1], found[0]), ways[0])
    try:
        done = subprocess.run(
            ["sh", "-c", f"exec {command.removeprefix(_PROXY)}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_WAY_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_WAY_TIMEOUT:.0f} s"
    # Without any input the way is closed at once; that alone is no fault.
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return said[-1] if done.returncode != 0 and said else ""


def _known_hosts(settings: Mapping[str, str]) -> list[Path]:
    words = f"{settings.get('userknownhostsfile', '')} {settings.get('globalknownhostsfile', '')}"
    return [Path(word).expanduser() for word in words.split()]


def _settings(host: str, argv: list[str]) -> dict[str, str]:
    """Return what `ssh -G` prints; of a setting that is there several times, the first."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise LabError(
            f"{host}: ssh is not installed on this machine: apt-get install openssh-client"
        ) from error
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("Pseudo-term")]
        raise LabError(f"{host}: ssh: {' / '.join(lines[:3]) or done.returncode}")
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition(" ")
        found.setdefault(name, value)
    return found
