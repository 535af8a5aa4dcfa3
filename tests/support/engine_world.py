"""Machines with an engine, for tests of the guide's checks: good, until a test spoils them.

Every host is the present machine with other files, another name and other services. They share
the files, so that a test spoils them all; the name is each one's own. The engine is the stand-in
of `engine_server.py`, over real TLS.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from runbook.execution.checks import shared_checks
from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostConnection, HostMap, closing_all
from runbook.model import Check, Runbook, Step
from runbook.results import CheckResult
from runbook.terminal.bash import PIPE
from tests.support.engine_api import PASSWORD, Engine
from tests.support.engine_server import answering, encoded, make_authority
from tests.support.namespaced import NamespacedConnection
from tests.support.paths import ROOT

ADDRESS = "127.0.0.1"
HOSTS = ("engine", "gs1", "gs2", "gs3", "gs4")
NAMES = tuple(f"{host}.example.com" for host in HOSTS)
FOREIGN = ("foreman.example.com", "openstack.example.com")
SERVICES = ("ovirt-engine", "ovirt-engine-dwhd", "ovirt-websocket-proxy", "httpd", "postgresql")
SET_UP = "OVESETUP_CORE/x=str:y\nOVESETUP_ENGINE_CORE/enable=bool:True\n"

# Other files over those of this machine, for this shell and what it starts only.
_OTHER_MACHINE = """
set -e
mount -t overlay -o "lowerdir=$0/etc:/etc" overlay /etc
mount --bind "$0/run" /run
mount --bind "$0/root" /root
hostname "$1.example.com"
shift
export HOME=/root PATH="$0/bin:$PATH"
cd /
exec "$@"
"""
_SYSTEMCTL = """#!/bin/sh
# As systemctl of systemd 252 answers, which refuses other verbs.
for name; do :; done
grep -qx "${name%.service}" "$(dirname "$0")/../services"
found=$?
case $1$found in
is-active0) echo active ;;
is-active1) echo inactive; exit 3 ;;
is-enabled0) echo enabled ;;
is-enabled1) echo disabled; exit 1 ;;
*) echo "Unknown command verb $1." >&2; exit 1 ;;
esac
"""


@define
class World:
    """A host with an engine on it; a test spoils it, and asks a check of the guide."""

    guide: Runbook
    shared: shared_checks.SharedChecks
    directory: Path
    live: dict[str, HostConnection]
    engine: Engine
    authority: Path
    other_authority: Path
    stack: ExitStack
    patch: pytest.MonkeyPatch

    def start(self, authority: Path | None = None) -> None:
        """Let the engine answer, with the certificate of another authority if one is given."""
        url = self.stack.enter_context(
            answering(self.engine, authority or self.authority, ADDRESS, 0)
        )
        self.patch.setenv("RUNBOOK_ENGINE_URL", url)
        port = url.rpartition(":")[2].partition("/")[0]
        lines = [f'connect-to = "{name}:443:{ADDRESS}:{port}"\n' for name in NAMES]
        (self.directory / "root/.curlrc").write_text("".join(lines))

    def write(self, path: str, text: str) -> None:
        """Write a file of the other machine, as it is before a check connects to it."""
        place = self.directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def serve(self, *services: str) -> None:
        """Let these services run, and no other."""
        self.write("services", "".join(f"{name}\n" for name in services))

    def install(self, name: str, script: str) -> None:
        """Put a stand-in for a program before all others."""
        self.write(f"bin/{name}", script)
        (self.directory / "bin" / name).chmod(0o755)

    def step(self, step: str) -> Step:
        """Return a step of the guide for Enterprise Linux 9."""
        (found,) = (one for one in self.guide.steps() if one.id == step)
        assert "el9" in found.platforms
        return found

    def checks(self, step: str) -> tuple[Check, ...]:
        """Return the checks of a step of the guide."""
        return self.step(step).checks

    def ask(self, step: str, number: int = 0) -> CheckResult:
        """Evaluate a check of a step on the first of its hosts, as a run does it."""
        first = next((name for name in self.step(step).on if name in self.live), "gs1")
        return evaluate(self.checks(step)[number], HostMap(self.live), first, self.shared)

    def functions(self) -> dict[str, Any]:
        """Return what the guide's checks share, for the engine's own host."""
        hosts = HostMap(self.live)
        return self.shared.names({"host": hosts["engine"], "hosts": hosts, "pytest": pytest})


def lacking(directory: Path) -> str:
    """Return why this machine cannot have other files for one shell, or an empty text."""
    if not shutil.which("unshare"):
        return "needs unshare (util-linux)"
    for name in ("etc", "run", "root", "bin"):
        (directory / name).mkdir()
    argv = NamespacedConnection("engine", directory, _OTHER_MACHINE).pipe("root")
    tried = subprocess.run([*argv[: -len(PIPE)], "true"], capture_output=True, check=False)
    if tried.returncode:
        return f"needs namespaces with overlays: {tried.stderr.decode().strip()}"
    return ""


def make_authorities(place: Path) -> tuple[Path, Path]:
    """Make the engine's own authority, and another one."""
    return (
        make_authority(place / "own", ADDRESS, *NAMES, *FOREIGN),
        make_authority(place / "other", ADDRESS, *NAMES, *FOREIGN),
    )


@contextmanager
def good_world(
    guide: Runbook, authorities: tuple[Path, Path], directory: Path, patch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Give a good engine that does not answer yet, on a host where all is as it should be."""
    patch.setenv("RUNBOOK_SECRET_ENGINE_ADMIN", PASSWORD)
    live = {
        name: HostConnection(NamespacedConnection(name, directory, _OTHER_MACHINE), {})
        for name in HOSTS
    }
    with ExitStack() as stack:
        world = World(
            guide, shared_checks.load(ROOT), directory, live, Engine(), *authorities, stack, patch
        )
        authority = (authorities[0] / "ca.pem").read_text()
        world.write("etc/pki/ovirt-engine/ca.pem", authority)
        world.write("root/engine-ca.pem", encoded(authority))
        world.write("root/.ssh/authorized_keys", world.engine.ssh_key)
        # A line for each, or all would call themselves by the first name of the one line.
        world.write("etc/hosts", "".join(f"{ADDRESS} {n}\n" for n in (*NAMES, "localhost")))
        world.write("etc/ovirt-engine-setup.conf.d/20-setup-ovirt-post.conf", SET_UP)
        world.write("run/systemd/system/here", "")
        world.serve(*SERVICES)
        world.install("systemctl", _SYSTEMCTL)
        with closing_all(live):
            yield world
