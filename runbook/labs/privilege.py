"""What an operator types to run the present program as root."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def program() -> str:
    """Return what a shell of the user calls this program."""
    own = Path(sys.argv[0]).absolute()
    if own.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m {own.parent.name}"
    found = shutil.which(own.name)
    return own.name if found and Path(found).absolute() == own else shlex.quote(str(own))


def as_root() -> str:
    """Return how the user calls this program as root."""
    this = program()
    if os.geteuid() == 0:
        return this
    # sudo has a search path of its own, without virtual environments.
    return f"sudo {this}" if "/" in this else f'sudo "$(command -v {this})"'


def command_as_root() -> str:
    """Return how the user runs the present command as root, with the same arguments."""
    return " ".join([as_root(), *map(shlex.quote, sys.argv[1:])])
