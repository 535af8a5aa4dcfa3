"""An ordinary user of this machine, and the harness as that user runs it."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.paths import ROOT

UID: Final = 65534
"""The user `nobody`, who owns nothing and may do nothing."""
_AS: Final = ("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups")


def user_argv(*arguments: str | Path) -> list[str]:
    """Return the argv by which root runs `runbook` as the ordinary user."""
    return [*_AS, _python(), "-m", "runbook", *map(str, arguments)]


def user_environment() -> dict[str, str]:
    """Return the environment for that, of a user without a home."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run_as_user(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `runbook` as the ordinary user, without input."""
    return subprocess.run(
        user_argv(*arguments),
        env=user_environment(), cwd="/", stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@contextmanager
def place_for_all() -> Iterator[Path]:
    """Give a directory that every user can reach; those of pytest are for their owner only."""
    with tempfile.TemporaryDirectory(prefix="runbook-test-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def give(directory: Path) -> None:
    """Give a directory with all that is in it to the ordinary user."""
    for path in (directory, *directory.rglob("*")):
        os.chown(path, UID, UID, follow_symlinks=False)


@functools.cache
def lacking_for_ordinary_users() -> str:
    """Return what is missing for becoming one."""
    if os.geteuid() != 0:
        return "needs root"
    if shutil.which("setpriv") is None:
        return "needs setpriv (util-linux)"
    return "" if _python() else "needs a Python and a checkout that other users can read"


@functools.cache
def _python() -> str:
    """Return a Python of our version that the ordinary user can start; empty if there is none."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for program in (f"/usr/bin/python{version}", sys.executable):
        argv = [*_AS, program, "-c", "import attrs, yaml, runbook"]
        path = {"PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}"}
        try:
            if (
                subprocess.run(argv, env=path, cwd="/", capture_output=True, check=False).returncode
                == 0
            ):
                return program
        except OSError:
            continue
    return ""
