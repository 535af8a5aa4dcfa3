"""Checks of the chapters on settings, passwords, backups and maintenance tell good from bad.

The programs are stand-ins that answer as their sources do: `engine-config` as ovirt-engine 4.5.7,
`hosted-engine` as ovirt-hosted-engine-setup 2.7.2, `sasldblistusers2` as cyrus-sasl 2.1.27.
Archives are made and read by the real tar.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.engine_world import World

from .test_integration_checks import ask

CONFIG = "administration/engine-config"
LIBVIRT_USER = "administration/passwords/libvirt-user-ovirt"
BACKUPS = ("administration/database/back-the-engine-up",
           "administration/database/back-the-3-4-engine-up")  # fmt: skip
MAINTENANCE = "operations/hosted-engine/set-global-maintenance"
END = "operations/hosted-engine/end-global-maintenance"
STOPPED = "operations/hosted-engine/stop-the-engine-vm-and-all-agents"
STARTED = "operations/hosted-engine/start-the-agents-and-the-engine-vm"

# With --cver it prints the value alone, otherwise every version of the key; a key or version that
# it does not know is an error.
_ENGINE_CONFIG = """#!/bin/sh
options=$(dirname "$0")/../options
[ -s "$options" ] || { echo "Connection to the Database failed." >&2; exit 1; }
version=
for word; do case $word in --cver=*) version=${word#--cver=} ;; esac; done
awk -F'|' -v all="$([ "$1" = -a ] && echo yes)" -v key="$2" -v version="$version" '
  all || $1 == key && (version == "" || version == $2) {
    found = 1
    if (version != "") print $3; else print $1 ": " $3 " version: " $2
  }
  END {
    if (!found) { print "Error fetching " key " value: no such entry." > "/dev/stderr"; exit 1 }
  }
' "$options"
"""
GOOD = {
    ("UserSessionTimeOutInterval", "general"): "10",
    ("UserDefinedVMProperties", "4.7"): "",
    ("UserDefinedVMProperties", "4.8"): "owner=^[a-z]+$",
    ("UserDefinedVMProperties", "3.4"): "owner=^[a-z]+$",
    ("CustomDeviceProperties", "4.8"): "",
}


def options(world: World, values: dict[tuple[str, str], str]) -> None:
    """Let the engine's database have these values by option and version."""
    lines = [f"{key}|{version}|{value}\n" for (key, version), value in values.items()]
    world.write("options", "".join(lines))
    world.install("engine-config", _ENGINE_CONFIG)


@pytest.mark.parametrize(
    ("step", "bad"),
    [
        ("list-the-options-and-show-one", {("UserSessionTimeOutInterval", "general"): None}),
        ("set-an-option-with-one-value", {("UserSessionTimeOutInterval", "general"): "30"}),
        ("set-an-option-with-one-value", {("UserSessionTimeOutInterval", "general"): "100"}),
        ("set-an-option-with-one-value", {("UserSessionTimeOutInterval", "general"): ""}),
        ("add-to-an-option-that-holds-a-list", {("UserDefinedVMProperties", "4.8"): ""}),
        ("add-to-an-option-that-holds-a-list", {("UserDefinedVMProperties", "4.8"): "owner=^.*$"}),
        (
            "add-to-an-option-that-holds-a-list",
            {
                ("UserDefinedVMProperties", "4.8"): None,
                ("UserDefinedVMProperties", "4.7"): "owner=^[a-z]+$",
            },
        ),
        ("add-to-an-option-that-holds-a-list-in-3-4", {("UserDefinedVMProperties", "3.4"): ""}),
        ("add-to-an-option-that-holds-a-list-in-3-4", {("UserDefinedVMProperties", "3.4"): None}),
    ],
)
def test_an_option_that_was_not_set_is_red(
    world: World, step: str, bad: dict[tuple[str, str], str | None]
) -> None:
    """Not set, set to something else, for another level, or unknown to the engine."""
    options(world, GOOD)
    result = ask(world, f"{CONFIG}/{step}")
    assert result.held, result.detail
    changed = {**GOOD, **bad}
    options(world, {key: value for key, value in changed.items() if value is not None})
    assert not ask(world, f"{CONFIG}/{step}").held
    options(world, {})
    assert not ask(world, f"{CONFIG}/{step}").held


def test_saved_values_are_whole_and_roots_alone(world: World) -> None:
    """An empty file, an error in place of the values, or a file for everybody is no backup."""
    step = f"{CONFIG}/save-the-present-values"
    path = world.directory / "root/engine-config.before"
    world.write("root/engine-config.before", "UserSessionTimeOutInterval: 30 version: general\n")
    path.chmod(0o600)
    result = ask(world, step)
    assert result.held, result.detail
    path.chmod(0o644)
    assert not ask(world, step).held
    path.chmod(0o600)
    for text in ("", "Connection to the Database failed.\n"):
        path.write_text(text)
        assert not ask(world, step).held
    path.unlink()
    assert not ask(world, step).held


@pytest.mark.parametrize(
    "listed",
    [
        "vdsm@ovirt: userPassword\n",
        "",
        "operator@gs2.example.com: userPassword\nvdsm@ovirt: userPassword\n",
        "operator@ovirt: cmusaslsecretOTP\n",
    ],
)
def test_a_libvirt_user_that_is_not_there_is_red(world: World, listed: str) -> None:
    """Or that has another realm than libvirt asks for, or no password."""
    place = world.directory / "users"
    world.install("sasldblistusers2", f'#!/bin/sh\n[ "$1" = -f ] && cat {place}\n')
    world.write("users", "operator@ovirt: userPassword\nvdsm@ovirt: userPassword\n")
    result = ask(world, LIBVIRT_USER, host="gs2")
    assert result.held, result.detail
    world.write("users", listed)
    assert not ask(world, LIBVIRT_USER, host="gs2").held


def archive(world: World, *members: str) -> Path:
    """Let the engine's backup have these members."""
    content = world.directory / "content"
    for name in members:
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text("of the engine\n" * 2000)
    place = world.directory / "root/before-repair/engine.tar.gz"
    place.parent.mkdir(exist_ok=True)
    subprocess.run(["tar", "-C", content, "-czf", place, "."], check=True)
    return place


@pytest.mark.parametrize("step", BACKUPS)
def test_a_backup_that_could_not_be_restored_is_red(world: World, step: str) -> None:
    """Cut off, empty, without the database, or not there at all."""
    place = archive(world, "db/engine_backup.db", "files", "version")
    result = ask(world, step)
    assert result.held, result.detail
    whole = place.read_bytes()
    for broken in (whole[:40], b"", b"<html>no space left</html>"):
        place.write_bytes(broken)
        assert not ask(world, step).held
    (world.directory / "content/db/engine_backup.db").unlink()
    archive(world, "files")
    assert not ask(world, step).held
    place.unlink()
    assert not ask(world, step).held


_HOSTED_ENGINE = """#!/bin/sh
[ "$1 $2" = "--vm-status --json" ] || exit 2
cat "$(dirname "$0")/../status"
exit "$(cat "$(dirname "$0")/../rc")"
"""


def status(
    world: World, *, paused: bool, health: str = "good", live: bool = True, rc: int = 0
) -> None:
    """Let the services of the hosted engine say this of gs2, and that gs3 has no engine VM."""
    one = {"hostname": "gs2.example.com", "live-data": live,
           "engine-status": {"vm": "up", "health": health, "detail": "Up"}}  # fmt: skip
    other = {"hostname": "gs3.example.com", "live-data": True,
             "engine-status": {"vm": "down", "health": "bad", "detail": "unknown"}}  # fmt: skip
    said = {"1": one, "2": other, "global_maintenance": paused}
    # Without its broker the program prints Python's form of what it has, and fails.
    world.write("status", json.dumps(said) if rc == 0 else repr(said))
    world.write("rc", str(rc))
    world.install("hosted-engine", _HOSTED_ENGINE)


def test_maintenance_that_is_not_set_is_red(world: World) -> None:
    """Or of which a host without its broker cannot tell."""
    status(world, paused=True)
    result = ask(world, MAINTENANCE, host="gs2")
    assert result.held, result.detail
    status(world, paused=False)
    assert not ask(world, MAINTENANCE, host="gs2").held
    status(world, paused=True, rc=1)
    assert not ask(world, MAINTENANCE, host="gs2").held
    (world.directory / "bin/hosted-engine").unlink()
    assert not ask(world, MAINTENANCE, host="gs2").held


def test_an_engine_that_nobody_watches_or_that_is_ill_is_red(world: World) -> None:
    """Maintenance was left on, the engine does not work, or the good news is old."""
    status(world, paused=False)
    result = ask(world, END, 1, host="gs2")
    assert result.held, result.detail
    for bad in ({"paused": True}, {"paused": False, "health": "bad"},
                {"paused": False, "live": False}, {"paused": False, "rc": 1}):  # fmt: skip
        status(world, **bad)
        assert not ask(world, END, 1, host="gs2").held, bad


def test_an_agent_or_an_engine_vm_that_still_runs_is_red(world: World) -> None:
    """The lockspace must not be made anew then; without the broker it cannot be."""
    place = world.directory / "domains"
    world.install("virsh", f'#!/bin/sh\n[ "$*" = "-r list --name" ] && cat {place}\n')
    world.write("domains", "aaa\n\n")
    world.serve("ovirt-ha-broker", "sanlock")
    result = ask(world, STOPPED, host="gs2")
    assert result.held, result.detail
    world.write("domains", "aaa\nHostedEngine\n\n")
    assert not ask(world, STOPPED, host="gs2").held
    world.write("domains", "\n")
    for services in (("ovirt-ha-agent", "ovirt-ha-broker"), ("sanlock",)):
        world.serve(*services)
        assert not ask(world, STOPPED, host="gs2").held


def test_a_host_without_its_number_in_the_lockspace_is_red(world: World) -> None:
    """Only sanlock's own service has locks, or another lockspace."""
    place = world.directory / "locks"
    world.install("sanlock", f'#!/bin/sh\n[ "$*" = "client status" ] && cat {place}\n')
    world.write("root/agents-started", "today\n")
    lockspace = "s hosted-engine:1:/var/run/vdsm/storage/a/b/c:0\n"
    world.write("locks", f"daemon 6f1b\np -1 helper\np -1 listener\n{lockspace}")
    result = ask(world, STARTED, host="gs2")
    assert result.held, result.detail
    for text in ("daemon 6f1b\np -1 helper\n", "s 4d7c:1:/dev/4d7c/ids:0\n", ""):
        world.write("locks", text)
        assert not ask(world, STARTED, host="gs2").held
    world.write("locks", lockspace)
    (world.directory / "root/agents-started").unlink()
    assert not ask(world, STARTED, host="gs2").held
