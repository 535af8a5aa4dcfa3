"""Container labs: up, up again, two at a time, after a crash, and down."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs.container.engine import available_engines
from runbook.labs.container.lab import ContainerLab
from runbook.labs.state import STATE
from runbook.model import cluster
from tests.support.guides import CONTAINER_SECTION
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]


CLUSTER = """
name: try
network: 10.77.0.0/24
platform: debian12
hosts:
  one: {address: 10.77.0.11}
  two: {address: 10.77.0.12}
"""


def describe(directory: Path, text: str = CLUSTER) -> ContainerLab:
    """Return the lab of a guide in `directory`, with the image of the project's own guide."""
    directory.mkdir(exist_ok=True)
    path = directory / "cluster.yaml"
    path.write_text(text + CONTAINER_SECTION)
    return ContainerLab(cluster.load(path), directory)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ContainerLab]:
    """A lab of two hosts that is not up yet and is removed after the test."""
    lab = describe(tmp_path / "guide")
    yield lab
    lab.down(print)


def on(lab: ContainerLab, host: str, command: str) -> str:
    """Return the output of a shell command on a host; it must succeed."""
    engine = next(available_engines())
    return engine.call("exec", lab.container_name(host), "sh", "-c", command).strip()


def traces(lab: ContainerLab) -> str:
    """Return everything on this machine that has the lab's identifier in its name."""
    engine = next(available_engines())
    found = engine.call("ps", "--all", "--format={{.Names}}")
    found += engine.call("volume", "ls", "--format={{.Name}}")
    found += "".join(f"{path.name}\n" for path in STATE.glob("*"))
    return "".join(f"{line}\n" for line in found.splitlines() if lab.id in line)


def test_a_lab_comes_up_stays_up_and_leaves_no_trace(lab: ContainerLab) -> None:
    """Hosts run systemd, reach each other at their addresses, and are gone after `down`."""
    assert lab.instance() == ""
    assert {one.state for one in lab.status()} == {"absent"}
    lab.up(print)
    assert {one.state for one in lab.status()} == {"running"}
    assert on(lab, "one", "systemctl is-system-running") == "running"
    assert on(lab, "one", "hostname") == "one"
    assert "10.77.0.11/24" in on(lab, "one", "ip -4 address show eth0")
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")
    instance = lab.instance()
    lines: list[str] = []
    lab.up(lines.append)
    assert (lab.instance(), lines) == (instance, [])
    lab.down(print)
    assert traces(lab) == ""
    assert lab.instance() == ""
    lab.down(print)


def test_a_host_can_be_administered_like_a_machine(lab: ContainerLab) -> None:
    """Its name files can be replaced, it has FUSE, and its volume takes trusted attributes."""
    lab.up(print)
    on(lab, "one", "hostnamectl set-hostname one.example.com")
    on(lab, "one", "echo 10.77.0.12 two >/etc/new && mv /etc/new /etc/hosts && ping -c 1 two")
    on(lab, "one", "test -c /dev/fuse && grep -q fuse /proc/filesystems")
    on(lab, "one", "grep -q ' /bricks ' /proc/mounts && touch /bricks/file")
    volume = next(available_engines()).call(
        "volume", "inspect", "--format={{.Mountpoint}}", lab.container_name("one")
    )
    os.setxattr(Path(volume.strip(), "file"), "trusted.gfid", b"x")


def test_a_host_reaches_the_package_archive(lab: ContainerLab) -> None:
    """A step can install packages: DNS and the uplink work."""
    lab.up(print)
    on(lab, "two", "apt-get update && apt-get install --download-only -y tree")


def test_stopped_hosts_are_started_and_keep_their_state(lab: ContainerLab) -> None:
    """A stopped host comes back with its files, its name and its network."""
    lab.up(print)
    instance = lab.instance()
    on(lab, "one", "hostnamectl set-hostname one.example.com; touch /root/kept /bricks/kept")
    next(available_engines()).call("kill", lab.container_name("one"))
    assert [one.state for one in lab.status()] == ["stopped", "running"]
    lab.up(print)
    assert lab.instance() == instance
    assert on(lab, "one", "hostname; ls /root/kept /bricks/kept").split()[0] == "one.example.com"
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")


def test_a_lost_network_is_recreated(lab: ContainerLab) -> None:
    """If the router is gone, `up` repairs the lab and leaves the hosts alone."""
    lab.up(print)
    instance = lab.instance()
    next(available_engines()).remove(lab.container_name(""))
    lab.up(print)
    assert lab.instance() == instance
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")


def test_a_host_whose_definition_changed_is_recreated(lab: ContainerLab, tmp_path: Path) -> None:
    """Other hosts are left alone; a host that is no longer in the cluster is removed."""
    lab.up(print)
    moved = describe(tmp_path / "guide", CLUSTER.replace("10.77.0.12", "10.77.0.22"))
    lines: list[str] = []
    moved.up(lines.append)
    assert lines[0] == "two: recreated, because its definition has changed"
    assert not any(line.startswith("one:") for line in lines)
    on(moved, "one", "ping -c 1 -W 5 10.77.0.22")
    alone = describe(tmp_path / "guide", CLUSTER.replace("  two: {address: 10.77.0.12}\n", ""))
    alone.up(lines.append)
    assert lines[-1] == "two: removed, because it is not in the cluster"
    assert lab.container_name("two") not in traces(lab)


def test_two_labs_can_have_the_same_addresses(lab: ContainerLab, tmp_path: Path) -> None:
    """Each lab has its own network, and removing one does not affect the other."""
    other = describe(tmp_path / "other")
    try:
        lab.up(print)
        other.up(print)
        on(lab, "two", "touch /only-here")
        on(other, "one", "ping -c 1 -W 5 10.77.0.12")
        assert on(other, "two", "ls /").find("only-here") == -1
        instance = lab.instance()
        other.down(print)
        assert lab.instance() == instance
        on(lab, "one", "ping -c 1 -W 5 10.77.0.12")
    finally:
        other.down(print)


KILLED = """
import os, signal, sys, threading
from pathlib import Path
from runbook.model import cluster
from runbook.labs.container import ContainerLab
directory = Path(sys.argv[1])
def kill():
    os.kill(os.getpid(), signal.SIGKILL)
threading.Timer(float(sys.argv[2]), kill).start()
ContainerLab(cluster.load(directory / "cluster.yaml"), directory).up(print)
kill()
"""


@pytest.mark.parametrize("after", [0.15, 0.3, 0.45, 0.6, 0.8])
def test_a_lab_whose_up_was_killed_comes_up_and_goes_down(lab: ContainerLab, after: float) -> None:
    """Wherever `up` was killed, the next `up` completes the lab and `down` removes it."""
    kill_up(lab, after)
    lab.down(print)
    assert traces(lab) == ""
    kill_up(lab, after)
    lab.up(print)
    assert {one.state for one in lab.status()} == {"running"}
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")


def kill_up(lab: ContainerLab, after: float) -> None:
    """Bring the lab up in a program that is killed `after` seconds."""
    argv = [sys.executable, "-c", KILLED, str(lab.directory), str(after)]
    killed = subprocess.run(argv, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


def test_concurrent_ups_of_a_lab_wait_for_each_other(lab: ContainerLab) -> None:
    """One creates the hosts and the other finds them running."""
    script = KILLED.replace("\nkill()\n", "\nos._exit(0)\n")
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(lab.directory), "60"]) for _ in range(2)
    ]
    assert [one.wait() for one in both] == [0, 0]
    assert {one.state for one in lab.status()} == {"running"}


@pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="needs mmdebstrap")
def test_the_image_holds_nothing_of_this_machine(lab: ContainerLab) -> None:
    """Each host has its own machine ID, and no package that a step of a guide installs."""
    lab.up(print)
    assert on(lab, "one", "cat /etc/machine-id") != on(lab, "two", "cat /etc/machine-id")
    assert on(lab, "one", "dpkg -l | grep -cE 'glusterfs|squid|ganesha|chrony' || true") == "0"
