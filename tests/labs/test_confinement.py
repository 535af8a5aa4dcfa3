"""Where containers cannot run: what is missing is named before anything is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runbook.labs.container.confinement import (
    CAPABILITIES,
    missing_privileges,
    missing_users,
    read_only_groups,
    storage_directory,
    unfit_storage,
)
from tests.support.guides import making
from tests.support.paths import ROOT

PLAIN = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
INSIDE = (
    "22 1 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/l\n"
    "30 22 0:51 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup2 ro\n"
)
VOLUME = "31 22 254:0 /volumes/a /var/lib/containers rw - ext4 /dev/vda rw\n"
STORAGE = "/var/lib/containers/storage"


def test_a_process_of_root_on_a_machine_lacks_nothing() -> None:
    """Its capabilities are complete."""
    assert not [*missing_privileges("Name:\tx\nCapEff:\t000001fffeffffff\n")]


def test_the_capabilities_that_are_missing_are_named() -> None:
    """Those that an engine gives a container by default are not enough."""
    (said,) = missing_privileges("CapEff:\t00000000a80425fb\n")
    assert "CAP_SYS_ADMIN" in said
    assert "CAP_NET_ADMIN" in said
    assert "CAP_SYS_CHROOT" not in said


def test_a_user_namespace_must_have_users_enough() -> None:
    """All of a machine's, or those that are set up for rootless containers."""
    assert not [*missing_users("         0          0 4294967295\n")]
    assert not [*missing_users("0 1000 1\n1 100000 65536\n")]
    (said,) = missing_users("         0       1000          1\n")
    assert "has 1 of the 65536 users" in said


def test_control_groups_must_be_writable() -> None:
    """In both of their versions; a mount that is not for systemd does not matter."""
    assert [*read_only_groups(INSIDE)] == [
        "control groups cannot be made: /sys/fs/cgroup is read-only"
    ]
    assert not [*read_only_groups(INSIDE.replace("ro,nosuid", "rw,nosuid"))]
    first = "40 22 0:60 / /sys/fs/cgroup/systemd ro,nosuid - cgroup cgroup rw,name=systemd\n"
    assert [*read_only_groups(PLAIN + first)]
    assert not [*read_only_groups(PLAIN + first.replace("systemd ro", "memory ro"))]


def test_images_do_not_go_on_an_overlay() -> None:
    """Unless a volume is mounted where they are kept."""
    assert [*unfit_storage(INSIDE, STORAGE)] == [
        f"images cannot be kept in {STORAGE}, which is on an overlay itself"
    ]
    assert not [*unfit_storage(INSIDE + VOLUME, STORAGE)]
    assert [*unfit_storage(INSIDE + VOLUME, "/var/lib/containers-elsewhere")]
    assert not [*unfit_storage(PLAIN, STORAGE)]
    assert not [*unfit_storage(INSIDE, "")]


@pytest.mark.skipif(not shutil.which("podman"), reason="needs podman")
def test_the_settings_of_the_storage_are_heeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another directory, another driver, or a program that mounts overlays itself."""
    monkeypatch.delenv("STORAGE_DRIVER", raising=False)
    path = tmp_path / "storage.conf"
    assert storage_directory([path]) == STORAGE
    path.write_text("[storage]\ndriver = 'overlay'\ngraphroot = '/srv/images'\n")
    assert storage_directory([path]) == "/srv/images"
    path.write_text("[storage]\ndriver = 'vfs'\n")
    assert storage_directory([path]) == ""
    path.write_text("[storage.options.overlay]\nmount_program = '/usr/bin/fuse-overlayfs'\n")
    assert storage_directory([path]) == ""
    monkeypatch.setenv("STORAGE_DRIVER", "vfs")
    assert storage_directory([tmp_path / "none"]) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("command", [("lab", "up"), ("run",), ("lab", "doctor", "--lab=container")])
def test_a_process_without_privileges_is_told_what_helps(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """At once, with what to type; the capabilities of this process are really gone."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (tmp_path / "index.rst").write_text(f"Sample\n======\n\n{making('a')}\n")
    (tmp_path / "lab/cluster.yaml").write_text(
        "name: confined\nnetwork: 10.9.8.0/24\nplatform: debian12\n"
        "hosts: {box: {address: 10.9.8.11}}\ncontainer: {image: {packages: []}}\n"
    )
    dropped = ",".join(f"-{name.removeprefix('CAP_').lower()}" for name in CAPABILITIES)
    done = subprocess.run(
        ["setpriv", f"--bounding-set={dropped}", sys.executable, "-m", "runbook", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 3, said
    assert f"it lacks {', '.join(CAPABILITIES)}" in said
    assert "no namespaces can be made" in said
    assert "run --privileged --volume /var/lib/containers" in said
    assert "runbook run --lab local" in said
    assert "building" not in said
