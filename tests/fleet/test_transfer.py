"""What a worker fetches from another one arrives right, also over a bad way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define
from distributed import Client, LocalCluster, get_worker

from runbook.fleet import perform
from runbook.fleet.task import JobResult
from runbook.fleet.transfer import Exchange
from runbook.fleet.worker import plugins
from runbook.labs import checkpoint_store
from runbook.labs.container.checkpoints import checkpoint_root
from tests.support.relay import Relay

pytestmark = pytest.mark.filterwarnings("default")  # Dask's own, of its sockets and ports

CHECKPOINT = "kept/one"
SIZE = 20_000_000
"""The size of the checkpoint: two whole pieces and a half."""


def fetch() -> bool:
    """Let the worker that calls this fetch the checkpoint; return whether it is there then."""
    exchange = get_worker().plugins[Exchange.name]
    assert isinstance(exchange, Exchange)
    exchange.fetch((), [JobResult("before", checkpoint=CHECKPOINT)])
    return (checkpoint_root() / CHECKPOINT).exists()


@define
class Way:
    """The way from the worker that has a checkpoint to the one that lacks it, at `taker`."""

    client: Client
    relay: Relay
    taker: Path
    content: bytes
    passed: int = 0
    trouble: Callable[[bytes], bytes] = bytes

    def change(self, data: bytes) -> bytes:
        """Return what arrives of what was sent."""
        self.passed += len(data)
        return self.trouble(data)

    def once(self, position: int, trouble: Callable[[bytes], bytes]) -> None:
        """Let there be trouble when so much of the next fetch has passed."""

        def waiting(data: bytes) -> bytes:
            if self.passed <= position:
                return data
            self.trouble = bytes
            return trouble(data)

        self.trouble = waiting

    def cut(self, data: bytes) -> bytes:
        """Cut the way while `data` is on it."""
        self.relay.cut()
        return data

    def damage(self, data: bytes) -> bytes:
        """Return what is left of `data` if a byte is damaged."""
        return bytes([data[0] ^ 1]) + data[1:]

    def fetch(self) -> bool:
        """Let the checkpoint be fetched, and return whether it is complete and right then."""
        self.passed = 0
        there = self.client.submit(fetch, workers="taker", pure=False).result(timeout=60)
        arrived = self.taker / CHECKPOINT / "files"
        assert there == arrived.exists()
        return there and arrived.read_bytes() == self.content


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """Two workers with files of their own; what the first one says goes over a relay."""
    content = os.urandom(SIZE)
    place = tmp_path / "giver/checkpoints" / CHECKPOINT
    place.mkdir(parents=True)
    (place / "files").write_bytes(content)
    (place / "checkpoint.json").write_text("{}")
    own = {one: {perform.DIRECTORY: str(tmp_path / one / "jobs"),
                 checkpoint_store.DIRECTORY: str(tmp_path / one / "checkpoints")}
           for one in ("giver", "taker")}  # fmt: skip
    for name, value in own["giver"].items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Relay(port, lambda data: found.change(data)) as relay, LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address=None, silence_logs=50, plugins=plugins(), memory_limit=0,
        port=port, contact_address=f"tcp://127.0.0.1:{relay.port}",
    ) as cluster, Client(cluster.scheduler_address) as client:  # fmt: skip
        found = Way(client, relay, tmp_path / "taker/checkpoints", content)
        argv = [sys.executable, "-m", "runbook", "worker", cluster.scheduler_address,
                "--name", "taker", "--jobs", "1"]  # fmt: skip
        with subprocess.Popen(argv, env={**os.environ, **own["taker"]}) as taker:
            client.wait_for_workers(2, timeout=60)
            yield found
            taker.send_signal(signal.SIGINT)


def test_a_fetch_continues_where_the_way_was_cut(way: Way) -> None:
    """In the next job; pieces that have arrived are not sent again."""
    way.once(12_000_000, way.cut)
    assert not way.fetch()
    (partial,) = way.taker.parent.glob("fleet-spool/*/partial")
    arrived = partial.stat().st_size
    assert 0 < arrived < 12_000_000
    way.relay.mend()
    assert way.fetch()
    assert way.passed < SIZE - arrived + 1_000_000


def test_a_fetch_is_tried_again_at_once(way: Way) -> None:
    """Where the way was cut for a moment; and from its beginning if a piece is damaged."""

    def for_a_moment(data: bytes) -> bytes:
        way.cut(data)
        way.relay.mend()
        return data

    way.once(12_000_000, for_a_moment)
    assert way.fetch()
    assert SIZE < way.passed < SIZE + 8_000_000
    shutil.rmtree(way.taker)
    way.once(12_000_000, way.damage)
    assert way.fetch()
    assert way.passed > 2 * SIZE
