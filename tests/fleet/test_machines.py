"""A fleet of machines: what one has made moves to the others, and what one loses they do."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, Event, LocalCluster

from runbook.labs.container.engine import available_engines
from tests.fleet.test_matrix import LACKING, write_guide
from tests.support.fleet import ADDRESS, Machine, machine, switch
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


@contextmanager
def fleet(machines: Mapping[int, Path | None]) -> Iterator[tuple[Client, list[Machine]]]:
    """Give the client of a fleet, and its machines, which may have files of their own."""
    with (
        # A machine that is cut off is given up soon, and a job never.
        dask.config.set({
            "distributed.scheduler.worker-ttl": "20s",
            "distributed.scheduler.allowed-failures": 100,
        }),
        switch() as bridge,
        LocalCluster(
            n_workers=0, host=ADDRESS, dashboard_address=None, silence_logs=50
        ) as scheduler,
        Client(scheduler.scheduler_address) as client,
        ExitStack() as stack,
    ):  # fmt: skip
        found = [
            stack.enter_context(machine(number, bridge, scheduler.scheduler_address, files))
            for number, files in machines.items()
        ]
        client.wait_for_workers(len(found), timeout=120)
        yield client, found


def verifying(guide: Path, client: Client) -> subprocess.Popen[bytes]:
    """Begin to verify a guide on a fleet."""
    address = client.scheduler_info()["address"]
    argv = [sys.executable, "-m", "runbook", "verify", "--matrix", str(guide)]
    return subprocess.Popen([*argv, "--scheduler", address], cwd="/")


def nothing_is_left() -> bool:
    """Tell whether this machine has no container of a guide of these tests."""
    return "fleet-" not in next(available_engines()).call("ps", "--all", "--format", "{{.Names}}")


def test_a_guide_is_verified_by_machines(tmp_path: Path) -> None:
    """Image and checkpoint move to one that has neither; it does what one that is cut off lost."""
    guide = tmp_path / "guide"
    # Long enough that the first machine is still at it when the second one has its checkpoint.
    write_guide(guide, "sleep 30")
    journal = guide / "build/container-matrix/journal.jsonl"
    with fleet({1: None, 2: tmp_path / "m2"}) as (client, (first, second)):
        busy = client.submit(Event("go", client=client).wait, workers="m2", pure=False)
        run = verifying(guide, client)
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
    until(nothing_is_left, 60)


@pytest.mark.parametrize("seed", [1, 2])
def test_machines_are_killed_and_cut_off_at_random(tmp_path: Path, seed: int) -> None:
    """Of three, one after the other: every outcome is told once, all hold, and no lab is left."""
    chance = random.Random(seed)  # it must be the same again
    guide = tmp_path / "guide"
    write_guide(guide, "sleep 10", more=4)
    with fleet(dict.fromkeys((1, 2, 3))) as (client, machines):
        run = verifying(guide, client)
        for _ in range(6):
            machine = chance.choice(machines)
            lost, back = ((machine.kill, machine.start), (machine.cut_off, machine.connect))[
                chance.randrange(2)
            ]
            with suppress(subprocess.TimeoutExpired):
                run.wait(chance.uniform(1, 8))
            lost()
            with suppress(subprocess.TimeoutExpired):
                # Longer or shorter than the scheduler waits for one that says nothing.
                run.wait(chance.uniform(1, 30))
            back()
        assert run.wait(300) == 0
    found = outcomes(guide / "build/container-matrix/journal.jsonl")
    verdicts = {step: one["verdict"] for step, one in found.items()}
    assert verdicts.pop("right/make-long") == "skipped"
    assert verdicts == dict.fromkeys(
        ("base/make-one", "left/make-two", "right/make-short",
         *(f"more-{number}/make-{number}" for number in range(4))), "proven",
    )  # fmt: skip
    until(nothing_is_left, 60)
