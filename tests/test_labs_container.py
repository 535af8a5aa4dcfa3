"""Labs of containers on this machine: up, again, side by side, after a crash, and away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import cluster
from runbook.labs.container import ContainerLab
from runbook.labs.engine import programs
from runbook.labs.state import STATE
from tests.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

PACKAGES = cluster.load(Path(__file__).parents[1] / "lab" / "cluster.yaml").recipe["container"]

CLUSTER = """
name: try
network: 10.77.0.0/24
platform: debian12
hosts:
  one: {address: 10.77.0.11}
  two: {address: 10.77.0.12}
"""


def describe(directory: Path, text: str = CLUSTER) -> ContainerLab:
    """Return the lab of a guide in `directory`, made of the same image as the project's own."""
    import yaml

    directory.mkdir(exist_ok=True)
    path = directory / "cluster.yaml"
    path.write_text(text + yaml.safe_dump({"container": PACKAGES}))
    return ContainerLab(cluster.load(path), directory)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ContainerLab]:
    """A lab of two hosts that is not up yet, and is removed after the test."""
    lab = describe(tmp_path / "guide")
    yield lab
    lab.down(print)


def on(lab: ContainerLab, host: str, command: str) -> str:
    """Return what a shell command prints on a host; it must succeed."""
    engine = next(programs())
    return engine.call("exec", lab.container(host), "sh", "-c", command).strip()


def traces(lab: ContainerLab) -> str:
    """Return everything on this machine that carries the lab's identity."""
    engine = next(programs())
    found = engine.call("ps", "--all", "--format={{.Names}}")
    found += engine.call("volume", "ls", "--format={{.Name}}")
    found += "".join(f"{path.name}\n" for path in STATE.glob("*"))
    return "".join(f"{line}\n" for line in found.splitlines() if lab.id in line)


def test_a_lab_comes_up_stays_up_and_leaves_no_trace(lab: ContainerLab) -> None:
    """Hosts run systemd at their addresses, see each other, and are gone after `down`."""
    assert lab.instance() == ""
    assert {one.state for one in lab.status()} == {"absent"}
    lab.up(print)
    assert {one.state for one in lab.status()} == {"running"}
    assert on(lab, "one", "systemctl is-system-running") == "running"
    assert on(lab, "one", "hostname") == "one"
    assert "10.77.0.11/24" in on(lab, "one", "ip -4 address show eth0")
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")
    instance = lab.instance()
    said: list[str] = []
    lab.up(said.append)
    assert (lab.instance(), said) == (instance, [])
    lab.down(print)
    assert traces(lab) == ""
    assert lab.instance() == ""
    lab.down(print)


def test_a_host_is_like_a_machine_that_belongs_to_the_operator(lab: ContainerLab) -> None:
    """Names can be changed as on a machine, FUSE is there, and bricks take trusted attributes."""
    lab.up(print)
    on(lab, "one", "hostnamectl set-hostname one.example.com")
    on(lab, "one", "echo 10.77.0.12 two >/etc/new && mv /etc/new /etc/hosts && ping -c 1 two")
    on(lab, "one", "test -c /dev/fuse && grep -q fuse /proc/filesystems")
    on(lab, "one", "grep -q ' /bricks ' /proc/mounts && touch /bricks/file")
    volume = next(programs()).call(
        "volume", "inspect", "--format={{.Mountpoint}}", lab.container("one")
    )
    os.setxattr(Path(volume.strip(), "file"), "trusted.gfid", b"x")


def test_the_package_registry_is_reached_from_a_host(lab: ContainerLab) -> None:
    """A step can install packages: names resolve and the way out is there."""
    lab.up(print)
    on(lab, "two", "apt-get update && apt-get install --download-only -y tree")


def test_stopped_hosts_are_started_and_keep_what_they_hold(lab: ContainerLab) -> None:
    """A host that was stopped comes back with its files, its name and its network."""
    lab.up(print)
    instance = lab.instance()
    on(lab, "one", "hostnamectl set-hostname one.example.com; touch /root/kept /bricks/kept")
    next(programs()).call("kill", lab.container("one"))
    assert [one.state for one in lab.status()] == ["stopped", "running"]
    lab.up(print)
    assert lab.instance() == instance
    assert on(lab, "one", "hostname; ls /root/kept /bricks/kept").split()[0] == "one.example.com"
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")


def test_a_lost_network_is_made_again(lab: ContainerLab) -> None:
    """Without its router the lab is repaired by `up`, and the hosts stay."""
    lab.up(print)
    instance = lab.instance()
    next(programs()).remove(lab.container(""))
    lab.up(print)
    assert lab.instance() == instance
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")


def test_a_changed_recipe_makes_the_host_anew_and_says_so(
    lab: ContainerLab, tmp_path: Path
) -> None:
    """Only the host whose description changed is replaced; one that is gone is removed."""
    lab.up(print)
    moved = describe(tmp_path / "guide", CLUSTER.replace("10.77.0.12", "10.77.0.22"))
    said: list[str] = []
    moved.up(said.append)
    assert said[0] == "two: made anew, because what it is made of has changed"
    assert not any(line.startswith("one:") for line in said)
    on(moved, "one", "ping -c 1 -W 5 10.77.0.22")
    alone = describe(tmp_path / "guide", CLUSTER.replace("  two: {address: 10.77.0.12}\n", ""))
    alone.up(said.append)
    assert said[-1] == "two: removed, the cluster has no such host"
    assert lab.container("two") not in traces(lab)


def test_two_labs_with_the_same_addresses_do_not_meet(lab: ContainerLab, tmp_path: Path) -> None:
    """Each lab has its own network, and taking one down leaves the other alone."""
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
from runbook import cluster
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
    """Wherever a killed `up` stopped, the next `up` completes it and `down` removes it."""
    for _ in range(2):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(lab.directory), str(after)],
            check=False,
            capture_output=True,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        lab.down(print)
        assert traces(lab) == ""
    subprocess.run(
        [sys.executable, "-c", KILLED, str(lab.directory), str(after)],
        check=False,
        capture_output=True,
    )
    lab.up(print)
    assert {one.state for one in lab.status()} == {"running"}
    on(lab, "one", "ping -c 1 -W 5 10.77.0.12")


def test_two_ups_of_the_same_lab_wait_for_each_other(lab: ContainerLab) -> None:
    """Started at the same time, one makes the hosts and the other finds them."""
    script = KILLED.replace("\nkill()\n", "\nos._exit(0)\n")
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(lab.directory), "60"]) for _ in range(2)
    ]
    assert [one.wait() for one in both] == [0, 0]
    assert {one.state for one in lab.status()} == {"running"}


@pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="needs mmdebstrap")
def test_the_image_holds_nothing_of_this_machine(lab: ContainerLab) -> None:
    """Each host has an identity of its own, and no package that a step of a guide installs."""
    lab.up(print)
    assert on(lab, "one", "cat /etc/machine-id") != on(lab, "two", "cat /etc/machine-id")
    assert on(lab, "one", "dpkg -l | grep -cE 'glusterfs|squid|ganesha|chrony' || true") == "0"
