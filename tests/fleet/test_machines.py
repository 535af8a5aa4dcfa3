"""A fleet of machines: what one has made moves to the others, and what one loses they do."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, Event, LocalCluster

from runbook.labs.container.engine import available_engines
from tests.fleet.test_matrix import LACKING, write_guide
from tests.support.fleet import ADDRESS, machine, switch
from tests.support.waiting import until

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(LACKING), reason=LACKING or "-"),
    pytest.mark.filterwarnings("default"),  # Dask's own, of its sockets and ports
]


def outcomes(path: Path) -> dict[str, dict[str, Any]]:
    """Return the outcomes in a journal by their steps; each must be told once."""
    lines = path.read_text().splitlines() if path.exists() else []
    told = [one for one in map(json.loads, lines) if one["record"] == "outcome"]
    found = {one["step"]: one for one in told}
    assert len(found) == len(told)
    return found


def test_a_guide_is_verified_by_machines(tmp_path: Path) -> None:
    """Image and checkpoint move to one that has neither; it does what one that is cut off lost."""
    guide = tmp_path / "guide"
    # Long enough that the first machine is still at it when the second one has its checkpoint.
    write_guide(guide, "sleep 30")
    journal = guide / "build/container-matrix/journal.jsonl"
    with ExitStack() as stack:
        bridge = stack.enter_context(switch())
        stack.enter_context(dask.config.set({"distributed.scheduler.worker-ttl": "20s"}))
        scheduler = stack.enter_context(
            LocalCluster(n_workers=0, host=ADDRESS, dashboard_address=None, silence_logs=50)
        )
        address = scheduler.scheduler_address
        client = stack.enter_context(Client(address))
        first = stack.enter_context(machine(1, bridge, address, None))
        second = stack.enter_context(machine(2, bridge, address, tmp_path / "m2"))
        client.wait_for_workers(2, timeout=120)
        busy = client.submit(Event("go", client=client).wait, workers="m2", pure=False)
        argv = [sys.executable, "-m", "runbook", "verify", "--matrix", str(guide)]
        run = subprocess.Popen([*argv, "--scheduler", address], cwd="/")
        until(lambda: "base/make-one" in outcomes(journal) or run.poll() is not None, 300)
        Event("go", client=client).set()
        busy.result()
        kept = tmp_path / "m2/checkpoints/kept"
        until(lambda: any(kept.rglob("about")), 120)
        first.cut_off()
        assert run.wait(300) == 0
        found = outcomes(journal)
        assert {step: one["worker"] for step, one in found.items()} == {
            "base/make-one": "m1", "left/make-two": "m2", "right/make-short": "m2",
            "right/make-long": "m2",
        }  # fmt: skip
        began = {o["started"] for path in kept.rglob("about")
                 for o in json.loads(path.read_text())["outcomes"]
                 if o["step"] == "base/make-one"}  # fmt: skip
        assert began == {found["base/make-one"]["started"]}
        assert "fleet-" not in second.says("podman", "ps", "--all", "--format", "{{.Names}}")
    engine = next(available_engines())
    until(lambda: "fleet-" not in engine.call("ps", "--all", "--format", "{{.Names}}"), 60)
