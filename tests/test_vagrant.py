"""Two real virtual machines: a guide is proven on them, and one is killed in the middle."""

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

from runbook import labs
from runbook.labs import LabError
from runbook.labs.machines import Machines
from runbook.labs.provider import Provider
from runbook.labs.vagrant import VagrantLab
from runbook.pipe import Pipe
from tests.machines import GUIDE, MARKS

pytestmark = MARKS

WAITING = """
Waiting
=======

.. step:: Wait for somebody who does not come
   :on: two
   :timeout: 10m

   .. code-block:: console

      # [ -e /root/began ] || { touch /root/began; sync; touch /run/began; sleep 600; }
      # touch /root/done

   .. check:: it is done

      assert host.file("/root/done").exists

.. step:: Stand on that
   :on: two

   .. code-block:: console

      # touch /root/stood

   .. check:: it stands

      assert host.file("/root/stood").exists
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


def cut(lab: VagrantLab, host: str, state: str) -> None:
    """Take the cables from a machine, or put them back."""
    there = lab.libvirt()
    assert there is not None
    found = Machines(there.uri, f"{lab.id}_").found()[host]
    for one in ElementTree.fromstring(found.XMLDesc()).iterfind(
        "devices/interface/target"
    ):  # libvirt's own
        device = one.get("dev", "")
        subprocess.run([*there.network, "ip", "link", "set", device, state], check=True)


def outcomes(lab: VagrantLab) -> dict[str, dict[str, Any]]:
    """Return the last outcome of each step, by its name."""
    lines = (guide(lab) / "build/vagrant/journal.jsonl").read_text().splitlines()
    found = [one for line in lines if (one := json.loads(line))["record"] == "outcome"]
    return {one["step"].rpartition("/")[2]: one for one in found}


def test_what_a_container_cannot_do_is_proven_on_machines(machines: VagrantLab) -> None:
    """Volumes and partitions that grow, the kernel's NFS, a bridge, and a start in between."""
    shutil.copy(GUIDE / "index.rst", guide(machines))
    with start(machines) as run:
        printed = run.communicate(timeout=900)[0]
    verdicts = {name: one["verdict"] for name, one in outcomes(machines).items()}
    assert set(verdicts.values()) == {"proven"}, printed
    assert len(verdicts) == 9
    assert run.returncode == 0


def test_the_disks_of_kept_machines_stand_on_what_was_written_before(machines: VagrantLab) -> None:
    """Also what no memory holds any more is there: libvirt has looked below each disk."""
    for host, way in machines.connections().items():
        with Pipe.open(way.pipe("root"), host=host) as pipe:
            text = "umount /data && mount /data && mkdir -p /data/made && ls /data && dmesg"
            done = pipe.run(text, timeout=60)
        assert done.status == 0, done.stderr
        assert done.stdout.startswith(b"lost+found\nmade\n")
        assert b"EXT4-fs error" not in done.stdout


def test_a_machine_that_dies_is_an_error_and_the_next_run_goes_on(machines: VagrantLab) -> None:
    """What it was doing is not known, what stands on it is blocked; it is started again."""
    (guide(machines) / "index.rst").write_text(WAITING)
    with start(machines) as run:
        with Pipe.open(machines.connections()["two"].pipe("root"), host="two") as pipe:
            deadline = time.monotonic() + 120
            while pipe.run("test -e /run/began", timeout=30).status != 0:
                assert time.monotonic() < deadline, "the step has not begun"
                time.sleep(0.5)
        machines.stop("two")
        printed = run.communicate(timeout=120)[0]
    found = outcomes(machines)
    assert found["wait-for-somebody-who-does-not-come"]["verdict"] == "error", printed
    assert "the host is gone" in found["wait-for-somebody-who-does-not-come"]["reason"]
    assert "its console's last lines:" in found["wait-for-somebody-who-does-not-come"]["reason"]
    assert found["stand-on-that"]["verdict"] == "blocked"
    assert run.returncode == 3
    assert [one.state for one in machines.status()] == ["running", "stopped"]
    with start(machines) as run:
        printed = run.communicate(timeout=600)[0]
    verdicts = {name: one["verdict"] for name, one in outcomes(machines).items()}
    assert set(verdicts.values()) == {"proven"}, printed
    assert run.returncode == 0


def test_a_machine_whose_network_is_cut_is_an_error_and_the_next_run_goes_on(
    machines: VagrantLab,
) -> None:
    """Nothing closes its connection; that it does not answer any more is noticed all the same."""
    (guide(machines) / "index.rst").write_text(WAITING.replace("/root/", "/var/tmp/"))
    with start(machines) as run:
        with Pipe.open(machines.connections()["two"].pipe("root"), host="two") as pipe:
            deadline = time.monotonic() + 120
            while pipe.run("test -e /var/tmp/began", timeout=30).status != 0:
                assert time.monotonic() < deadline, "the step has not begun"
                time.sleep(0.5)
        cut(machines, "two", "down")
        try:
            printed = run.communicate(timeout=180)[0]
        finally:
            cut(machines, "two", "up")
    found = outcomes(machines)
    assert found["wait-for-somebody-who-does-not-come"]["verdict"] == "error", printed
    assert found["stand-on-that"]["verdict"] == "blocked"
    assert run.returncode == 3
    with start(machines) as run:
        printed = run.communicate(timeout=600)[0]
    verdicts = {name: one["verdict"] for name, one in outcomes(machines).items()}
    assert set(verdicts.values()) == {"proven"}, printed


def test_a_lab_goes_on_from_its_first_start_and_leaves_no_trace(machines: VagrantLab) -> None:
    """After `down` no process and no disk is left; the next `up` starts nothing from its disk."""
    before = machines.instance()
    machines.down(print)
    assert machines.instance() == ""
    assert {one.state for one in machines.status()} == {"absent"}
    assert not (Path("/var/lib/sphinx-runbook") / machines.id).exists()
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert machines.id not in listed.stdout
    said: list[str] = []
    machines.up(said.append)
    assert any("go on from where" in line for line in said)
    assert not any("Vagrant makes them" in line for line in said)
    assert machines.instance() not in ("", before)
    with Pipe.open(machines.connections()["one"].pipe("root"), host="one") as pipe:
        assert pipe.run("ls /root/began /root/noted", timeout=30).status != 0
        clock = int(pipe.run("date +%s", timeout=30).stdout)
        assert abs(clock - time.time()) < 60


def test_the_machines_network_is_not_the_machines(machines: VagrantLab) -> None:
    """The test has neither the lab's bridges nor its addresses; the guests reach outside."""
    here = subprocess.run(["ip", "-4", "address"], capture_output=True, text=True, check=True)
    assert "192.168.121.1/" not in here.stdout
    assert "10.79.0.1/" not in here.stdout
    with Pipe.open(machines.connections()["one"].pipe("root"), host="one") as pipe:
        command = "apt-get -q update && apt-get -q install -y --print-uris tree"
        done = pipe.run(command, timeout=300)
    assert done.status == 0, done.stderr
    assert re.search(rb"tree_\S+\.deb", done.stdout)
    assert os.environ["RUNBOOK_LIBVIRT"] == "own"


def test_what_vagrant_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    """A host of a platform that has no box: one line says so, and nothing is a traceback."""
    hosts = {"one": {"address": "10.0.0.1", "platform": "plan9"}}
    described = tmp_path / "cluster.json"
    described.write_text(json.dumps({"name": "c", "network": "10.0.0.0/24", "hosts": hosts}))
    settings = {"RUNBOOK_CLUSTER": str(described)}
    provider = Provider(Path(labs.__file__).parent, tmp_path / "home", (), settings)
    with pytest.raises(LabError, match=r"^vagrant: .*one: there is no box for platform plan9"):
        provider.up()
