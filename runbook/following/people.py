"""Who follows a guide."""

from __future__ import annotations

import getpass
import os
import socket


def this_person() -> str:
    """Return user@machine of whoever types here, also if they have become root by sudo."""
    user = os.environ.get("SUDO_USER") or ""
    if not user:
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = str(os.getuid())
    return f"{user}@{socket.gethostname().partition('.')[0]}"
