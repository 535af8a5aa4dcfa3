"""The environments of what is started on this machine: built, not inherited.

The operator's own has secrets of this run, and of anything else that they do.
"""

from __future__ import annotations

import os
import pwd
import re
from typing import Final

_OURS: Final = "RUNBOOK_"
"""Beginning of the names of our own variables, some of which hold secrets."""

_LOGIN: Final = re.compile(r"HOME|LANG|LANGUAGE|LC_\w+|PATH|SHELL|TERM|TZ|XDG_RUNTIME_DIR")
"""Names of what a login on this machine gives as well."""

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def of_client() -> dict[str, str]:
    """Return the environment of a program that leads to another host, such as ssh.

    It needs the operator's own, but for what is ours alone.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def of_login(entry: pwd.struct_passwd) -> list[str]:
    """Return the words with which `env` starts a program as after a login of a local user.

    Of the operator's own environment there is only what a login gives as well: language, time
    zone and search path; also the home directory, if they log in as themselves.
    """
    given = {"PATH": _PATH, "TERM": "dumb"}
    given |= {name: value for name, value in os.environ.items() if _LOGIN.fullmatch(name)}
    if entry.pw_uid != os.geteuid():
        given.pop("XDG_RUNTIME_DIR", None)
        given["HOME"] = entry.pw_dir
    given |= {"USER": entry.pw_name, "LOGNAME": entry.pw_name, "SHELL": entry.pw_shell}
    given.setdefault("HOME", entry.pw_dir)
    return ["env", "-i", *(f"{name}={value}" for name, value in sorted(given.items()))]
