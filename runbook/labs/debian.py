"""Install a Debian system from its packages, for an image or a box; nothing else is loaded."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runbook.labs import LabError

SUITES: Final = {"debian12": "bookworm", "debian13": "trixie"}
"""The platforms that are made here, and their names in the package archive."""

_COMMON: Final = Path(__file__).with_name("debian.sh")
_DROPPED: Final = (
    "force-unsafe-io",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/man/*",
)
"""Settings of dpkg for the installation; debian.sh has them for what the steps install."""

_MAKING: Final = "making-"
_TIMEOUT: Final = 1800.0


def finish(own: Path) -> str:
    """Return the script that turns an installed system into a lab's, with `own` as its end."""
    return _COMMON.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")


def argv(
    suite: str,
    packages: tuple[str, ...],
    target: Path,
    script: Path,
    *,
    archive: bool,
    acquire: tuple[str, ...] = (),
    hooks: tuple[str, ...] = (),
) -> list[str]:
    """Return the command that installs `packages` of `suite` in `target`, and runs `script` there.

    `target` is a tar file if `archive` says so, else a directory. It takes the distribution's own
    default source of packages; `acquire` are settings of this machine's apt for the way there.
    `hooks` are options with mmdebstrap's own hooks, done before the script.
    """
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--format={'tar' if archive else 'directory'}",
        f"--include={','.join(packages)}",
        *(f"--aptopt={setting}" for setting in acquire),
        *(f"--dpkgopt={setting}" for setting in _DROPPED),
        '--customize-hook=rm -f "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$1"/etc/resolv.conf',
        *hooks,
        f'--customize-hook=chroot "$1" sh -s <{shlex.quote(str(script))}',
        suite,
        str(target),
    ]


def run(command: list[str], place: Path) -> None:
    """Run one of the programs that make a system, which keeps its own files in `place`.

    Raises:
        LabError: it failed; the message has its last lines.

    """
    # Without us nobody would wait for it, so it ends when we are killed, and cleans up.
    with subprocess.Popen(
        ["setpriv", "--pdeathsig=TERM", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, "TMPDIR": str(place), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    ) as process:
        try:
            _, complaint = process.communicate(timeout=_TIMEOUT)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        said = complaint.strip().splitlines()[-5:]
        raise LabError(f"{command[0]}: {' / '.join(said) or process.returncode}")


@contextmanager
def workplace(cache: Path) -> Iterator[Path]:
    """Make a directory in `cache` for one system, after removing what a killed process left."""
    for left in cache.glob(f"{_MAKING}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_MAKING, dir=cache) as directory:
        # The user that unpacks packages has to reach it.
        Path(directory).chmod(0o755)
        yield Path(directory)
