"""Hosts that are brought back without the units that start slowly, or in vain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs import SupportsPartialRestore
from runbook.labs.container.lab import ContainerLab
from tests.support.container_lab import container_lab
from tests.support.guides import CONTAINER_SECTION
from tests.support.lab_shell import on
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

CLUSTER = """
name: slow
network: 10.73.0.0/24
platform: debian12
hosts:
  one: {address: 10.73.0.11}
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ContainerLab]:
    """A lab of one host that is up."""
    with container_lab(CLUSTER + CONTAINER_SECTION, tmp_path) as made:
        yield made


def test_units_that_start_slowly_or_fail_can_be_held_back(lab: ContainerLab) -> None:
    """Their hosts boot without them, and they can be started then; nothing else is left out."""
    assert isinstance(lab, SupportsPartialRestore)
    oneshot = "Type=oneshot\nRemainAfterExit=yes\nExecStart="
    burns = "for i in $(seq 500000); do :; done; touch /run/burnt; exec sleep infinity"
    for name, does in (
        ("slow", f"{oneshot}sleep 3"),
        ("fails", f"{oneshot}false"),
        ("quick", f"{oneshot}true"),
        ("busy", f'ExecStart=sh -c "{burns.replace("$(", "$$(")}"'),
    ):
        unit = f"[Service]\n{does}\n[Install]\nWantedBy=multi-user.target\n"
        on(lab, "one", f"printf %s '{unit}' >/etc/systemd/system/{name}.service")
        on(lab, "one", f"systemctl -q enable {name}")
    lab.take_checkpoint("slow", "", print)
    lab.restore_hosts("slow", {"one": ()}, print)
    on(lab, "one", "until test -e /run/burnt; do sleep 0.1; done")
    slow = lab.slow_units("one")
    assert sorted(slow) == ["busy.service", "fails.service", "slow.service"]
    lab.restore_hosts("slow", {"one": slow}, print)
    assert "slow.service" not in lab.slow_units("one")
    assert on(lab, "one", "systemctl --failed --no-legend") == ""
    active = "systemctl is-active slow quick || :"
    assert on(lab, "one", active) == "inactive\nactive"
    on(lab, "one", "systemctl start slow")
    assert on(lab, "one", active) == "active\nactive"
    # What held it back is not on the host that is brought back without.
    lab.restore_hosts("slow", {"one": ()}, print)
    assert on(lab, "one", active) == "active\nactive"
    assert on(lab, "one", "ls /etc/systemd/system.control 2>&1 | wc -l") == "1"
