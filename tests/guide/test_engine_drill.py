"""The drill with the engine VM ends well where `hosted-engine` answers as its source does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from runbook.model import Command, Runbook

DRILL = "engine/hosted/restart-the-engine-vm-on-purpose"

# ovirt-hosted-engine-setup 2.7.2 and -ha 2.5.2: the host on which the engine VM does not run says
# `down` at all times; a shutdown is only begun; a start is refused while the engine VM is there.
# The engine VM needs three looks of libvirt to shut down. $STATE holds its state and a record.
HOSTED_ENGINE = """#!/bin/bash
cd "$STATE"
echo "$*" >>record
read -r vm <vm
case "$*" in
"--set-maintenance --mode=global") echo true >global ;;
"--set-maintenance --mode=none") echo false >global ;;
"--vm-status --json")
    echo '{"1": {"engine-status": {"vm": "'"$vm"'"}}, "2": {"engine-status": {"vm": "down"}},' \\
        '"global_maintenance": '"$(cat global)"'}' ;;
--vm-shutdown) [ "$vm" = up ] && echo 3 >vm ;;
--vm-start)
    if [ "$vm" != down ]; then echo "VM exists and its status is Up"; exit 1; fi
    echo up >vm
    echo "VM in WaitForLaunch" ;;
--check-liveliness) echo "Hosted Engine is up!" ;;
esac
"""
VIRSH = """#!/bin/bash
cd "$STATE"
read -r vm <vm
case "$vm" in
[1-3]) echo "$((vm - 1))" | sed 's/^0$/down/' >vm ;;
esac
case "$*" in
"-r domstate HostedEngine")
    if [ "$vm" != up ]; then echo "error: failed to get domain 'HostedEngine'" >&2; exit 1; fi
    echo running ;;
"-r list --name") [ "$vm" = down ] || echo HostedEngine ;;
esac
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A host on which the engine VM runs."""
    programs = {"hosted-engine": HOSTED_ENGINE, "virsh": VIRSH, "sleep": "#!/bin/sh\n"}
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "vm").write_text("up\n")
    (tmp_path / "global").write_text("false\n")
    return tmp_path


def drill(guide: Runbook, state: Path) -> subprocess.CompletedProcess[str]:
    """Type the commands of the drill until one of them fails."""
    (step,) = (one for one in guide.steps() if one.id == DRILL)
    typed = "\n".join(action.text for action in step.actions if isinstance(action, Command))
    typed = typed.replace("/root/", f"{state}/")
    environment = {**os.environ, "STATE": str(state), "PATH": f"{state}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", typed],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )


def test_the_engine_vm_is_started_only_when_it_is_off(ovirt_guide: Runbook, state: Path) -> None:
    """A start while it shuts down would be refused, and other hosts always say that it is down."""
    done = drill(ovirt_guide, state)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = [line for line in (state / "record").read_text().splitlines() if "status" not in line]
    assert asked == [
        "--set-maintenance --mode=global",
        "--vm-shutdown",
        "--vm-start",
        "--check-liveliness",
        "--set-maintenance --mode=none",
    ]
    assert (state / "engine-restart-drill").exists()


def test_the_drill_ends_before_it_stops_anything_where_the_engine_vm_is_elsewhere(
    ovirt_guide: Runbook, state: Path
) -> None:
    """Its shutdown and its start would be those of this host."""
    (state / "vm").write_text("down\n")
    assert drill(ovirt_guide, state).returncode != 0
    assert not (state / "record").exists(), "not even the maintenance was changed"
