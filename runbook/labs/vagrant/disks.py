"""Disks of virtual machines, as files that qemu-img knows."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runbook.labs import LabError


def memories(disk: Path) -> Iterator[tuple[str, int]]:
    """Yield the name and the bytes of memory of each snapshot in `disk`, which may be in use."""
    argv = ["qemu-img", "info", "--force-share", "--output=json", str(disk)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        for one in json.loads(done.stdout).get("snapshots", []):
            yield str(one["name"]), int(one["vm-state-size"])


def overlay(base: Path, disk: Path) -> None:
    """Create `disk` as an empty overlay with the backing file `base`, which is not written to."""
    disk.unlink(missing_ok=True)
    argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(base), str(disk)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"qemu-img: {done.stderr.strip()}")
