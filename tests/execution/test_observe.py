"""`runbook run --observe` and `runbook propose`, on a container that a step changes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.forked import run_module
from tests.support.guides import CONTAINER_SECTION, Guide
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

CLUSTER = """
name: observe
network: 10.83.0.0/24
platform: debian12
hosts:
  box: {address: 10.83.0.11}
  bystander: {address: 10.83.0.12}
"""

STEP = """
.. step:: Install it
   :on: box
   :unchecked: /etc/left-out/

   .. file:: /etc/systemd/system/box@.service

      [Service]
      ExecStart=/bin/true

   .. file:: /etc/systemd/system/box.socket

      [Socket]
      ListenStream=127.0.0.1:8099
      Accept=yes
      [Install]
      WantedBy=sockets.target

   .. code-block:: console

      # mkdir -p /tmp/box/DEBIAN /tmp/box/etc /etc/left-out
      # printf '%s\\n' 'Package: box' 'Version: 1' 'Architecture: all' > /tmp/box/DEBIAN/control
      # printf '%s\\n' 'Maintainer: me' 'Description: d' >> /tmp/box/DEBIAN/control
      # printf '/etc/%s\\n' box.conf > /tmp/box/DEBIAN/conffiles
      # echo shipped > /tmp/box/etc/box.conf
      # dpkg-deb --build /tmp/box /tmp/box.deb && dpkg --install /tmp/box.deb
      # rm -rf /tmp/box /tmp/box.deb; touch /etc/left-out/one
      # useradd --create-home --shell /bin/bash keeper
      # echo 'PermitIt yes' >> /etc/motd
      # systemctl daemon-reload; systemctl enable --now box.socket

   .. check:: the keeper has a home

      assert host.file("/home/keeper").is_directory

MISSING
"""


class Lab:
    """A guide of one step on two containers."""

    def __init__(self, directory: Path) -> None:
        text = CLUSTER + CONTAINER_SECTION
        self.guide = Guide(directory, cluster=text)
        self.write("")

    def write(self, checks: str) -> None:
        """Write the guide with these checks besides its own."""
        self.guide.write(STEP.replace("MISSING", checks))

    def call(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command on the guide."""
        return run_module("runbook", command, self.guide.directory, *options, timeout=300)

    def lab(self, command: str) -> None:
        """Run a command on the lab of the guide."""
        run_module("runbook", "lab", command, self.guide.directory, timeout=300)

    def observed(self) -> dict[str, Any]:
        """Return what the last run has seen of the step."""
        lines = (self.guide.directory / "build/container/journal.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        found: dict[str, Any] = [r for r in records if r["record"] == "outcome"][-1]["observed"]
        return found


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """The guide, whose containers are removed at the end."""
    made = Lab(tmp_path)
    try:
        yield made
    finally:
        made.lab("down")


def test_missing_checks_are_proposed_and_then_cover_what_the_step_changes(lab: Lab) -> None:
    """What the step installs, writes, starts and adds is seen; the proposals are right as is."""
    done = lab.call("run", "--observe")
    assert done.returncode == 0, done.stdout + done.stderr
    observed = lab.observed()
    changes = {(c["kind"], c["name"]): c for c in observed["changes"]}
    assert changes.keys() == {
        ("file", "/etc/box.conf"), ("file", "/etc/left-out"), ("file", "/etc/left-out/one"),
        ("file", "/etc/motd"), ("file", "/etc/systemd/system/box.socket"),
        ("file", "/etc/systemd/system/box@.service"), ("file", "/home/keeper"),
        ("file", "/home/keeper/.bash_logout"), ("file", "/home/keeper/.bashrc"),
        ("file", "/home/keeper/.profile"), ("package", "box"), ("unit", "box.socket"),
        ("port", "tcp://8099"), ("user", "keeper"), ("group", "keeper"),
    }  # fmt: skip
    assert changes["file", "/etc/systemd/system/box.socket"]["checks"]
    assert changes["file", "/home/keeper"]["checks"]
    assert changes["file", "/etc/box.conf"]["came_with"] == "box"
    assert changes["file", "/etc/left-out/one"]["left_out"] == "the step"
    assert changes["file", "/etc/motd"]["lines"] == ["PermitIt yes"]
    assert "firewall" in observed["not_observed"]  # there is no nft in the image
    assert "runbook propose" in done.stdout
    page = (lab.guide.directory / "build/container/report.html").read_text()
    assert "no check covers it" in page
    assert "Not observed: firewall rules" in page

    asked = lab.call("propose")
    assert asked.returncode == 1, asked.stdout + asked.stderr
    assert re.match(r"index\.rst:\d+: Install it \(index/install-it\)", asked.stdout)
    assert '   assert host.package("box").is_installed' in asked.stdout
    assert '   assert host.socket("tcp://127.0.0.1:8099").is_listening' in asked.stdout

    (lab.guide.directory / "conf.py").write_text(
        'extensions = ["runbook.sphinx"]\nrunbook_unchecked = ["/home/*/.*"]\n'
    )
    lab.write("\n".join(lab.call("propose").stdout.splitlines()[1:-1]))
    again = lab.call("run", "--observe")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "vacuous" not in again.stdout.replace("steps  proven  vacuous", "")
    assert "that no check covers" in again.stdout
    rest = lab.call("propose")
    assert rest.returncode == 0, rest.stdout + again.stdout
