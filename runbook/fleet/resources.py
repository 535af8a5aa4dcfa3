"""What a machine has for labs, as Dask's resources, and what a job takes of it."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import runbook
from runbook import __version__
from runbook.errors import RunbookError
from runbook.fleet.jobs import Job
from runbook.labs.debian import SUITES
from runbook.labs.vagrant.hardware import memory_of_all
from runbook.model import Cluster

_OF_A_CONTAINER: Final = 256
"""Megabytes that a container of a lab is taken to use: nothing says how much it may."""
_KEPT_FREE: Final = 0.2
"""The part of a machine's memory that labs leave to others."""
HARNESS: Final = "harness "


@functools.cache
def harness() -> str:
    """Return the version of the harness, down to its very source."""
    source = hashlib.sha256()
    for path in sorted(Path(runbook.__file__).parent.rglob("*.py")):
        source.update(path.read_bytes())
    return f"{__version__}+{source.hexdigest()[:8]}"


def probe(slots: int) -> dict[str, float]:
    """Return what this machine has, for a worker that does `slots` jobs at once."""
    found = {HARNESS + harness(): slots, platform.machine(): slots, "memory": free_memory()}
    if os.geteuid() == 0 and any(shutil.which(one) for one in ("podman", "docker")):
        found["container"] = slots
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        found["kvm"] = slots
    if shutil.which("vagrant") and importlib.util.find_spec("libvirt"):
        found["vagrant"] = slots
    return {**found, **{f"platform {name}": slots for name in SUITES}}


def free_memory() -> int:
    """Return the megabytes of this machine that labs may take together."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(total * (1 - _KEPT_FREE) / 1e6)


def memory_of(cluster: Cluster, kind: str) -> int:
    """Return the megabytes that a lab of `cluster` takes."""
    if kind == "vagrant":
        return memory_of_all(cluster)
    return _OF_A_CONTAINER * len(cluster.hosts) if kind == "container" else 1


def slots_here(memory: int) -> int:
    """Return how many labs this machine bears that take that many megabytes each."""
    processors = len(os.sched_getaffinity(0))
    return max(1, min(processors, free_memory() // max(1, memory)))


def needed(job: Job, cluster: Cluster, kind: str) -> dict[str, float]:
    """Return what a job needs of the worker that does it."""
    here = job.variant.of(cluster)
    found: dict[str, float] = {HARNESS + harness(): 1, platform.machine(): 1}
    if kind != "local":
        found |= {kind: 1, "memory": memory_of(here, kind)}
        found |= {f"platform {host.platform}": 1 for host in here.hosts if host.platform}
    return found


def refuse_other_versions(workers: Mapping[str, Any]) -> None:
    """Ensure that all `workers`, as the scheduler describes them, have this very harness.

    Raises:
        RunbookError: one has another one, or none.

    """
    mine = HARNESS + harness()
    for address, about in sorted(workers.items()):
        has = [name for name in about["resources"] if name.startswith(HARNESS)]
        if mine not in has:
            other = has[0].removeprefix(HARNESS) if has else "none: start it with `runbook worker`"
            raise RunbookError(
                f"the worker {about.get('name', address)} at {address} has another version of the "
                f"harness: {other}; here it is {harness()}"
            )


def lacking(needs: Mapping[str, float], workers: Mapping[str, Any]) -> str:
    """Return what no worker has of what a job `needs`, in words; empty if one has all of it."""
    fit = [
        {name for name, amount in needs.items() if about["resources"].get(name, 0) < amount}
        for about in workers.values()
    ]
    if any(not missing for missing in fit):
        return ""
    nearest = min(fit, key=len, default=set(needs))
    return ", ".join(
        f"{name}" + (f" ({needs[name]:.0f} MB)" if name == "memory" else "")
        for name in sorted(nearest)
    )
