"""What an operator types to run the present command again as root."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def command_as_root() -> str:
    """Return the command line that runs this program as root, with the same arguments.

    It has the program's whole path: sudo does not search virtual environments.
    """
    program = Path(sys.argv[0])
    started = [str(program.absolute())]
    if program.name == "__main__.py":
        started = [sys.executable, "-m", program.parent.name]
    return shlex.join(["sudo", *started, *sys.argv[1:]])
