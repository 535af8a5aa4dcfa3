"""What is knowingly left out: patterns of a step and of the guide; and what no guide speaks of.

A pattern is a path, or the kind of a thing and its name, as `unit:man-db.timer`. A `*` stands for
anything up to the next `/`, `**` for anything at all; a path that ends with `/` is a directory with
all below it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Final

from attrs import evolve

from runbook.observation.change import KINDS, Change

_TRACES: Final = "traces of the package manager or of a login"
_SEEN: Final = "it is seen as a user, a group or a unit"
_BY_ITSELF: Final = "it changes by itself"

DEFAULTS: Final[dict[str, tuple[str, ...]]] = {
    _TRACES: (
        "/etc/ld.so.cache", "/etc/.updated", "/etc/mtab", "/etc/.pwd.lock",
        "/etc/alternatives/**", "/etc/ssl/certs/**", "/etc/pki/ca-trust/extracted/**",
        "/etc/apparmor.d/local/**", "/etc/xml/**", "/etc/sgml/**", "/etc/ca-certificates.conf",
        "/etc/python3*/**", "/etc/perl/**",
        "**~", "/etc/*-", "**.dpkg-*", "**.rpmnew", "**.ucf-*", "**/__pycache__/**",
        "/var/cache/**", "/var/lib/apt/**", "/var/lib/dpkg/**", "/var/lib/ucf/**",
        "/var/lib/rpm/**", "/var/lib/dnf/**", "/var/lib/yum/**", "/var/log/**",
        "/root/.bash_history", "/root/.lesshst", "/root/.viminfo", "/root/.wget-hsts",
        "/root/.cache/", "/root/.local/", "/root/.gnupg/",
        "/home/*/.bash_history", "/home/*/.cache/", "/home/*/.local/",
    ),
    _SEEN: (
        "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid",
        "/etc/systemd/*/*.wants/**", "/etc/systemd/*/*.requires/**", "/etc/rc*.d/**",
        "/etc/systemd/*/*.wants", "/etc/systemd/*/*.requires",
    ),
    _BY_ITSELF: (
        "/run/**", "/dev/**", "/proc/**", "/sys/**", "/etc/adjtime", "/etc/lvm/archive/**",
        "/etc/lvm/backup/**", "/etc/lvm/cache/**", "/etc/resolv.conf.*",
        "unit:user@*", "unit:user-runtime-dir@*", "unit:session-*", "unit:run-*", "unit:apt-daily*",
        "unit:dpkg-db-backup*", "unit:man-db*", "unit:logrotate*", "unit:fstrim*",
        "unit:systemd-tmpfiles-clean*", "unit:e2scrub*", "unit:phpsessionclean*",
        "unit:polkit.service", "unit:packagekit.service",
        "unit:systemd-hostnamed*", "unit:systemd-timedated*", "unit:systemd-localed*",
        # These two are secrets, and are told nowhere.
        "sysctl:net.ipv4.tcp_fastopen_key", "sysctl:net.ipv6.conf.*.stable_secret",
        "sysctl:kernel.random.*", "sysctl:fs.dentry-state", "sysctl:fs.file-nr",
        "sysctl:fs.inode-*", "sysctl:kernel.ns_last_pid", "sysctl:kernel.pty.nr",
        "sysctl:net.netfilter.nf_conntrack_count", "sysctl:**.route.flush", "sysctl:fs.quota.*",
        "sysctl:net.ipv4.conf.*.forwarding", "sysctl:net.ipv6.conf.*.mtu", "sysctl:kernel.sched_*",
        "sysctl:net.mptcp.*", "sysctl:sunrpc.transports",
    ),
}  # fmt: skip
"""What no guide checks, with the reason."""

_EPHEMERAL: Final = 32768
"""The first port that a program has which does not ask for a certain one."""


def told(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return `changes` without those that no guide has anything to say of."""
    return tuple(one for one in changes if not _is_trace(one))


def left_out(
    changes: Iterable[Change], step: Iterable[str], guide: Iterable[str]
) -> tuple[Change, ...]:
    """Return `changes`, with who leaves out those that match a pattern of the step or the guide."""
    sources = (("the step", tuple(step)), ("conf.py", tuple(guide)))

    def who(change: Change) -> str:
        thing = _thing(change)
        for name, patterns in sources:
            if any(_compiled(pattern).fullmatch(thing) for pattern in patterns):
                return name
        return ""

    return tuple(evolve(one, left_out=who(one)) for one in changes)


def _thing(change: Change) -> str:
    return change.name if change.kind == "file" else f"{change.kind}:{change.name}"


def _is_trace(change: Change) -> bool:
    thing = _thing(change)
    if any(_compiled(one).fullmatch(thing) for patterns in DEFAULTS.values() for one in patterns):
        return True
    match change.kind:
        case "file":
            # It enables a unit, masks it or gives it another name.
            is_link = (change.after or change.before).startswith("link to ")
            return is_link and change.name.startswith("/etc/systemd/system/")
        case "sysctl":
            # It comes and goes with an interface or a module of the kernel.
            return not (change.before and change.after)
        case "port":
            port = change.name.rpartition("/")[2]
            return port.isdigit() and int(port) >= _EPHEMERAL
    return False


def problem(pattern: str) -> str:
    """Return what is wrong with a pattern; empty if it is one."""
    if pattern.startswith(("/", "*")):
        return ""
    kind, colon, name = pattern.partition(":")
    if colon and name and kind in KINDS and kind != "file":
        return ""
    kinds = ", ".join(kind for kind in KINDS if kind != "file")
    return f"{pattern!r} is no path, and no name behind one of {kinds} and a colon"


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*|\?)", pattern.rstrip("/"))
    known = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = "".join(known.get(part, re.escape(part)) for part in parts)
    return re.compile(f"{text}(/.*)?" if pattern.endswith("/") else text, re.DOTALL)
