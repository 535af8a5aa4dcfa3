"""Install Debian from its packages with mmdebstrap, for a container image or a Vagrant box."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runbook.labs import LabError
from runbook.labs.installation import REMARK

SUITES: Final = {"debian12": "bookworm", "debian13": "trixie"}
"""The platforms that can be installed, and their names in the package archive."""

_SCRIPT: Final = Path(__file__).with_name("debian.sh")
_DPKG_OPTIONS: Final = (
    "force-unsafe-io",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/man/*",
)
"""dpkg options for the installation; debian.sh sets the same for what steps install later."""

_PREFIX: Final = "making-"
_TIMEOUT: Final = 1800.0


def setup_script(specific: Path) -> str:
    """Return the script that prepares an installed system: debian.sh, followed by `specific`."""
    return _SCRIPT.read_text(encoding="utf-8") + specific.read_text(encoding="utf-8")


def mmdebstrap_argv(
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

    `target` is a tar file if `archive` is true, else a directory. Packages come from the
    distribution's default source; `acquire` are apt settings for reaching it. `hooks` are
    mmdebstrap options for hooks that run before the script.
    """
    return [
        "mmdebstrap",
        "--verbose",
        "--variant=minbase",
        f"--format={'tar' if archive else 'directory'}",
        f"--include={','.join(packages)}",
        *(f"--aptopt={setting}" for setting in acquire),
        *(f"--dpkgopt={setting}" for setting in _DPKG_OPTIONS),
        '--customize-hook=rm -f "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$1"/etc/resolv.conf',
        *hooks,
        f'--customize-hook=chroot "$1" sh -s <{shlex.quote(str(script))}',
        suite,
        str(target),
    ]


def run(
    command: list[str], directory: Path, read: Callable[[str], None] = lambda _line: None
) -> None:
    """Run a command that builds a system; its temporary files go to `directory`.

    `read` gets each line of its output as it comes.

    Raises:
        LabError: it failed; the message holds the last lines of its output.

    """
    last: deque[str] = deque(maxlen=5)
    # If this program is killed, the command gets SIGTERM, so that it ends and cleans up.
    with subprocess.Popen(
        ["setpriv", "--pdeathsig=TERM", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "TMPDIR": str(directory), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        limit = threading.Timer(_TIMEOUT, process.terminate)
        limit.start()
        try:
            for line in process.stdout:
                read(line.rstrip())
                if line.strip() and not line.startswith(REMARK):
                    last.append(line.strip())
        except BaseException:
            process.terminate()
            raise
        finally:
            late = limit.finished.is_set()
            limit.cancel()
    if late:
        raise LabError(f"{command[0]}: stopped after {_TIMEOUT:.0f} s: {' / '.join(last)}")
    if process.returncode != 0:
        raise LabError(f"{command[0]}: {' / '.join(last) or process.returncode}")


@contextmanager
def build_directory(cache: Path) -> Iterator[Path]:
    """Create a temporary directory in `cache`, and remove those that killed processes left."""
    for stale in cache.glob(f"{_PREFIX}*"):
        shutil.rmtree(stale)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=cache) as name:
        directory = Path(name)
        # The unprivileged user that unpacks packages must be able to enter it.
        directory.chmod(0o755)
        yield directory
