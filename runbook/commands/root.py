"""Who runs this program, and how they run it as root."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from runbook.errors import RunbookError
from runbook.labs import Lab
from runbook.labs.local import LocalLab


def refuse_without_root(lab: Lab) -> None:
    """Ensure that root's steps and checks can be had on this machine, if it is the `lab`.

    Raises:
        RunbookError: they cannot; the message says why and what to type.

    """
    if not isinstance(lab, LocalLab) or os.geteuid() == 0:
        return
    try:
        done = subprocess.run(
            ["sudo", "-n", "true"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        why = done.stderr.strip().removeprefix("sudo: ") if done.returncode != 0 else ""
    except OSError as error:
        why = f"sudo: {error.strerror}"
    if why:
        raise RunbookError(
            f"--lab local needs root, and you are {getpass.getuser()} ({why}); run it with "
            f"{as_root()}, or let sudo ask for no password"
        )


def program() -> str:
    """Return what a shell of the user calls this program."""
    name = Path(sys.argv[0]).name
    if name != "runbook":
        return f"{shlex.quote(sys.executable)} -m runbook"
    found = shutil.which(name)
    own = Path(sys.argv[0]).absolute()
    return name if found and Path(found).absolute() == own else shlex.quote(str(own))


def as_root() -> str:
    """Return how the user calls this program as root."""
    this = program()
    if os.geteuid() == 0:
        return this
    # sudo has a search path of its own, without virtual environments.
    return 'sudo "$(command -v runbook)"' if this == "runbook" else f"sudo {this}"
