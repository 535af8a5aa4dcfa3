"""A place in which shell text may run: harmless programs, and stubs that only note their call."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

TOOLS = (
    "awk", "bash", "cat", "base64", "chmod", "env", "false", "find", "flock", "head", "nice",
    "nohup", "rev", "script", "sed", "setsid", "sleep", "stdbuf", "tee", "timeout", "tr", "true",
    "wc", "xargs",
)  # fmt: skip
_NOBODY = 65534
_STUB = '#!/bin/bash\nprintf "%s\\n" "${0##*/} $*" >> "$RAN"\n'
_DRIVER = """\
cd /tmp
for script in /scripts/*.sh; do
    RAN=$script.ran timeout 5 bash "$script" > /dev/null 2>&1 < /dev/null
done
true
"""


def lacking_for_sandbox() -> str:
    """Return what is missing for running text in a sandbox."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [name for name in ("unshare", "chroot", "prlimit", *TOOLS) if not shutil.which(name)]
    if missing:
        return f"needs {', '.join(missing)}"
    made = subprocess.run(["unshare", "-mpf", "true"], capture_output=True, check=False)
    return "" if made.returncode == 0 else "needs namespaces"


def started(place: Path, texts: Sequence[str], stubs: Iterable[str]) -> list[str]:
    """Run `texts` one after the other; return which of the `stubs` each one has started.

    They run below `place`, in a root with nothing but `TOOLS` and the stubs, as a user without
    rights, and with few processes.
    """
    scripts = place / "scripts"
    for name in ("bin", "tmp", "scripts", "proc", "dev", "srv"):
        (place / name).mkdir(parents=True)
    for open_to_all in (scripts, place / "tmp"):
        open_to_all.chmod(0o777)
    for name in TOOLS:
        _install(Path(shutil.which(name) or "").resolve(), place / "bin" / name, place)
    (place / "bin/sh").symlink_to("bash")
    for name in stubs:
        stub = place / "bin" / name
        stub.write_text(_STUB)
        stub.chmod(0o755)
    for number, text in enumerate(texts):
        (scripts / f"{number:05}.sh").write_text(f"{text}\n")
    (place / "driver").write_text(_DRIVER)
    inside = f"mount --bind /dev {place}/dev && mount -t proc proc {place}/proc"
    inside += f" && exec prlimit --nproc=200 chroot --userspec={_NOBODY}:{_NOBODY} {place}"
    argv = ["unshare", "-mpf", "--kill-child", "bash", "-c", f"{inside} /bin/bash /driver"]
    subprocess.run(argv, check=True, env={"PATH": "/bin:/usr/bin:/sbin:/usr/sbin"})
    notes = (scripts / f"{number:05}.sh.ran" for number in range(len(texts)))
    return [note.read_text() if note.exists() else "" for note in notes]


def _install(program: Path, target: Path, place: Path) -> None:
    """Copy a program and its libraries."""
    shutil.copy(program, target)
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for library in (word for word in listed.split() if word.startswith("/")):
        there = place / library.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        if not there.exists():
            shutil.copy(Path(library).resolve(), there)
