"""The lab of existing machines behind ssh: changed only after confirmation, never created."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
import yaml

from runbook.errors import RunbookError
from runbook.labs import LabError
from runbook.labs.ssh import StaticLab
from runbook.model import cluster
from tests.support.forked import run_module
from tests.support.guides import Guide, making
from tests.support.needs import lacking_for_ssh
from tests.support.sshd import Server, make_key

behind_ssh = pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-")
root = pytest.mark.skipif("__import__('os').geteuid() != 0", reason="needs to log in as root")


def inventory(guide: Guide, server: Server, **more: object) -> Path:
    """Write an inventory in which the guide's host is the ssh `server`."""
    path = guide.directory / "lab/inventory.yaml"
    about = {
        "user": server.user,
        "key": str(server.directory / "user"),
        "known_hosts": str(server.known_hosts),
        "hosts": {"box": {"address": "127.0.0.1", "port": server.port, **more}},
    }
    path.write_text(yaml.safe_dump(about))
    return path


def static(guide: Guide, command: str, *options: str) -> list[str]:
    """Return the command line of a command on the guide's static lab."""
    return [sys.executable, "-m", "runbook", command, str(guide.directory), "--lab", "static",
            *options]  # fmt: skip


def call(guide: Guide, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the guide's static lab, without a terminal."""
    return run_module(*static(guide, command, *options)[2:])


@behind_ssh
@root
def test_a_guide_runs_on_a_machine_of_the_inventory(tmp_path: Path, server: Server) -> None:
    """A run needs one login; a second run finds all steps proven."""
    guide = Guide(tmp_path, making("one"), making("two"))
    inventory(guide, server)
    before = server.logins()
    done = call(guide, "run", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 steps proven" in done.stdout
    assert (guide.place / "one").exists()
    assert server.logins() == before + 1
    assert "2 steps proven" in call(guide, "run", "--yes").stdout


@behind_ssh
@root
def test_the_confirmation_lists_the_changes_by_machine(tmp_path: Path, server: Server) -> None:
    """It shows the machines with their addresses, and nothing runs without a yes."""
    guide = Guide(tmp_path, making("one"))
    inventory(guide, server)
    argv = static(guide, "run")
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8", dimensions=(50, 200))
    child.expect_exact("[y/N]: ")
    assert child.before is not None
    assert f"box ({server.user}@127.0.0.1 port {server.port}): 1 step" in child.before
    assert "Make one (as root)" in child.before
    assert f"# touch {guide.place}/one" in child.before
    assert "Run this 1 step on these machines?" in child.before
    child.sendline("n")
    child.expect(pexpect.EOF)
    assert list(guide.place.iterdir()) == []
    nobody = call(guide, "run")
    assert nobody.returncode == 3
    assert "this would change these machines; agree to it with --yes" in nobody.stderr


@behind_ssh
@root
def test_check_reports_drift_and_changes_nothing(tmp_path: Path, server: Server) -> None:
    """Each difference from the guide is reported with its host and the line of the guide."""
    guide = Guide(tmp_path, making("one"), making("two"))
    inventory(guide, server)
    (guide.place / "two").touch()
    done = call(guide, "check")
    assert done.returncode == 1
    assert "differs  box" in done.stdout
    assert "one is there" in done.stdout
    assert "1 of 2 checks differs: box is not as the guide says." in done.stdout
    assert [path.name for path in guide.place.iterdir()] == ["two"]


@behind_ssh
def test_a_machine_with_another_host_key_is_not_changed(tmp_path: Path, server: Server) -> None:
    """Host keys are checked; a step that cannot be tried is an error, not a failure."""
    guide = Guide(tmp_path, making("one"))
    make_key(tmp_path / "other")
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {(tmp_path / 'other.pub').read_text()}")
    inventory(guide, server, known_hosts=str(known))
    done = call(guide, "run", "--yes")
    assert done.returncode == 3
    assert "ost key verification failed" in done.stdout
    assert list(guide.place.iterdir()) == []


@behind_ssh
def test_a_reinstalled_machine_is_another_instance(tmp_path: Path, server: Server) -> None:
    """What an earlier run proved applies only to the machine with the host key of that time."""
    guide = Guide(tmp_path)
    known = cluster.load(guide.directory / "lab/cluster.yaml")
    path = inventory(guide, server)
    before = StaticLab(known, path).instance()
    assert before == StaticLab(known, path).instance()
    make_key(tmp_path / "other")
    other = tmp_path / "known_hosts"
    other.write_text(f"[127.0.0.1]:{server.port} {(tmp_path / 'other.pub').read_text()}")
    assert StaticLab(known, inventory(guide, server, known_hosts=str(other))).instance() != before


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("hosts: [", 1, "expected the node content"),
        ("hosts: {}", 1, "hosts: must have at least one host"),
        ("hosts: {pc: {}}", 1, "'pc' is not a host of the guide, which has box"),
        (
            "hosts: {box: {adress: x}}",
            1,
            "hosts: box: unknown key 'adress'; did you mean 'address'?",
        ),
        ("hosts: {box: {port: many}}", 1, "hosts: box: port: must be a whole number"),
        ("hosts: {box: {address: '-oProxyCommand=x'}}", 1, "is not an address"),
        ("hosts: {box: {user: '-x'}}", 1, "is not a user name"),
        ("hosts: {box: {key: /nowhere/key}}", 1, "there is no file /nowhere/key"),
        ("hosts: {box: {}}\nusers: x", 2, "unknown key 'users'; did you mean 'user'?"),
        ("port: 65536\nhosts:\n  box: {}", 1, "port: must be a number from 1 to 65535"),
        ("port: 22\nhosts:\n  box:\n    port: many", 4, "port: must be a whole number"),
        ("key: /nowhere\nhosts:\n  box:", 1, "key: there is no file /nowhere"),
        ("hosts:\n  box: {}\n  box: {}", 3, "the key 'box' is given twice, first on line 2"),
    ],
)
def test_an_invalid_inventory_is_rejected(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    """The error has the file, the line, and the reason."""
    path = tmp_path / "inventory.yaml"
    path.write_text(text)
    guide = Guide(tmp_path)
    known = cluster.load(guide.directory / "lab/cluster.yaml")
    with pytest.raises(RunbookError) as caught:
        StaticLab(known, path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


def test_without_a_cluster_file_the_guide_has_the_hosts_of_the_inventory(tmp_path: Path) -> None:
    """A host without an address is reached by its name."""
    path = tmp_path / "inventory.yaml"
    path.write_text("hosts: {web: {address: 192.0.2.7}, db: }")
    lab = StaticLab(None, path)
    assert [(host.name, host.address) for host in lab.cluster.hosts] == [
        ("web", "192.0.2.7"),
        ("db", "db"),
    ]


def test_the_error_for_a_missing_inventory_explains_it(tmp_path: Path) -> None:
    """An operator who tries --lab static for the first time learns what to write."""
    with pytest.raises(LabError, match="an inventory lists the hosts"):
        StaticLab(None, tmp_path / "inventory.yaml")


def test_an_inventory_is_of_no_use_to_other_labs(tmp_path: Path) -> None:
    """Which is said, and the lab of containers is not taken instead."""
    done = Guide(tmp_path).call("check", "--inventory", str(tmp_path / "inventory.yaml"))
    assert done.returncode == 3
    assert "an inventory is for --lab static, and this is a local lab" in done.stderr
