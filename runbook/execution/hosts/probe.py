"""Ask a host what it is: its platform and its capabilities.

A platform is the distribution's name and major version, `debian12` or `el9`. A capability
is a name whose shell test, run on the host as root, succeeds.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.errors import RunbookError
from runbook.model.capabilities import CAPABILITIES
from runbook.results import Probed
from runbook.terminal.pipe import Pipe

# Releases before 7 of the Red Hat family have no os-release file.
_PLATFORM: Final = """
if [ -r /etc/os-release ]; then
    . /etc/os-release
    version=${VERSION_ID%%.*}
    case " $ID $ID_LIKE " in
        *" rhel "*|*" centos "*) echo "el$version" ;;
        *) echo "$ID$version" ;;
    esac
elif [ -r /etc/redhat-release ]; then
    sed 's/^[^0-9]*\\([0-9]*\\).*/el\\1/' /etc/redhat-release
else
    uname -s | tr A-Z a-z
fi
"""

_TIMEOUT: Final = 30.0

_UNFIT: Final = re.compile(r"[^A-Za-z0-9._+-]|^\.+")
_LONGEST: Final = 60
"""Characters of a platform's name."""


class ProbeError(RunbookError):
    """A host was reached but could not say what it is."""


def probe(pipe: Pipe, host: str) -> Probed:
    """Return the platform and capabilities of the host behind `pipe`.

    Raises:
        ProbeError: the host's answer is not one.
        HostLost: the host is gone.

    """
    tests = "".join(
        f"if ( {test} ) >/dev/null 2>&1; then echo {name}; fi\n"
        for name, test in CAPABILITIES.items()
    )
    result = pipe.run(_PLATFORM + tests, timeout=_TIMEOUT)
    answer = result.stdout.decode("utf-8", errors="replace").split()
    if result.status != 0 or not answer:
        complaint = result.stderr.decode("utf-8", errors="replace").strip()
        raise ProbeError(f"{host}: the host does not say what platform it is: {complaint}")
    # It becomes a part of names, also of those of files.
    platform = _UNFIT.sub("-", answer[0])[:_LONGEST]
    return Probed(platform=platform, capabilities=frozenset(answer[1:]))
