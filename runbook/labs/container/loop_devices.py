"""Loop devices that hosts have made: they are the kernel's, and outlive the containers.

A file system that was mounted with `-o loop` frees its device when it ends with the host; what
`losetup` has set up stays until somebody frees it, and a machine has only some.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_DEVICES: Final = Path("/sys/block")


@contextmanager
def freed(containers: Callable[[], Iterable[Mapping[str, Any]]]) -> Iterator[None]:
    """Free the loop devices of containers that end within the context.

    `containers` are what the engine says of them. It is asked only if any device is in use.
    """
    left = _of(containers()) if any(_DEVICES.glob("loop*/loop/backing_file")) else frozenset()
    yield
    # Only those that still have the same file: another host may have got a device meanwhile.
    for name, _, _ in left & _devices() if left else ():
        subprocess.run(["losetup", "--detach", name], capture_output=True, check=False)


def _of(containers: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str, int]]:
    """Return the devices whose files are in the root file systems of running containers."""
    own = Path("/").stat().st_dev
    roots = set()
    for info in containers:
        try:
            root = Path(f"/proc/{info['State']['Pid'] or '-'}/root").stat().st_dev
        except OSError:
            # It does not run, so nobody knows any more which file system it had.
            continue
        if root != own:
            roots.add(f"{os.major(root)}:{os.minor(root)}")
    return frozenset(device for device in _devices() if device[1] in roots)


def _devices() -> frozenset[tuple[str, str, int]]:
    """Return the devices in use: the name of each, and the file system and inode of its file."""
    argv = ["losetup", "--list", "--json", "--output", "NAME,BACK-MAJ:MIN,BACK-INO"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["loopdevices"] if done.stdout.strip() else []
    return frozenset(
        (str(one["name"]), str(one["back-maj:min"]).strip(), int(one["back-ino"])) for one in found
    )
