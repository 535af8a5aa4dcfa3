"""Two real virtual machines: a guide is proven on them, and one is killed during a run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from runbook.labs import LabError, vagrant
from runbook.labs.vagrant.command import VagrantCommand
from runbook.labs.vagrant.domains import Domains
from runbook.labs.vagrant.lab import VagrantLab
from runbook.terminal.faults import CommandTimeout, HostLost
from runbook.terminal.pipe import Pipe
from tests.support.machines import GUIDE, MARKS
from tests.support.paths import ROOT

pytestmark = MARKS

WAITING = """
Waiting
=======

.. step:: Wait for something that does not happen
   :on: two
   :timeout: 10m

   .. code-block:: console

      # touch /root/began; until [ -e /root/go ]; do sleep 1; done
      # touch /root/done

   .. check:: it is done

      assert host.file("/root/done").exists

.. step:: Depend on that
   :on: two

   .. code-block:: console

      # touch /root/dependent

   .. check:: the file is there

      assert host.file("/root/dependent").exists
"""


def guide(lab: VagrantLab) -> Path:
    """Return the directory of the guide that the lab belongs to."""
    return lab.guide


def start(lab: VagrantLab) -> subprocess.Popen[str]:
    """Start a run of the lab's guide."""
    argv = [sys.executable, "-m", "runbook", "run", "--lab", "vagrant", str(guide(lab))]
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def set_link(lab: VagrantLab, host: str, state: str) -> None:
    """Set the network interfaces of a machine to `up` or `down`."""
    libvirt = lab.libvirt()
    assert libvirt is not None
    domain = Domains(libvirt.uri, f"{lab.id}_").by_host()[host]
    for one in ElementTree.fromstring(domain.XMLDesc()).iterfind(
        "devices/interface/target"
    ):  # libvirt's own
        device = one.get("dev", "")
        subprocess.run([*libvirt.network_prefix, "ip", "link", "set", device, state], check=True)


def wait_for(lab: VagrantLab, mark: str) -> None:
    """Wait until the step has made the file `mark`; a run may restore the machine before."""
    deadline = time.monotonic() + 300
    while not exists(lab, mark):
        assert time.monotonic() < deadline, "the step has not begun"
        time.sleep(0.5)


def let_go(lab: VagrantLab, run: subprocess.Popen[str], mark: str) -> str:
    """Make the file that the step waits for until the run ends; return what the run printed.

    The run restores the machine before it tries the step again, so a file made before is lost.
    """
    deadline = time.monotonic() + 600
    while True:
        try:
            return run.communicate(timeout=2)[0]
        except subprocess.TimeoutExpired:
            assert time.monotonic() < deadline, "the run does not end"
            succeeds(lab, f"touch {mark}")


def exists(lab: VagrantLab, path: str) -> bool:
    """Return whether the file is there; not while the machine cannot be reached."""
    return succeeds(lab, f"test -e {path}")


def succeeds(lab: VagrantLab, command: str) -> bool:
    """Return whether the command succeeds on the machine; not while it cannot be reached."""
    try:
        with Pipe.open(lab.connections()["two"].pipe("root"), host="two") as pipe:
            return pipe.run(command, timeout=30).status == 0
    except (HostLost, CommandTimeout, LabError):
        return False


def outcomes(lab: VagrantLab) -> dict[str, dict[str, Any]]:
    """Return the last outcome of each step, by its name."""
    lines = (guide(lab) / "build/vagrant/journal.jsonl").read_text().splitlines()
    found = [one for line in lines if (one := json.loads(line))["record"] == "outcome"]
    return {one["step"].rpartition("/")[2]: one for one in found}


def test_steps_that_containers_cannot_do_are_proven(machines: VagrantLab) -> None:
    """Volumes and partitions are extended; there is kernel NFS, a bridge, and a reboot."""
    shutil.copy(GUIDE / "index.rst", guide(machines))
    with start(machines) as run:
        printed = run.communicate(timeout=900)[0]
    verdicts = {name: one["verdict"] for name, one in outcomes(machines).items()}
    assert set(verdicts.values()) == {"proven"}, printed
    assert len(verdicts) == 9
    assert run.returncode == 0


def test_the_disks_of_resumed_machines_have_their_backing_files(machines: VagrantLab) -> None:
    """Data that is no longer in the page cache is read from them."""
    for host, connection in machines.connections().items():
        with Pipe.open(connection.pipe("root"), host=host) as pipe:
            text = "umount /data && mount /data && mkdir -p /data/made && ls /data && dmesg"
            done = pipe.run(text, timeout=60)
        assert done.status == 0, done.stderr
        assert done.stdout.startswith(b"lost+found\nmade\n")
        assert b"EXT4-fs error" not in done.stdout


def test_a_killed_machine_is_an_error_and_the_next_run_continues(
    machines: VagrantLab,
) -> None:
    """Steps that depend on the interrupted one are blocked; the next run starts the machine."""
    (guide(machines) / "index.rst").write_text(WAITING)
    with start(machines) as run:
        wait_for(machines, "/root/began")
        machines.stop("two")
        printed = run.communicate(timeout=120)[0]
    found = outcomes(machines)
    assert found["wait-for-something-that-does-not-happen"]["verdict"] == "error", printed
    assert "the host is gone" in found["wait-for-something-that-does-not-happen"]["reason"]
    assert "its console's last lines:" in found["wait-for-something-that-does-not-happen"]["reason"]
    assert found["depend-on-that"]["verdict"] == "blocked"
    assert run.returncode == 3
    assert [one.state for one in machines.status()] == ["running", "stopped"]
    with start(machines) as run:
        printed = let_go(machines, run, "/root/go")
    verdicts = {name: one["verdict"] for name, one in outcomes(machines).items()}
    assert set(verdicts.values()) == {"proven"}, printed
    assert run.returncode == 0


def test_a_machine_whose_network_fails_is_an_error_and_the_next_run_continues(
    machines: VagrantLab,
) -> None:
    """The connection is not closed, but the missing answers are noticed."""
    (guide(machines) / "index.rst").write_text(WAITING.replace("/root/", "/var/tmp/"))
    with start(machines) as run:
        wait_for(machines, "/var/tmp/began")
        set_link(machines, "two", "down")
        try:
            printed = run.communicate(timeout=180)[0]
        finally:
            set_link(machines, "two", "up")
    found = outcomes(machines)
    assert found["wait-for-something-that-does-not-happen"]["verdict"] == "error", printed
    assert found["depend-on-that"]["verdict"] == "blocked"
    assert run.returncode == 3
    with start(machines) as run:
        printed = let_go(machines, run, "/var/tmp/go")
    verdicts = {name: one["verdict"] for name, one in outcomes(machines).items()}
    assert set(verdicts.values()) == {"proven"}, printed


def test_a_lab_resumes_from_its_saved_state_and_leaves_no_trace(machines: VagrantLab) -> None:
    """After `down` no process and no disk is left; the next `up` does not boot from disk."""
    before = machines.instance()
    machines.down(print)
    assert machines.instance() == ""
    assert {one.state for one in machines.status()} == {"absent"}
    assert not (Path("/var/lib/sphinx-runbook") / machines.id).exists()
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert machines.id not in listed.stdout
    lines: list[str] = []
    machines.up(lines.append)
    assert any("from the saved state" in line for line in lines)
    assert not any("Vagrant creates" in line for line in lines)
    assert machines.instance() not in ("", before)
    with Pipe.open(machines.connections()["one"].pipe("root"), host="one") as pipe:
        assert pipe.run("ls /root/began /root/noted", timeout=30).status != 0
        clock = int(pipe.run("date +%s", timeout=30).stdout)
        assert abs(clock - time.time()) < 60


def test_the_labs_network_is_isolated_from_this_machine(machines: VagrantLab) -> None:
    """It has none of the lab's bridges and addresses; the guests reach the outside."""
    here = subprocess.run(["ip", "-4", "address"], capture_output=True, text=True, check=True)
    assert "192.168.121.1/" not in here.stdout
    assert "10.79.0.1/" not in here.stdout
    with Pipe.open(machines.connections()["one"].pipe("root"), host="one") as pipe:
        command = "apt-get -q update && apt-get -q install -y --print-uris tree"
        done = pipe.run(command, timeout=300)
    assert done.status == 0, done.stderr
    assert re.search(rb"tree_\S+\.deb", done.stdout)
    assert os.environ["RUNBOOK_LIBVIRT"] == "own"


def test_an_error_of_vagrant_is_reported_in_one_line(tmp_path: Path) -> None:
    """A platform without a box gives Vagrant's message, not its traceback."""
    hosts = {"one": {"address": "10.0.0.1", "platform": "plan9"}}
    described = tmp_path / "cluster.json"
    described.write_text(json.dumps({"name": "c", "network": "10.0.0.0/24", "hosts": hosts}))
    settings = {"RUNBOOK_CLUSTER": str(described)}
    command = VagrantCommand(Path(vagrant.__file__).parent, tmp_path / "home", (), settings)
    with pytest.raises(LabError, match=r"^vagrant: .*one: there is no box for platform plan9"):
        command.up()


def test_the_vagrantfile_of_this_repository_is_valid(tmp_path: Path) -> None:
    """It describes the guide's hosts to `make lab LAB=vagrant`, and to Vagrant alone."""
    own = {"VAGRANT_HOME": str(tmp_path / "home"), "VAGRANT_DOTFILE_PATH": str(tmp_path / "data")}
    argv = ["vagrant", "validate", "--machine-readable"]
    done = subprocess.run(
        argv, cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
