"""How this machine reaches the package registry, so that the hosts of a lab do likewise."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final

_SETTING: Final = re.compile(r"Acquire::(\S+) \"([^\"]*)\";\Z")
_CARRIED: Final = re.compile(
    r"(Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6|https?::(Proxy|Timeout)(::\S+)?)\Z",
    re.IGNORECASE,
)


def carried(dump: str) -> tuple[str, ...]:
    """Return the settings of `dump`, as `apt-config dump` prints it, that a host needs too.

    These are proxies, and whether old package lists are still good: they belong to the way
    to the registry. Everything else belongs to this machine alone.
    """
    found = []
    for line in dump.splitlines():
        matched = _SETTING.match(line)
        if matched and matched[2] and _CARRIED.match(matched[1]):
            found.append(line)
    return tuple(found)


def settings() -> tuple[str, ...]:
    """Return this machine's own settings, in the words of `apt.conf`; none without apt."""
    if shutil.which("apt-config") is None:
        return ()
    done = subprocess.run(
        ["apt-config", "dump"], capture_output=True, text=True, errors="replace", check=False
    )
    return carried(done.stdout)
