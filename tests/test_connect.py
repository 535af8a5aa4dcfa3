from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from runbook.connect import LocalConnection, SshConnection
from runbook.errors import RunbookError
from runbook.pipe import Pipe
from runbook.session import HostLost, Session


def test_a_local_shell_begins_in_the_users_home() -> None:
    """As after a login."""
    connection = LocalConnection("box")
    home = f"{Path.home()}\n"

    with Session.open(connection.shell(getpass.getuser()), host="box") as session:
        assert session.run("pwd", timeout=5).output == home
    with Pipe.open(connection.pipe(getpass.getuser()), host="box") as pipe:
        assert pipe.run("pwd", timeout=5).stdout.decode() == home


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user without asking")
def test_root_can_be_another_user_on_this_machine() -> None:
    """With that user's name and home."""
    with Session.open(LocalConnection("box").shell("nobody"), host="box") as session:
        completed = session.run("id -un; echo $USER; (exit 3)", timeout=5)

    assert (completed.status, completed.output) == (3, "nobody\nnobody\n")


def test_a_user_that_is_not_there_is_named() -> None:
    """The message has the host and the user."""
    with pytest.raises(RunbookError, match=r"box: .*no user 'nosuchuser'"):
        LocalConnection("box").shell("nosuchuser")


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")
def test_ssh_shares_one_private_connection_and_checks_the_host() -> None:
    """What ssh itself makes of our options, for every kind of shell."""
    connection = SshConnection("gs1", "192.0.2.1", login_as="admin", port=2222)

    for argv in (connection.shell("root"), connection.pipe("root"), connection.login("root")):
        said = subprocess.run(["ssh", "-G", *argv[1:]], capture_output=True, text=True, check=True)
        options = dict(line.split(" ", 1) for line in said.stdout.splitlines() if " " in line)
        assert options["user"] == "admin"
        assert options["port"] == "2222"
        assert options["batchmode"] == "yes"
        assert options["stricthostkeychecking"] == "true"
        assert options["controlmaster"] == "auto"
        directory = Path(options["controlpath"]).parent
        assert directory.stat().st_mode & 0o777 == 0o700
        assert "sudo -n -H -u root" in argv[-1]
    assert "sudo" not in connection.shell("admin")[-1]


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")
def test_an_ssh_server_that_is_not_there_is_a_lost_host() -> None:
    """The message says what ssh says; port 1 of this machine refuses."""
    connection = SshConnection("gs1", "127.0.0.1", login_as="admin", port=1)

    with pytest.raises(HostLost, match=r"gs1: .*255.*Connection refused"):
        Session.open(connection.shell("admin"), host="gs1", timeout=10)
    with pytest.raises(HostLost, match=r"gs1: .*255.*Connection refused"):
        Pipe.open(connection.pipe("admin"), host="gs1", timeout=10)
