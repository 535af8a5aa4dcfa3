"""What a lab's network says when a command in a host's namespace fails."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator

import pytest

from runbook.labs.container import network
from runbook.labs.protocol import LabError
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

LINK = network.HostLink("10.74.0.11", "10.74.0.0/24")


def test_a_command_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As is one that fails; the program that entered the namespace is of no interest."""
    monkeypatch.setattr(network, "_TIMEOUT", 0.2)
    with pytest.raises(LabError, match=r"^sleep: no answer in 0.2 s$"):
        network.run_in_namespace(os.getpid(), ["sleep", "60"])
    with pytest.raises(LabError, match=r"^ip: .*nothing-here"):
        network.run_in_namespace(os.getpid(), ["ip", "link", "show", "nothing-here"])


@pytest.fixture
def namespaces() -> Iterator[tuple[int, int]]:
    """The processes of a namespace with the lab's bridge, and of an empty one, for a host."""
    with contextlib.ExitStack() as stack:
        pids = []
        for _ in range(2):
            argv = ["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"]
            process = stack.enter_context(subprocess.Popen(argv, stdout=subprocess.PIPE))
            stack.callback(process.kill)
            assert process.stdout is not None
            process.stdout.readline()
            pids.append(process.pid)
        commands = network.router_commands(LINK.network, 1500)
        network.run_in_namespace(pids[0], ["ip", "-batch", "-"], "\n".join(commands))
        yield pids[0], pids[1]


def test_the_port_of_a_host_that_was_stopped_may_go_at_any_moment(
    namespaces: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel removes it with the host's namespace, a little later."""
    router, host = namespaces
    delete = ["ip", "link", "delete", LINK.bridge_port]
    add = ["ip", "link", "add", LINK.bridge_port, "type", "bridge"]
    for going in (False, True):
        network.run_in_namespace(router, add)
        with monkeypatch.context() as patch:
            if going:
                ports = frozenset({LINK.bridge_port})

                def gone(_: int, ports: frozenset[str] = ports) -> frozenset[str]:
                    network.run_in_namespace(router, delete)
                    return ports

                patch.setattr(network, "bridge_ports", gone)
            network.connect(router, host, LINK)
        assert LINK.bridge_port in network.bridge_ports(router)
        assert "10.74.0.11/24" in network.run_in_namespace(host, ["ip", "address", "show", "eth0"])
        network.run_in_namespace(router, delete)
