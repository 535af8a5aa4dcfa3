"""Ansible's inventories: read by its own program, respected or refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.labs import LabError
from runbook.labs.ansible import is_ansible
from runbook.labs.ansible_variables import Variables
from runbook.labs.ssh import StaticLab
from runbook.model import cluster
from runbook.terminal.connection import LocalConnection, SshConnection
from tests.labs.test_ssh import behind_ssh, call, root
from tests.support.guides import Guide, making
from tests.support.inventories import FORMS, INI, YAML, lacking_for_ansible, write_inventory
from tests.support.sshd import Server

with_ansible = pytest.mark.skipif(bool(lacking_for_ansible()), reason=lacking_for_ansible() or "-")
GEHEIM = "correct horse battery"
CLUSTER = """
name: site
network: 10.9.8.0/24
domain: example.com
hosts:
  gs1: {address: 10.9.8.1, groups: [bricks, own]}
  gs3: {address: 10.9.8.3, groups: [bricks]}
  www: {address: 10.9.8.4}
"""


def write(path: Path, text: str) -> Path:
    """Write a file, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def to(server: Server, **more: object) -> str:
    """Return the variables of a machine that is the ssh `server`."""
    about = {
        "ansible_host": "127.0.0.1",
        "ansible_port": server.port,
        "ansible_user": server.user,
        "ansible_ssh_private_key_file": server.directory / "user",
        "ansible_ssh_extra_args": f"'-o UserKnownHostsFile={server.known_hosts}'",
        **more,
    }
    return " ".join(f"{name}={value}" for name, value in about.items())


@with_ansible
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_inventory_is_read(tmp_path: Path, form: str) -> None:
    """Its hosts and groups are the guide's, with children, and variables of hosts and groups."""
    lab = StaticLab(None, write_inventory(tmp_path, form))
    assert {host.name: (host.address, set(host.groups)) for host in lab.cluster.hosts} == {
        "gs1": ("gs1", {"all", "site", "bricks"}),
        "gs2": ("192.0.2.2", {"all", "site", "bricks"}),
        "www.example.com": ("www.example.com", {"all", "site", "web"}),
    }
    ways = lab.connections()
    assert {
        (one.address, one.port, one.login_as)
        for one in ways.values()
        if isinstance(one, SshConnection)
    } == {("gs1", 2222, "dora"), ("192.0.2.2", 22, "root"), ("www.example.com", 22, "root")}


@with_ansible
def test_the_hosts_of_the_cluster_file_are_looked_up(tmp_path: Path) -> None:
    """By name, or with the domain; the others of the inventory are none of the guide's.

    A group that both have consists of what the inventory says.
    """
    known = cluster.load(write(tmp_path / "cluster.yaml", CLUSTER))
    lab = StaticLab(known, write(tmp_path / "hosts", INI))
    assert {host.name: host.groups for host in lab.cluster.hosts} == {
        "gs1": ("all", "own", "bricks", "site"),
        "gs3": ("all",),
        "www": ("all", "site", "web"),
    }
    assert set(lab.connections()) == {"gs1", "www"}
    assert [one.state for one in lab.status() if one.host == "gs3"] == ["absent"]
    other = write(tmp_path / "others", "db1\ndb2\n")
    with pytest.raises(LabError, match=r"others: it has none of the guide's hosts, gs1, gs3, www"):
        StaticLab(known, other)


@pytest.mark.parametrize(
    ("name", "text", "theirs"),
    [
        ("inventory.yaml", "hosts: {gs1: {}}", False),
        ("inventory.yaml", "user: dora\nhosts: {gs1: {}}", False),
        ("inventory.yml", "hosts: [", False),
        ("inventory.yml", "", False),
        ("site.yml", YAML, True),
        ("site.yml", "plugin: amazon.aws.aws_ec2", True),
        ("site.yml", "web: {hosts: {gs1: }, vars: {a: !vault x}}", True),
        ("site.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162", True),
        ("hosts", "gs1", True),
        ("hosts.ini", "hosts: {gs1: {}}", True),
    ],
)
def test_it_is_told_apart_from_ours(tmp_path: Path, name: str, text: str, theirs: bool) -> None:
    """Ours is a file *.yaml or *.yml with the key `hosts` at its top."""
    assert is_ansible(write(tmp_path / name, text)) is theirs
    assert is_ansible(tmp_path)
    assert not is_ansible(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ansible_connection": "winrm"}, "ansible_connection: 'winrm' is neither ssh nor local"),
        ({"ansible_shell_type": "powershell"}, "a guide's hosts have bash"),
        ({"ansible_host": "-oProxyCommand=x"}, "is not an address"),
        ({"ansible_port": "ssh"}, "ansible_port: 'ssh' is not a number"),
        ({"ansible_user": "-x"}, "is not a user name"),
        ({"ansible_host": "{{ inventory_hostname }}.lan"}, "it is a template"),
        ({"ansible_host": {"__ansible_vault": "x"}}, "the single value is encrypted"),
        ({"ansible_ssh_private_key_file": "/nowhere/k"}, "there is no file /nowhere/k"),
        ({"ansible_password": GEHEIM}, "ansible_password: no password is typed"),
        ({"ansible_become_pass": {"__ansible_vault": "x"}}, "no password is typed"),
        ({"ansible_become_method": "su"}, "'su' is not sudo"),
        ({"ansible_become_user": "oracle"}, "says itself which user"),
        ({"ansible_become_flags": "-H -i"}, "'-i': sudo is called with"),
        ({"ansible_become": "no", "ansible_user": "dora"}, "steps of a guide are for root"),
        ({"ansible_host_key_checking": False}, "a machine's key is always verified"),
        ({"ansible_ssh_common_args": "-o StrictHostKeyChecking=no"}, "is always verified"),
        ({"ansible_ssh_common_args": "-o 'UserKnownHostsFile /dev/null'"}, "is always verified"),
        ({"ansible_ssh_extra_args": "-W x"}, "option -W not recognized"),
        ({"ansible_ssh_extra_args": "-o 'x"}, "No closing quotation"),
        ({"ansible_ssh_extra_args": "bastion"}, "'bastion' is no option of ssh"),
        ({"ansible_ssh_extra_args": "-F /nowhere/c"}, "there is no file /nowhere/c"),
        ({"ansible_ssh_args": "-o RemoteCommand=ls"}, "would keep a shell from starting"),
    ],
)
def test_what_is_not_respected_is_refused(variables: dict[str, object], message: str) -> None:
    """With the file, the host, the variable and the reason, and never with a password."""
    with pytest.raises(LabError) as caught:
        Variables(Path("site/hosts"), "gs1", variables).login()
    assert str(caught.value).startswith(f"site/hosts: gs1: {next(iter(variables))}: ")
    assert message in str(caught.value)
    assert GEHEIM not in str(caught.value)


def test_what_is_respected(tmp_path: Path) -> None:
    """Later names of a variable win, as with Ansible, and options of ssh keep their order."""
    key = write(tmp_path / "my key", "")
    login = Variables(
        tmp_path / "hosts",
        "gs1",
        {
            "ansible_host": "a", "ansible_ssh_host": "b", "ansible_user": "dora",
            "ansible_private_key_file": str(key), "ansible_connection": "smart",
            "ansible_become": "yes", "ansible_become_method": "sudo", "ansible_become_user": "root",
            "ansible_password": "",
            "ansible_ssh_args": "-C -o ControlMaster=auto -o ControlPersist=60s",
            "ansible_ssh_common_args": "-J dora@bastion:2200 -oConnectTimeout=30",
            "ansible_ssh_extra_args": f"-F '{key}' -i {tmp_path}/k -4 -q",
        },
    ).login()  # fmt: skip
    assert login is not None
    assert (login.address, login.user, login.port, login.key) == ("b", "dora", None, key)
    assert login.config == key
    assert login.options == (
        "Compression=yes", "ProxyJump=dora@bastion:2200", "ConnectTimeout=30",
        f"IdentityFile={tmp_path}/k", "AddressFamily=inet",
    )  # fmt: skip


@with_ansible
def test_this_machine_may_be_one_of_them(tmp_path: Path) -> None:
    """With `ansible_connection=local`; the lab is another one when this machine has rebooted."""
    path = write(tmp_path / "hosts", "here ansible_connection=local\nthere ansible_port=2222\n")
    lab = StaticLab(None, path)
    ways = lab.connections()
    assert isinstance(ways["here"], LocalConnection)
    assert isinstance(ways["there"], SshConnection)
    assert len(lab.instance()) == 16


@with_ansible
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("hosts", "[web\ngs1 x=hunter2\n", "Completely failed to parse inventory source"),
        ("site.yml", "web: {hostess: {gs1: hunter2}}", "it has no hosts"),
        ("hosts", "", "it has no hosts"),
        ("hosts", "[gs1]\ngs2\n[web]\ngs1\n", "'gs1' is the name of a group and of a host"),
        ("hosts", "gs1 ansible_connection=docker x=hunter2\n", "gs1: ansible_connection: 'docker'"),
    ],
)
def test_an_inventory_that_is_wrong_is_named(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    """With the reason, and none of what stands in it."""
    path = write(tmp_path / name, text)
    with pytest.raises(RunbookError) as caught:
        StaticLab(None, path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_without_ansible_the_error_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how an inventory of ours is recognized."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    path = write(tmp_path / "hosts", "gs1\n")
    with pytest.raises(LabError, match="apt-get install ansible-core") as caught:
        StaticLab(None, path)
    assert "hosts is an inventory of Ansible" in str(caught.value)


@with_ansible
@behind_ssh
@root
def test_a_guide_runs_on_machines_of_the_inventory_without_their_secrets(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables that are encrypted are decrypted by Ansible, and never leave its list."""
    guide = Guide(tmp_path, making("one"))
    path = write(tmp_path / "site/hosts", f"[web]\nbox {to(server)} plain={GEHEIM!r}\n")
    vault = write(path.parent / "group_vars/web.yml", f"database_password: {GEHEIM}\n")
    password = write(tmp_path / "password", "open sesame\n")
    encrypt = Path(sys.executable).with_name("ansible-vault")
    subprocess.run([encrypt, "encrypt", "--vault-password-file", password, vault], check=True)
    closed = call(guide, "run", "--yes", "--inventory", str(path))
    assert closed.returncode == 3
    assert f"{path}: ansible-inventory: Attempting to decrypt" in closed.stderr
    assert "ANSIBLE_VAULT_PASSWORD_FILE" in closed.stderr
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(password))
    done = call(guide, "run", "--yes", "--inventory", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 step proven" in done.stdout
    written = [one for one in (guide.directory / "build").rglob("*") if one.is_file()]
    assert any(one.name == "journal.jsonl" for one in written)
    assert [one for one in written if GEHEIM.encode() in one.read_bytes()] == []
    assert GEHEIM not in done.stdout + done.stderr


@with_ansible
@behind_ssh
@root
def test_a_machine_behind_another_one_is_reached(tmp_path: Path, server: Server) -> None:
    """Through a second ssh server, by ProxyJump in the variables; the operator sees the way."""
    guide = Guide(tmp_path, making("one"))
    with Server(tmp_path / "jump") as jump:
        config = write(tmp_path / "ssh_config", jump.settings("bastion"))
        args = f"'-F {config} -J bastion'"
        path = write(tmp_path / "hosts", f"box {to(server, ansible_ssh_common_args=args)}\n")
        before = jump.logins(), server.logins()
        asked = call(guide, "run", "--inventory", str(path))
        assert f"box ({server.user}@127.0.0.1 port {server.port} through bastion)" in asked.stdout
        before = jump.logins(), server.logins()
        done = call(guide, "run", "--yes", "--inventory", str(path))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 step proven" in done.stdout
        assert (jump.logins(), server.logins()) == (before[0] + 1, before[1] + 1)
