from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.sessions.session import Session
from runbook.terminal.connection import LocalConnection, SshConnection
from runbook.terminal.faults import HostLost, ShellEnded
from runbook.terminal.pipe import Pipe
from tests.support.needs import lacking_for_ssh
from tests.support.sshd import Server, make_key
from tests.support.waiting import until

needs_ssh = pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-")


@pytest.fixture
def private_server(tmp_path: Path) -> Iterator[Server]:
    """Give an ssh server that the test may break."""
    with Server(tmp_path / "sshd") as server:
        yield server


def test_a_local_shell_starts_in_the_users_home() -> None:
    """As after a login."""
    connection = LocalConnection("box")
    home = f"{Path.home()}\n"

    with Session.open(connection.shell(getpass.getuser()), host="box") as session:
        assert session.run("pwd", timeout=5).output == home
    with Pipe.open(connection.pipe(getpass.getuser()), host="box") as pipe:
        assert pipe.run("pwd", timeout=5).stdout.decode() == home


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user without asking")
def test_root_can_become_another_user_on_this_machine() -> None:
    """With the name and the home of that user."""
    with Session.open(LocalConnection("box").shell("nobody"), host="box") as session:
        completed = session.run("id -un; echo $USER; (exit 3)", timeout=5)

    assert (completed.status, completed.output) == (3, "nobody\nnobody\n")


def test_an_unknown_local_user_is_named() -> None:
    """The message has the host and the user."""
    with pytest.raises(RunbookError, match=r"box: .*no user 'nosuchuser'"):
        LocalConnection("box").shell("nosuchuser")


@pytest.mark.skipif(shutil.which("ssh") is None, reason="needs ssh (openssh-client)")
def test_ssh_shares_one_private_connection_and_checks_the_host() -> None:
    """According to ssh's own reading of the options, for every kind of shell."""
    connection = SshConnection("gs1", "192.0.2.1", login_as="admin", port=2222)

    for argv in (connection.shell("root"), connection.pipe("root"), connection.login("root")):
        said = subprocess.run(["ssh", "-G", *argv[1:]], capture_output=True, text=True, check=True)
        options = dict(line.split(" ", 1) for line in said.stdout.splitlines() if " " in line)
        assert options["user"] == "admin"
        assert options["port"] == "2222"
        assert options["batchmode"] == "yes"
        assert options["stricthostkeychecking"] == "true"
        if argv == connection.login("root"):
            assert "controlpath" not in options
        else:
            assert options["controlmaster"] == "auto"
            directory = Path(options["controlpath"]).parent
            assert directory.stat().st_mode & 0o777 == 0o700
        assert "sudo -n -H -u root" in argv[-1]
    assert "sudo" not in connection.shell("admin")[-1]


@pytest.mark.skipif(shutil.which("ssh") is None, reason="needs ssh (openssh-client)")
def test_an_unreachable_ssh_server_is_a_lost_host() -> None:
    """The message quotes ssh; port 1 of this machine refuses connections."""
    connection = SshConnection("gs1", "127.0.0.1", login_as="admin", port=1)

    with pytest.raises(HostLost, match=r"gs1: .*255.*Connection refused"):
        Session.open(connection.shell("admin"), host="gs1", timeout=10)
    with pytest.raises(HostLost, match=r"gs1: .*255.*Connection refused"):
        Pipe.open(connection.pipe("admin"), host="gs1", timeout=10)


@needs_ssh
def test_ssh_opens_a_shell_of_the_user_who_logs_in(server: Server) -> None:
    """In the user's home, with and without a terminal."""
    connection = server.connection()
    expected = f"{server.user}\n{Path.home()}\n"

    with Session.open(connection.shell(server.user), host="box") as session:
        assert session.run("id -un; pwd", timeout=10).output == expected
        assert session.run("[ -t 1 ]", timeout=10).status == 0
    with Pipe.open(connection.pipe(server.user), host="box") as pipe:
        assert pipe.run("id -un; pwd", timeout=10).stdout.decode() == expected
        assert pipe.run("[ -t 1 ]", timeout=10).status == 1
    login = subprocess.run(
        connection.login(server.user), input=b"shopt login_shell; exit 3\n", capture_output=True
    )
    assert (login.returncode, b"on" in login.stdout) == (3, True), login


@needs_ssh
def test_all_shells_of_a_host_share_one_connection(private_server: Server) -> None:
    """There is one login, however many shells are opened."""
    live = HostConnection(private_server.connection(), {})
    with closing_all({"box": live}):
        session = live.session(private_server.user)
        with (
            Pipe.open(private_server.connection().pipe(private_server.user), host="box") as pipe,
            Session.open(
                private_server.connection().shell(private_server.user), host="box"
            ) as other,
        ):
            said = {session.run("echo $SSH_CONNECTION", timeout=10).output}
            said |= {other.run("echo $SSH_CONNECTION", timeout=10).output}
            said |= {pipe.run("echo $SSH_CONNECTION", timeout=10).stdout.decode()}
    assert len(said) == 1
    assert private_server.logins() == 1


@needs_ssh
def test_a_host_with_another_key_is_refused(private_server: Server) -> None:
    """Neither an unknown nor a changed key is accepted, and the message says so."""
    make_key(private_server.directory / "other")
    private_server.set_known_key(private_server.directory / "other.pub")
    for argv in (
        private_server.connection().shell(private_server.user),
        private_server.connection().pipe(private_server.user),
    ):
        opening = Session.open if "-tt" in argv else Pipe.open
        with pytest.raises(HostLost, match=r"(?s)box: .*255.*Host key .*verification failed"):
            opening(argv, host="box", timeout=10)
    private_server.known_hosts.write_text("")
    with pytest.raises(HostLost, match=r"(?s)box: .*Host key verification failed"):
        Session.open(private_server.connection().shell(private_server.user), host="box", timeout=10)
    assert private_server.logins() == 0


@needs_ssh
def test_an_unknown_key_of_a_user_is_refused(private_server: Server, tmp_path: Path) -> None:
    """Without waiting for a password."""
    make_key(tmp_path / "unknown")
    connection = evolve(private_server.connection(), key=tmp_path / "unknown")
    with pytest.raises(HostLost, match=r"(?s)box: .*255.*Permission denied"):
        Session.open(connection.shell(private_server.user), host="box", timeout=10)


@needs_ssh
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_dies_during_a_command_is_a_lost_host(
    private_server: Server, tmp_path: Path, how: signal.Signals
) -> None:
    """Within seconds, for sessions and pipes, whatever the timeout of the command."""
    connection = private_server.connection()
    with (
        Session.open(connection.shell(private_server.user), host="box") as session,
        Pipe.open(connection.pipe(private_server.user), host="box") as pipe,
        ThreadPoolExecutor() as pool,
    ):
        both: list[Future[Any]] = [
            pool.submit(session.run, f"touch {tmp_path}/1; sleep 300", timeout=300),
            pool.submit(pipe.run, f"touch {tmp_path}/2; sleep 300", timeout=300),
        ]
        until(lambda: {"1", "2"} <= {path.name for path in tmp_path.iterdir()})
        private_server.signal(how)
        for one in both:
            with pytest.raises(HostLost, match="box"):
                one.result(timeout=10)
        assert not session.alive
        assert not pipe.alive


@needs_ssh
def test_a_lost_connection_is_not_a_command_that_ends_its_shell(private_server: Server) -> None:
    """Though the host can be reached, and the program that connects tells the same status."""
    connection = private_server.connection()
    with (
        Session.open(connection.shell(private_server.user), host="box") as session,
        pytest.raises(HostLost, match="the connection was lost"),
    ):
        session.run("kill -KILL $(ps -o ppid= $PPID); sleep 60", timeout=30)
    connection.disconnect()
    for command, status in (("exit 3", 3), ("kill -KILL $$", 137), ("exec true", 0)):
        with Session.open(connection.shell(private_server.user), host="box") as session:
            with pytest.raises(ShellEnded) as ended:
                session.run(command, timeout=30)
            assert ended.value.status == status


@needs_ssh
def test_a_server_that_does_not_respond_is_a_lost_host(private_server: Server) -> None:
    """It keeps the connection open: the host is lost at the timeout of the command."""
    connection = private_server.connection()
    with Session.open(connection.shell(private_server.user), host="box") as session:
        private_server.signal(signal.SIGSTOP)
        with pytest.raises(HostLost, match="box: the host no longer responds"):
            session.run("true", timeout=0.5)


PROGRAM = """
import sys
from pathlib import Path
from runbook.terminal.connection import SshConnection
from runbook.terminal.pipe import Pipe
user, port, directory = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
connection = SshConnection("box", "127.0.0.1", login_as=user, port=port,
                           key=directory / "user", known_hosts=directory / "known_hosts")
with Pipe.open(connection.pipe(user), host="box") as pipe:
    pipe.run("true", timeout=10)
print(*(word.partition("=")[2] for word in connection.pipe(user) if "ControlPath" in word))
"""


@needs_ssh
def test_the_shared_connection_ends_with_the_process_that_opened_it(private_server: Server) -> None:
    """No ssh process and no socket is left."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            PROGRAM,
            private_server.user,
            str(private_server.port),
            private_server.directory,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    path = done.stdout.strip()
    assert not Path(path).parent.exists()
    until(lambda: len(private_server.processes()) == 1)
