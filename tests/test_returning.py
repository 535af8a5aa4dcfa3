"""Commands that take the connection away: known by their words, and followed until it is back."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from runbook.live import LiveHost
from runbook.returning import Leave, leaves
from runbook.session import HostLost
from tests.guides import Guide
from tests.needs import lacking_for_ssh
from tests.sshd import Server
from tests.test_labs_static import call, inventory

behind_ssh = pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-")
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to log in as root")


@pytest.mark.parametrize(
    ("text", "leave"),
    [
        ("reboot", Leave.REBOOT),
        ("sudo systemctl reboot", Leave.REBOOT),
        ("shutdown -r now", Leave.REBOOT),
        ("init 6", Leave.REBOOT),
        ("sync; reboot", Leave.REBOOT),
        ("shutdown -h now", None),
        ("echo reboot", None),
        ("reboot; echo done", None),
        ("systemctl restart networking", Leave.NETWORK),
        ("systemctl restart systemd-networkd.service", Leave.NETWORK),
        ("service network restart", Leave.NETWORK),
        ("systemctl restart nginx", None),
        ("systemctl status networking", None),
        ("ifdown eth0 && ifup eth0", Leave.NETWORK),
        ("netplan apply", Leave.NETWORK),
        ("nmcli connection up br0", Leave.NETWORK),
        ("nmcli connection show", None),
        ("ip address flush dev eth1", Leave.NETWORK),
        ("ip link set eth1 master br0", Leave.NETWORK),
        ("ip address show", None),
        ("touch /reboot", None),
        ("ssh gs2 reboot", None),
        ("sudo ssh gs2 'sync; reboot'", None),
        ("ssh gs2 true; reboot", Leave.REBOOT),
        ("podman exec box systemctl restart networking", None),
        ("pdsh -w gs[2-4] 'sudo reboot'", None),
        ("", None),
    ],
)
def test_only_commands_that_take_the_connection_away_are_waited_for(
    text: str, leave: Leave | None
) -> None:
    """By the last program that is started, wherever its name stands."""
    assert leaves(text) is leave


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
def test_a_step_goes_on_after_its_network_was_restarted(tmp_path: Path, server: Server) -> None:
    """The connection is made anew, and the commands that follow are run."""
    guide = cutting(tmp_path, "ifdown")
    inventory(guide, server)
    done = call(guide, "run", "--yes")
    assert outcome(guide) == ("proven", ""), done.stdout
    assert done.returncode == 0


@behind_ssh
@root
def test_a_connection_that_nothing_was_to_cut_is_an_error(tmp_path: Path, server: Server) -> None:
    """Whether the command did its part is not known, so nothing stands on it."""
    guide = cutting(tmp_path, "backup")
    inventory(guide, server)
    done = call(guide, "run", "--yes")
    assert done.returncode in (1, 3), done.stdout
    assert outcome(guide)[0] in ("error", "failed")
    assert not (guide.place / "after").exists()


@behind_ssh
@root
def test_a_host_that_never_comes_back_is_an_error(tmp_path: Path) -> None:
    """After the step's time, with what the last attempt said."""
    with Server(tmp_path / "sshd") as server:
        live = LiveHost(server.connection(), {})
        before = live.boot()
        live.returned(before, anew=False, timeout=5)
        server.signal(signal.SIGKILL)
        with pytest.raises(HostLost, match="box: not back after 1 s: "):
            live.returned(before, anew=False, timeout=1)
        live.close()


@behind_ssh
@root
def test_a_host_that_did_not_boot_is_waited_for(server: Server) -> None:
    """It answers, but in the boot of before."""
    live = LiveHost(server.connection(), {})
    with pytest.raises(HostLost, match="not back after 1 s: it was never away"):
        live.returned(live.boot(), anew=True, timeout=1)
    live.returned("another boot", anew=True, timeout=5)
    with pytest.raises(HostLost, match="box: it has started anew meanwhile"):
        live.returned("another boot", anew=False, timeout=5)
    live.close()


@behind_ssh
@root
def test_a_command_that_only_hangs_has_not_left(tmp_path: Path, server: Server) -> None:
    """Its host is there all the time, so that nothing excuses it."""
    guide = cutting(tmp_path, "ifdown")
    (guide.place / "ifdown").write_text("#!/bin/sh\nsleep 60\n")
    page = guide.directory / "index.rst"
    page.write_text(page.read_text().replace("   :on: box\n", "   :on: box\n   :timeout: 1s\n", 1))
    inventory(guide, server)
    call(guide, "run", "--yes")
    verdict, reason = outcome(guide)
    assert verdict == "failed"
    assert reason.endswith("still running after 1 s, and stopped")
