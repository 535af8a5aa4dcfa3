"""What an inventory leaves out is left to ssh's own settings: users, ports, jump hosts."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.ssh import StaticLab
from runbook.labs.ssh_settings import Login, connection, destination, known_keys
from runbook.model.node import YamlError
from runbook.terminal.connection import SshConnection
from runbook.terminal.pipe import Pipe
from tests.labs.test_ssh import behind_ssh, root, static
from tests.support.guides import Guide, making
from tests.support.needs import lacking_for_ssh
from tests.support.sshd import Server

with_ssh = pytest.mark.skipif("needs ssh" in lacking_for_ssh(), reason="needs ssh")


@pytest.fixture(scope="module")
def jumps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two more ssh servers, through which one can get to the first one."""
    with (
        Server(tmp_path_factory.mktemp("jump")) as one,
        Server(tmp_path_factory.mktemp("other")) as other,
    ):
        yield one, other


def config(directory: Path, *parts: str) -> Path:
    """Write a file of ssh's settings."""
    path = directory / "ssh config"
    path.write_text("\n".join(parts))
    return path


def answer(way: SshConnection) -> str:
    """Return what a shell at the other end says, when it is asked."""
    with Pipe.open(way.pipe(way.login_as), host=way.host) as pipe:
        return pipe.run("echo here", timeout=10).stdout.decode()


@with_ssh
def test_a_name_stands_for_what_the_settings_say(tmp_path: Path) -> None:
    """For an address, a user, a port and the way; what the inventory says comes first."""
    settings = config(
        tmp_path, "Host db", "HostName 192.0.2.9", "User dora", "Port 2222", "ProxyJump a,b"
    )
    way = connection("db", Login("db", config=settings))
    assert destination(way) == "dora@db port 2222 through a,b"
    way = connection("db", Login("db", "root", 22, config=settings, options=("ProxyJump=none",)))
    assert destination(way) == "root@db"


@with_ssh
def test_a_mistake_in_the_settings_is_an_error(tmp_path: Path) -> None:
    """With the line of the inventory, and that of the settings."""
    settings = config(tmp_path, "Host *", "Poort 22")
    path = tmp_path / "inventory.yaml"
    path.write_text(f"ssh_config: {settings.name}\nhosts:\n  db: {{}}\n")
    with pytest.raises(YamlError) as caught:
        StaticLab(None, path)
    assert str(caught.value).startswith(f"{path}:3: hosts: db: db: ssh: ")
    assert "line 2: Bad configuration option: poort" in str(caught.value)


@behind_ssh
@pytest.mark.parametrize("how", ["ProxyJump one", "ProxyJump one,other", "ProxyCommand"])
def test_shells_share_one_connection_through_jump_hosts(
    tmp_path: Path, server: Server, jumps: tuple[Server, Server], how: str
) -> None:
    """It does not end with the shell that has opened it."""
    one, other = jumps
    path = tmp_path / "ssh config"
    if how == "ProxyCommand":
        how = f"ProxyCommand exec ssh -F {shlex.quote(str(path))} -W %h:%p one"
    config(tmp_path, server.settings("box", how), one.settings("one"), other.settings("other"))
    way = connection("box", Login("box", config=path))
    before = server.logins(), one.logins(), other.logins()
    assert [answer(way) for _ in range(3)] == ["here\n"] * 3
    way.disconnect()
    after = server.logins(), one.logins(), other.logins()
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, "other" in how]
    assert known_keys(way) == known_keys(server.connection())


@behind_ssh
def test_a_jump_host_that_would_ask_is_an_error(
    tmp_path: Path, server: Server, jumps: tuple[Server, Server]
) -> None:
    """Nobody is asked whether its key may be trusted: the question would be seen by nobody."""
    path = tmp_path / "inventory.yaml"
    asking = jumps[0].settings("one").replace(str(jumps[0].known_hosts), os.devnull)
    settings = config(tmp_path, server.settings("box", "ProxyJump one"), asking)
    path.write_text(f"ssh_config: {settings.name}\nhosts: {{box: }}\n")
    (found,) = StaticLab(None, path).status()
    assert found.state == "stopped"
    assert found.detail.startswith(f"{server.user}@box port {server.port} through one: ")
    assert "Host key verification failed" in found.detail


@behind_ssh
@root
def test_a_guide_runs_by_the_settings_of_the_user(
    tmp_path: Path, server: Server, jumps: tuple[Server, Server]
) -> None:
    """Those in ~/.ssh/config; an inventory then has nothing but names."""
    guide = Guide(tmp_path, making("one"))
    (guide.directory / "lab/inventory.yaml").write_text("hosts: {box: {address: my-box}}\n")
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    (own / "config").write_text(
        server.settings("my-box", "ProxyJump bastion") + jumps[0].settings("bastion")
    )
    # ssh looks in the home directory of the user, whatever HOME says.
    there = Path("~root/.ssh").expanduser()
    there.mkdir(mode=0o700, exist_ok=True)
    mounted = f"mount --bind {shlex.quote(str(own))} {there} && exec "
    argv = ["unshare", "--mount", "sh", "-c", mounted + shlex.join(static(guide, "run", "--yes"))]
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if "unshare failed" in done.stderr:
        pytest.skip("needs mount namespaces")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 step proven" in done.stdout
    assert (guide.place / "one").exists()


def test_without_ssh_the_error_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of a traceback."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match=r"db: ssh is not installed .*: apt-get install openss"):
        connection("db", Login("db"))
