"""Hosts of Enterprise Linux for tests of the guide's checks: what they have and answer is data.

A host is the present machine's shell and a few of its programs, on other files. All else that a
check calls is a stand-in, which answers what a test says and refuses what nobody told it. Services
answer as systemctl of systemd 252, and as service and chkconfig of initscripts 9.03.58; packages as
rpm; addresses that listen as ss. The hosts share their files; a name is each one's own.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define

from runbook.execution.hosts.host import HostConnection, closing_all
from tests.support.namespaced import NamespacedConnection

ADDRESSES = {"engine": 100, "gs1": 101, "gs2": 102, "gs3": 103, "gs4": 104}
State = Mapping[str, Any]

# What every Enterprise Linux has, and checks use as it is.
_TOOLS = """
    awk base64 basename bash cat chmod cp curl cut date dirname env find getent grep gzip head
    hostname id ln ls mkdir mktemp openssl python3 qemu-img readlink rm rmdir sed sh sha256sum sleep
    sort tail tar test touch tr true uname wc xargs
"""
_EVERYWHERE = (
    "root/.ssh",
    "tmp",
    "var/tmp",
    "etc/ssl",
    "etc/pki/ovirt-engine",
    "etc/pki/vdsm/certs",
    "run/systemd/system",
    "stand-in/bin",
    "usr/sbin",
)
_LASTING = {at for one in _EVERYWHERE for at in (Path(one), *Path(one).parents)}
_KEPT = ("real", "proc", "dev", "lib", "lib64", "bin", "sbin", "usr", "programs")
_REAL = ("bin", "sbin", "lib", "lib64")
_ENTER = """
set -e
cd "$0"
for one in bin sbin lib lib64; do mount --rbind "/usr/$one" "real/$one"; done
mount --rbind /proc proc
mount --rbind /dev dev
hostname "$1.example.com"
shift
export HOME=/root PATH=/stand-in/bin:/programs:/usr/local/sbin:/usr/bin:/usr/sbin LC_ALL=C.UTF-8
exec chroot . "$@"
"""
_SYSTEMCTL = """#!/bin/bash
line() { grep "^$1 " /stand-in/services; }
verb=$1
for word; do :; done
name=${word%.service}
case "$*" in
is-active\\ *) line "$name" | grep -q running && echo active || { echo inactive; exit 3; } ;;
is-enabled\\ *)
    line "$name" >/stand-in/found || {
        echo "Failed to get unit file state for $name.service: No such file or directory" >&2
        exit 1
    }
    grep -q enabled /stand-in/found && echo enabled || { echo disabled; exit 1; } ;;
show\\ --property?MainPID\\ --value\\ *)
    line "$name" | grep -q running && cat /stand-in/pid || echo 0 ;;
list-timers\\ --all\\ --no-legend) grep "[.]timer running" /stand-in/services; true ;;
*) echo "Unknown command verb $verb." >&2; exit 1 ;;
esac
"""
_SERVICE = """#!/bin/bash
[ "$2" = status ] || { echo "Usage: $1 {start|stop|status}"; exit 2; }
line=$(grep "^$1 " /stand-in/services) || { echo "$1: unrecognized service" >&2; exit 1; }
case $line in
*running*) echo "$1 (pid  2301) is running..." ;;
*) echo "$1 is stopped"; exit 3 ;;
esac
"""
_CHKCONFIG = """#!/bin/bash
[ "$1" = --list ] || exit 1
line=$(grep "^$2 " /stand-in/services) || {
    echo "error reading information on service $2: No such file or directory" >&2
    exit 1
}
case $line in *enabled*) on=on ;; *) on=off ;; esac
printf '%-15s\\t0:off\\t1:off\\t2:%s\\t3:%s\\t4:%s\\t5:%s\\t6:off\\n' "$2" $on $on $on $on
"""
_RPM = """#!/bin/bash
for name; do :; done
[ "$1" = -q ] && grep -qx -- "$name" /stand-in/packages && { echo "$name-1.0-1.x86_64"; exit; }
case "$*" in *--quiet*) ;; *) echo "package $name is not installed" ;; esac
exit 1
"""
_SS = """#!/bin/bash
echo 'State      Recv-Q Send-Q     Local Address:Port       Peer Address:Port Process'
while read -r address; do echo "LISTEN 0 128 $address 0.0.0.0:*"; done </stand-in/listening
"""
# Ownership by others than root is not to be had in a namespace with one user.
_STAT = """#!/bin/bash
for path; do :; done
read -r _ uid gid user < <(grep -F -- "$path " /stand-in/owners)
case "$*" in
*%U*) echo "${user:-root}" ;;
*%u*) echo "${uid:-0}" ;;
*%g*) echo "${gid:-0}" ;;
*) exec /real/bin/stat "$@" ;;
esac
"""
# The ports of the guide are taken on this machine, or may not be listened at.
_OPENSSL = """#!/bin/bash
words=()
while (($#)); do
    if [ "$1" = -connect ]; then
        port=$(sed -n "s/^$2 //p" /stand-in/tls)
        words+=(-connect "127.0.0.1:${port:-1}")
        shift
    else
        words+=("$1")
    fi
    shift
done
exec /real/bin/openssl "${words[@]}"
"""
_PROGRAMS = {
    "systemctl": _SYSTEMCTL,
    "service": _SERVICE,
    "chkconfig": _CHKCONFIG,
    "rpm": _RPM,
    "ss": _SS,
    "stat": _STAT,
    "openssl": _OPENSSL,
}


@define
class StandInHosts:
    """The hosts of the lab, which have what they were last told to have."""

    root: Path
    live: dict[str, HostConnection]

    def become(self, state: State, base: Mapping[str, str]) -> None:
        """Have the files of `base`, and all that `state` says; nothing else."""
        for place in (*self.root.iterdir(), *(self.root / "usr").iterdir()):
            if place.name not in _KEPT:
                self._empty(place)
        for place in (*(self.root / "usr/bin").iterdir(), *(self.root / "usr/sbin").iterdir()):
            if not place.is_symlink():  # as the tools are that every host has
                place.unlink()
        for name in _EVERYWHERE:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for path, text in base.items():
            self.write(path, text)
        for name in ("services", "packages", "listening", "tls"):
            self.write(f"/stand-in/{name}", "".join(f"{one}\n" for one in _lines(state, name)))
        self.write("/stand-in/pid", f"{state.get('pid', 4711)}\n")
        self._files(state.get("files", {}))
        for name in state.get("installed", ()):
            self.program(name, "#!/bin/bash\n")
        for name, rules in state.get("programs", {}).items():
            if rules is not None:
                self.program(name, _script(name, rules))
        if script := state.get("run"):
            done = self.live["engine"].pipe().run(script, timeout=20)
            assert done.status == 0, done

    def _files(self, files: Mapping[str, Any]) -> None:
        owners = []
        for path, told in files.items():
            said = told if isinstance(told, Mapping) else {"text": told}
            if told is None:
                continue
            if path.endswith("/"):
                (self.root / path.strip("/")).mkdir(parents=True, exist_ok=True)
            else:
                self.write(path, said.get("text", ""))
            (self.root / path.strip("/")).chmod(
                said.get("mode", 0o755 if path.endswith("/") else 0o644)
            )
            if "owner" in said:
                owners.append(f"{path.rstrip('/')} {said['owner']}\n")
        self.write("/stand-in/owners", "".join(owners))

    def _empty(self, place: Path) -> None:
        """Remove a directory, but for those that every host has: that takes long beside shells."""
        for directory, inner, names in os.walk(place, topdown=False):
            here = Path(directory)
            for one in (*names, *(name for name in inner if (here / name).is_symlink())):
                (here / one).unlink()
            if here.relative_to(self.root) not in _LASTING:
                here.rmdir()

    def write(self, path: str, text: str) -> None:
        """Write a file of the hosts."""
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def program(self, name: str, script: str) -> None:
        """Put a program before all others, or at its path."""
        path = name if name.startswith("/") else f"/stand-in/bin/{name}"
        self.write(path, script)
        (self.root / path.lstrip("/")).chmod(0o755)


def _lines(state: State, name: str) -> list[str]:
    told = state.get(name) or {}
    if isinstance(told, Mapping):
        words = {"on": "running enabled", "off": "stopped disabled"}
        return [f"{key} {words.get(str(v), v)}" for key, v in told.items() if v is not None]
    return list(told)


def _script(name: str, rules: Any) -> str:  # as a test wrote it
    """Return a program that answers by its arguments, and fails at what it was not told."""
    if isinstance(rules, str):
        rules = [{"out": rules}]
    lines = ["#!/bin/bash", 'case "$(/real/bin/hostname -s) $*" in']
    for rule in [rules] if isinstance(rules, Mapping) else rules:
        args = "".join(c if c == "*" else f"\\{c}" for c in str(rule.get("args", "*")))
        out, err = (str(rule.get(key, "")) for key in ("out", "err"))
        out += "\n" if out and not out.endswith("\n") and name != "curl" else ""
        said = f"printf %s {shlex.quote(out)}; printf %s {shlex.quote(err)} >&2"
        lines.append(f"{rule.get('at', '*')}\\ {args}) {said}; exit {rule.get('rc', 0)} ;;")
    lines += [f"*) echo '{name}: nothing was said of:' \"$*\" >&2; exit 64 ;;", "esac"]
    return "\n".join(lines) + "\n"


@contextmanager
def stand_in_hosts(root: Path) -> Iterator[StandInHosts]:
    """Give hosts that have nothing yet; their shells are kept."""
    for name in (*(f"real/{one}" for one in _REAL), "proc", "dev", "usr/bin", "usr/sbin"):
        (root / name).mkdir(parents=True)
    for name in ("lib", "lib64"):
        (root / name).symlink_to(f"real/{name}")
        (root / "usr" / name).symlink_to(f"../real/{name}")
    for name in ("bin", "sbin"):
        (root / name).symlink_to(f"usr/{name}")
    for name in _TOOLS.split():
        if found := shutil.which(name, path="/usr/bin:/bin"):
            target = os.path.realpath(found).replace("/usr/", "/real/", 1)
            (root / "usr/bin" / name).symlink_to(target)
    for name, text in _PROGRAMS.items():
        place = root / "programs" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
        place.chmod(0o755)
    live = {
        name: HostConnection(NamespacedConnection(name, root, _ENTER), {}) for name in ADDRESSES
    }
    with closing_all(live):
        for one in live.values():
            one.pipe()  # before a test puts other programs in their way
        yield StandInHosts(root, live)


def lacking(root: Path) -> str:
    """Return why this machine cannot have such hosts, or an empty text."""
    if not shutil.which("unshare"):
        return "needs unshare (util-linux)"
    for name in (*(f"real/{one}" for one in _REAL), "proc", "dev"):
        (root / name).mkdir(parents=True)
    argv = ["unshare", "--map-root-user", "--mount", "--uts", "mount", "--rbind", "/usr/bin"]
    tried = subprocess.run([*argv, root / "real/bin"], capture_output=True, check=False)
    return f"needs namespaces: {tried.stderr.decode().strip()}" if tried.returncode else ""
