"""The apt settings of this machine that hosts need too, to reach the package archive."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final

_SETTING: Final = re.compile(r"Acquire::(\S+) \"([^\"]*)\";\Z")
_NEEDED: Final = re.compile(
    r"(Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6|https?::(Proxy|Timeout)(::\S+)?)\Z",
    re.IGNORECASE,
)


def select_settings(dump: str) -> tuple[str, ...]:
    """Return the lines of `dump`, the output of `apt-config dump`, that a host needs too.

    These are proxies, timeouts and the checks of package list dates. All other settings concern
    this machine alone.
    """
    selected = []
    for line in dump.splitlines():
        matched = _SETTING.match(line)
        if matched and matched[2] and _NEEDED.match(matched[1]):
            selected.append(line)
    return tuple(selected)


def apt_settings() -> tuple[str, ...]:
    """Return this machine's settings, as lines of `apt.conf`; none if apt is not installed."""
    if shutil.which("apt-config") is None:
        return ()
    done = subprocess.run(
        ["apt-config", "dump"], capture_output=True, text=True, errors="replace", check=False
    )
    return select_settings(done.stdout)
