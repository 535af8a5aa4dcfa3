"""The options with which every ssh of ours starts: it asks nothing, and knows its host's key."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

_ALWAYS: Final = ("BatchMode=yes", "StrictHostKeyChecking=yes")
_WITHOUT_OTHERS: Final = (
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "LogLevel=ERROR",
)


def ssh_options(
    key: Path | None, known_hosts: Path | None, more: tuple[str, ...] = ()
) -> list[str]:
    """Return the words of ssh's command line for a key, a file of known host keys, and `more`."""
    options = list(_ALWAYS)
    if key is not None:
        options += [f"IdentityFile={_path(key)}", "IdentitiesOnly=yes"]
    if known_hosts is not None:
        options += [f"UserKnownHostsFile={_path(known_hosts)}", "GlobalKnownHostsFile=/dev/null"]
    # What ssh is told first counts.
    return [word for option in (*options, *more, *_WITHOUT_OTHERS) for word in ("-o", option)]


def _path(path: Path) -> str:
    """Return a path for an option of ssh, which would take a blank for the end of a path."""
    text = str(path).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"' if re.search(r"""[\s"'\\#]""", text) else text


def through_jump_hosts(jump: str, config: Path | None) -> str:
    """Return the option for the way through `jump`, as in ssh's own ProxyJump.

    ssh would start the same by itself, but so that it ends with the first shell of ours, though
    others use the connection, and that it may ask somebody something.
    """
    before, _, last = jump.rpartition(",")
    argv = [
        *("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "LogLevel=ERROR"),
        *(() if config is None else ("-F", _literal(str(config)))),
        *(("-o", _literal(through_jump_hosts(before, config))) if before else ()),
        *("-W", "[%h]:%p", "--", last if last.startswith("ssh://") else f"ssh://{last}"),
    ]
    return through_command(shlex.join(argv))


def through_command(command: str) -> str:
    """Return the option for the way through what `command` connects to, as in ProxyCommand."""
    alone = "env SSH_ASKPASS_REQUIRE=never setsid"
    return f"ProxyCommand={alone} {command.removeprefix('exec ')}"


def _literal(text: str) -> str:
    """Return a text in which ssh will replace nothing."""
    return text.replace("%", "%%")
