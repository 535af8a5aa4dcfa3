"""A matrix of virtual machines: each job has machines of its own, and they are gone afterwards."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml

from tests.fleet.test_matrix import verify
from tests.support.guides import Guide, making
from tests.support.machines import GUIDE, MARKS

pytestmark = MARKS

CLUSTER = """
name: fleet-machines
network: 10.79.3.0/24
platform: debian12
choices: {way: short}
hosts:
  box: {address: 10.79.3.11}
"""


def test_alternatives_are_verified_on_machines_of_their_own(tmp_path: Path) -> None:
    """What one has done is not there on the other."""
    # The box is that of other tests, so none is made.
    like = yaml.safe_load((GUIDE / "lab/cluster.yaml").read_text())["machine"]
    machine = {name: like[name] for name in ("memory", "packages")}
    guide = Guide(tmp_path, cluster=CLUSTER + yaml.safe_dump({"machine": machine}))
    ways = ("short", "long")
    alone = 'test -z "$(ls /srv)"'
    steps = (making(way, alone, f":needs: nothing\n:choice: way={way}") for way in ways)
    guide.write(*(step.replace("PLACE", "/srv") for step in steps))
    options = [word for way in ways for word in ("--choose", f"way={way}")]
    done = verify(guide.directory, "--lab", "vagrant", "--jobs", "1", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    results = guide.directory / "build/vagrant-matrix"
    records = map(json.loads, (results / "journal.jsonl").read_text().splitlines())
    told = sorted(r["step"] for r in records
                  if r["record"] == "outcome" and r["verdict"] == "proven")  # fmt: skip
    assert told == ["index/make-long", "index/make-short"]
    left = subprocess.run(["pgrep", "--full", "guest=fleet-machines"], capture_output=True,
                          check=False)  # fmt: skip
    assert left.returncode == 1
