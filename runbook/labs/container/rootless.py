"""Hosts of an ordinary user: what rootless podman needs, and the way into its user namespace.

`podman unshare` gives a program a namespace in which the user is root. There a lab is made as root
makes it, of containers that are the user's. Files of the user's own keep what root keeps in /run
and /var. What is missing is found out first: podman names it late, one thing at a time.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs.privilege import command_as_root
from runbook.labs.protocol import LabError

GROUPS: Final = Path("/sys/fs/cgroup")
_SUBORDINATE: Final = (Path("/etc/subuid"), Path("/etc/subgid"))
_LEAST: Final = 65536
"""How many users a Debian has, `nobody` included."""
_FIRST: Final = 100000
_TUN: Final = Path("/dev/net/tun")
_PROGRAMS: Final = {"podman": "podman", "newuidmap": "uidmap", "setpriv": "util-linux"}
_SWITCHES: Final = (
    ("kernel.unprivileged_userns_clone", "1"),
    ("user.max_user_namespaces", "15000"),
)


@frozen
class Lack:
    """Something that rootless containers need and that is not there, and what to type for it."""

    what: str
    commands: tuple[str, ...]


def entering(argv: list[str]) -> list[str]:
    """Return the argv that runs `argv` in the namespace of the user's podman.

    Raises:
        LabError: something is missing; the message has the commands that help.

    """
    refuse_lacks()
    # podman does not pass on a signal to end.
    return ["podman", "unshare", "setpriv", "--pdeathsig=TERM", *argv]


def refuse_lacks() -> None:
    """Ensure that this user can have containers.

    Raises:
        LabError: something is missing; the message has the commands that help.

    """
    lacks = missing()
    if lacks:
        lines = ["containers of your own cannot run here:"]
        for lack in lacks:
            lines += [f"  {lack.what}", *(f"      {command}" for command in lack.commands)]
        raise LabError("\n".join([*lines, f"Or as root: {command_as_root()}"]))


def missing() -> list[Lack]:
    """Return what this user's containers lack; it starts none."""
    user = getpass.getuser()
    lacks = [
        *_programs(),
        *_users(user),
        *_switches(),
        *_groups(user),
        *_runtime(user),
        *_network(),
    ]
    # podman itself is asked last: it fails for each of the above, in other words.
    return lacks or [*_storage()]


def _programs() -> Iterator[Lack]:
    for program, package in (
        ("podman", "podman"),
        ("newuidmap", "uidmap"),
        ("setpriv", "util-linux"),
    ):
        if shutil.which(program) is None:
            yield Lack(f"{program} is not installed", (f"sudo apt-get install {package}",))
    if shutil.which("slirp4netns") is None and shutil.which("pasta") is None:
        yield Lack(
            "neither slirp4netns nor pasta is installed, the way from the hosts to the outside",
            ("sudo apt-get install slirp4netns",),
        )


def _users(user: str) -> Iterator[Lack]:
    """Yield that the user has no further users and groups to give to containers."""
    tables = [_ranges(path) for path in _SUBORDINATE]
    names = (user, str(os.getuid()))
    short = [
        path
        for path, table in zip(_SUBORDINATE, tables, strict=True)
        if not any(owner in names and count >= _LEAST for owner, _, count in table)
    ]
    if not short:
        return
    free = max([_FIRST, *(first + count for table in tables for _, first, count in table)])
    span = f"{free}-{free + _LEAST - 1}"
    yield Lack(
        f"{user} has less than {_LEAST} ids in {' and '.join(map(str, short))}",
        (
            f"sudo usermod --add-subuids {span} --add-subgids {span} {user}",
            "podman system migrate",
        ),
    )


def _ranges(path: Path) -> list[tuple[str, int, int]]:
    """Return the lines of a file as subuid(5): owner, first id and number of ids."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    fields = [line.split(":") for line in lines]
    return [
        (owner, int(first), int(count))
        for owner, first, count in (one for one in fields if len(one) == 3)
        if first.isdigit() and count.isdigit()
    ]


def _switches() -> Iterator[Lack]:
    for name, value in _SWITCHES:
        path = Path("/proc/sys", *name.split("."))
        if path.exists() and path.read_text().strip() == "0":
            yield Lack(
                f"the kernel allows users no namespaces: {name} is 0",
                (
                    f"echo {name}={value} | sudo tee /etc/sysctl.d/50-namespaces.conf",
                    "sudo sysctl --system",
                ),
            )


def _groups(user: str) -> Iterator[Lack]:
    """Yield that the user cannot make control groups, in which systemd starts its services."""
    if not (GROUPS / "cgroup.controllers").exists():
        yield Lack(
            f"{GROUPS} has control groups of version 1, which cannot be given to users",
            (
                "sudoedit /etc/default/grub  # in GRUB_CMDLINE_LINUX: "
                "systemd.unified_cgroup_hierarchy=1",
                "sudo update-grub && sudo reboot",
            ),
        )
        return
    own = Path("/proc/self/cgroup").read_text(encoding="utf-8").strip().rpartition("::")[2]
    uid = os.getuid()
    places = (
        GROUPS / own.lstrip("/"),
        GROUPS / f"user.slice/user-{uid}.slice/user@{uid}.service",
    )
    if not any(os.access(place, os.W_OK) for place in places):
        yield Lack(
            f"no control group has been given to {user}, as systemd does at a login (not by su)",
            (f"sudo loginctl enable-linger {user}",),
        )


def _runtime(user: str) -> Iterator[Lack]:
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    if not named or not os.access(named, os.W_OK):
        yield Lack(
            "XDG_RUNTIME_DIR names no directory of yours, as systemd makes at a login (not by su)",
            (
                f"sudo loginctl enable-linger {user}",
                f"export XDG_RUNTIME_DIR=/run/user/{os.getuid()}",
            ),
        )


def _network() -> Iterator[Lack]:
    if not os.access(_TUN, os.R_OK | os.W_OK):
        yield Lack(
            f"{_TUN} is not there, or not for you", ("sudo modprobe tun", f"sudo chmod 666 {_TUN}")
        )


def _storage() -> Iterator[Lack]:
    """Yield why podman does not work, or that it keeps images in a way that has no layers."""
    argv = ["podman", "info", "--format={{.Store.GraphDriverName}}"]
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        yield Lack(f"podman: {lines[-1] if lines else done.returncode}", ("podman info",))
    elif done.stdout.strip() != "overlay":
        path = "~/.config/containers/storage.conf"
        yield Lack(
            f"podman keeps images with {done.stdout.strip()!r}, which has no layers to save",
            (
                "podman system reset  # removes your containers and images",
                "mkdir -p ~/.config/containers",
                f"printf '[storage]\\ndriver = \"overlay\"\\n' >{path}",
            ),
        )
