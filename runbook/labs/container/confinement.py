"""What this process may not do that containers take, as in a container without privileges.

An engine that lacks it fails late, after minutes, and with words that name neither the reason nor
what helps. So it is found out first, without starting anything.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from runbook.labs import LabError

CAPABILITIES: Final = {"CAP_NET_ADMIN": 12, "CAP_SYS_CHROOT": 18, "CAP_SYS_ADMIN": 21}
"""What making hosts takes of the capabilities of Linux, and the number of each."""

USERS: Final = 65536
"""How many users the system of a host may have files of; nobody is the last one."""

STORAGE_FILES: Final = (
    Path("/etc/containers/storage.conf"),
    Path("/usr/share/containers/storage.conf"),
)
"""Where podman's settings of its storage are, the first that there is."""

_STORAGE: Final = "/var/lib/containers/storage"
_OVERLAYS: Final = ("overlay", "fuse.fuse-overlayfs")

ADVICE: Final = (
    "Where this is a container, start it with its privileges and with a volume for images:",
    "  podman or docker: run --privileged --volume /var/lib/containers ...",
    "  GitHub Actions, in the job: container: {options: --privileged --volume /var/lib/containers}",
    "  GitLab Runner, in config.toml: privileged = true, volumes = ['/var/lib/containers']",
    "Or run the guide on this container itself, which needs no privileges: runbook run --lab local",
)
"""What to type where something is lacking."""


def refuse_confinement() -> None:
    """Ensure that this process may do what containers take.

    Raises:
        LabError: it may not; the message says what is missing and what to type.

    """
    lacking = missing()
    if lacking:
        lines = ["containers cannot run here:", *(f"  {one}" for one in lacking), *ADVICE]
        raise LabError("\n".join(lines))


def missing() -> list[str]:
    """Return what is missing, each as a sentence without a full stop; it starts no container."""
    status, users, mounts = (
        Path(f"/proc/self/{name}").read_text(encoding="utf-8", errors="replace")
        for name in ("status", "uid_map", "mountinfo")
    )
    return [
        *missing_privileges(status),
        *missing_users(users),
        *missing_namespaces(),
        *read_only_groups(mounts),
        *unfit_storage(mounts, storage_directory()),
    ]


def missing_privileges(status: str) -> Iterator[str]:
    """Yield which capabilities are missing in `status`, the text of /proc/self/status."""
    effective = next(
        (int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:")), 0
    )
    lacking = [name for name, bit in CAPABILITIES.items() if not effective >> bit & 1]
    if lacking:
        yield f"this process may not administer mounts and networks: it lacks {', '.join(lacking)}"


def missing_users(uid_map: str) -> Iterator[str]:
    """Yield that there are too few users, by the text of /proc/self/uid_map."""
    count = sum(int(line.split()[2]) for line in uid_map.splitlines())
    if count < USERS:
        yield (
            f"this user namespace has {count} of the {USERS} users that the system of a host takes"
        )


def missing_namespaces() -> Iterator[str]:
    """Yield that no namespaces can be made, and why; capabilities alone do not tell."""
    try:
        done = subprocess.run(
            ["unshare", "--mount", "--net", "--pid", "--fork", "true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        yield f"unshare cannot be started: {error.strerror}"
        return
    if done.returncode != 0:
        yield f"no namespaces can be made: {done.stderr.strip() or done.returncode}"


def read_only_groups(mountinfo: str) -> Iterator[str]:
    """Yield that control groups cannot be made, by the mounts in `mountinfo`."""
    groups = [
        (place, options)
        for place, kind, options in _mounts(mountinfo)
        if kind == "cgroup2" or (kind == "cgroup" and place.endswith("/systemd"))
    ]
    if groups and all("ro" in options.split(",") for _, options in groups):
        yield f"control groups cannot be made: {groups[0][0]} is read-only"


def unfit_storage(mountinfo: str, directory: str) -> Iterator[str]:
    """Yield that layers of images cannot be kept in `directory`; it is empty if none are."""
    if not directory:
        return
    there = [
        (place, kind)
        for place, kind, _ in _mounts(mountinfo)
        if place == "/" or directory == place or directory.startswith(f"{place}/")
    ]
    # Of two mounts on one place the later one is seen.
    _, kind = max(reversed(there), key=lambda mount: len(mount[0]), default=("", ""))
    if kind in _OVERLAYS:
        yield f"images cannot be kept in {directory}, which is on an overlay itself"


def _mounts(mountinfo: str) -> Iterator[tuple[str, str, str]]:
    """Yield the place, the kind and the options of each mount, as proc_pid_mountinfo(5) has it."""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) > 5 and after:
            yield fields[4], after.split()[0], fields[5]


def storage_directory(files: Sequence[Path] = STORAGE_FILES) -> str:
    """Return where podman keeps layers of images; empty without podman, or if it keeps none."""
    if shutil.which("podman") is None or os.environ.get("STORAGE_DRIVER", "overlay") != "overlay":
        return ""
    path = next((path for path in files if path.exists()), None)
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return ""
    storage = settings.get("storage", {})
    mounts_itself = storage.get("options", {}).get("overlay", {}).get("mount_program")
    if storage.get("driver") not in (None, "", "overlay") or mounts_itself:
        return ""
    return str(storage.get("graphroot") or _STORAGE)
