"""Who runs this program, and whether that is enough."""

from __future__ import annotations

import getpass
import os
import subprocess

from runbook.errors import RunbookError
from runbook.labs import Lab
from runbook.labs.local import LocalLab
from runbook.labs.privilege import command_as_root


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
            f"{command_as_root()}, or let sudo ask for no password"
        )
