"""Hosts leave no loop device behind: a machine has only some, for all labs together."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs.container.lab import ContainerLab
from tests.support.container_lab import container_lab
from tests.support.lab_shell import on
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

CLUSTER = """
name: loops
network: 10.72.4.0/24
platform: debian12
hosts:
  one: {address: 10.72.4.11}
  two: {address: 10.72.4.12}
container: {}
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ContainerLab]:
    """A lab of two hosts that is up."""
    with container_lab(CLUSTER, tmp_path) as made:
        yield made


def files() -> dict[str, str]:
    """The files of the loop devices of this machine that are in use, by device."""
    argv = ["losetup", "--list", "--json", "--output", "NAME,BACK-FILE"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)["loopdevices"] if done.stdout.strip() else []
    return {one["name"]: one["back-file"] for one in found}


def test_a_host_that_is_restored_or_removed_frees_its_loop_devices(
    lab: ContainerLab, tmp_path: Path
) -> None:
    """Those of other hosts, and of the machine itself, stay."""
    ours = tmp_path / "ours.img"
    subprocess.run(["truncate", "-s", "1M", str(ours)], check=True)
    argv = ["losetup", "--find", "--show", str(ours)]
    device = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    try:
        lab.take_checkpoint("before", "", print)
        making = "truncate -s 1M /srv/{0}.img; losetup --find --show /srv/{0}.img"
        made = {host: on(lab, host, making.format(host)) for host in ("one", "two")}
        assert {*made.values(), device} <= files().keys()
        lab.restore_checkpoint("before", print)
        assert set(made.values()).isdisjoint(files())
        again = on(lab, "two", making.format("again"))
        assert files()[again] == "/srv/again.img"
        lab.down(print)
        assert "/srv/again.img" not in files().values()
        assert files()[device] == str(ours)
    finally:
        subprocess.run(["losetup", "--detach", device], check=True)
