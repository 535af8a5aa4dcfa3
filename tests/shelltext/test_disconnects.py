"""Commands that break the connection: recognised by their words, and awaited until it is back."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from runbook.execution.hosts.host import HostConnection
from runbook.model import Disconnect
from runbook.shelltext.disconnects import disconnects
from runbook.terminal.faults import HostLost
from tests.labs.test_ssh import call, inventory
from tests.support.guides import Guide
from tests.support.needs import lacking_for_ssh
from tests.support.sshd import Server

behind_ssh = pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-")
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to log in as root")


@pytest.mark.parametrize(
    ("text", "disconnect"),
    [
        ("reboot", Disconnect.REBOOT),
        ("sudo systemctl reboot", Disconnect.REBOOT),
        ("shutdown -r now", Disconnect.REBOOT),
        ("init 6", Disconnect.REBOOT),
        ("sync; reboot", Disconnect.REBOOT),
        ("shutdown -fr now", Disconnect.REBOOT),
        ("shutdown -h now", None),
        ("shutdown -c", None),
        ("shutdown -rk now", None),
        ("reboot || true", Disconnect.REBOOT),
        ("sudo reboot; exit", Disconnect.REBOOT),
        ("ssh gs2 reboot || true", None),
        ("systemctl restart nginx || true", None),
        ("systemctl isolate reboot.target", Disconnect.REBOOT),
        ("systemctl isolate multi-user.target", None),
        ("systemctl status reboot.target", None),
        ("halt --reboot", Disconnect.REBOOT),
        ("halt", None),
        ("loginctl reboot", Disconnect.REBOOT),
        ("loginctl list-sessions", None),
        ("echo reboot", None),
        ("reboot; echo done", None),
        ("systemctl restart networking", Disconnect.NETWORK),
        ("systemctl restart systemd-networkd.service", Disconnect.NETWORK),
        ("service network restart", Disconnect.NETWORK),
        ("systemctl restart nginx", None),
        ("systemctl status networking", None),
        ("ifdown eth0 && ifup eth0", Disconnect.NETWORK),
        ("netplan apply", Disconnect.NETWORK),
        ("nmcli connection up br0", Disconnect.NETWORK),
        ("nmcli connection show", None),
        ("ip address flush dev eth1", Disconnect.NETWORK),
        ("ip link set eth1 master br0", Disconnect.NETWORK),
        ("ip address show", None),
        ("touch /reboot", None),
        ("ssh gs2 reboot", None),
        ("sudo ssh gs2 'sync; reboot'", None),
        ("ssh gs2 true; reboot", Disconnect.REBOOT),
        ("podman exec box systemctl restart networking", None),
        ("pdsh -w gs[2-4] 'sudo reboot'", None),
        ("", None),
    ],
)
def test_only_commands_that_break_the_connection_are_recognised(
    text: str, disconnect: Disconnect | None
) -> None:
    """By the last program that is started, wherever its name is."""
    assert disconnects(text) is disconnect


CUT = """
.. step:: Cut the connection
   :on: box

   .. code-block:: console

      # PLACE/{name} lan
      # touch PLACE/after

   .. check:: the step went on

      assert host.file("PLACE/cut").exists
      assert host.file("PLACE/after").exists
"""

# The nearest sshd above the shell serves this connection, and all shells in it.
KILLER = """#!/bin/sh
touch {place}/cut
pid=$$
while [ "$(cat /proc/$pid/comm)" != sshd ]; do
    pid=$(awk '{{print $4}}' /proc/$pid/stat)
done
kill -KILL $pid
sleep 60
"""


def cutting(tmp_path: Path, name: str) -> Guide:
    """Return a guide whose step runs a program of that name, which cuts the connection."""
    guide = Guide(tmp_path, CUT.format(name=name))
    program = guide.place / name
    program.write_text(KILLER.format(place=guide.place))
    program.chmod(0o755)
    return guide


def outcome(guide: Guide) -> tuple[str, str]:
    """Return verdict and reason of the last outcome on the static lab."""
    lines = (guide.directory / "build/static/journal.jsonl").read_text().splitlines()
    last = [one for line in lines if (one := json.loads(line))["record"] == "outcome"][-1]
    return last["verdict"], last.get("reason", "")


@behind_ssh
@root
def test_a_step_continues_after_its_network_was_restarted(tmp_path: Path, server: Server) -> None:
    """The connection is made again, and the remaining commands run."""
    guide = cutting(tmp_path, "ifdown")
    inventory(guide, server)
    done = call(guide, "run", "--yes")
    assert outcome(guide) == ("proven", ""), done.stdout
    assert done.returncode == 0


@behind_ssh
@root
def test_an_unexpected_disconnect_is_an_error(tmp_path: Path, server: Server) -> None:
    """Whether the command finished is unknown, so nothing may depend on it."""
    guide = cutting(tmp_path, "backup")
    inventory(guide, server)
    done = call(guide, "run", "--yes")
    assert done.returncode in (1, 3), done.stdout
    assert outcome(guide)[0] in ("error", "failed")
    assert not (guide.place / "after").exists()


@behind_ssh
@root
def test_a_host_that_never_comes_back_is_an_error(tmp_path: Path) -> None:
    """After the timeout, with the error of the last attempt."""
    with Server(tmp_path / "sshd") as server:
        live = HostConnection(server.connection(), {})
        before = live.boot()
        live.returned(before, anew=False, timeout=5)
        server.signal(signal.SIGKILL)
        with pytest.raises(HostLost, match="box: not back after 1 s: "):
            live.returned(before, anew=False, timeout=1)
        live.close()


@behind_ssh
@root
def test_a_host_that_has_not_rebooted_is_awaited(server: Server) -> None:
    """It answers, but with the boot id of before."""
    live = HostConnection(server.connection(), {})
    with pytest.raises(HostLost, match="not back after 1 s: it was never away"):
        live.returned(live.boot(), anew=True, timeout=1)
    live.returned("another boot", anew=True, timeout=5)
    with pytest.raises(HostLost, match="box: it has started anew meanwhile"):
        live.returned("another boot", anew=False, timeout=5)
    live.close()


@behind_ssh
@root
def test_a_hanging_command_is_not_a_disconnect(tmp_path: Path, server: Server) -> None:
    """Its host is reachable all the time, so the command fails."""
    guide = cutting(tmp_path, "ifdown")
    (guide.place / "ifdown").write_text("#!/bin/sh\nsleep 60\n")
    page = guide.directory / "index.rst"
    page.write_text(page.read_text().replace("   :on: box\n", "   :on: box\n   :timeout: 1s\n", 1))
    inventory(guide, server)
    call(guide, "run", "--yes")
    verdict, reason = outcome(guide)
    assert verdict == "failed"
    assert "still running after 1 s, and stopped" in reason
