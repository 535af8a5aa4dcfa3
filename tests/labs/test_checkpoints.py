"""Hosts are saved as checkpoints, and brought back from them."""

from __future__ import annotations

import mmap
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.labs import LabError, Origin, SupportsCheckpoints, SupportsPartialRestore
from runbook.labs.checkpoint_store import COUNT, DIRECTORY
from runbook.labs.container import checkpoints
from runbook.labs.container.engine import available_engines
from runbook.labs.container.host_files import Mapped, mapped_files
from runbook.labs.container.lab import ContainerLab
from runbook.labs.container.snapshots import data_volume
from runbook.model import cluster
from tests.support.lab_shell import on
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

CLUSTER = """
name: checked
network: 10.74.0.0/24
platform: debian12
hosts:
  one: {address: 10.74.0.11}
  two: {address: 10.74.0.12}
container:
  data: /bricks
"""


def quiet(line: str) -> None:
    """Say nothing of a lab's progress."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store of these tests, so that those of this machine's labs stay."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("store")
        patch.setenv(DIRECTORY, str(root))
        yield root


def described(directory: Path) -> ContainerLab:
    """Return a lab of two hosts that is not up."""
    path = directory / "cluster.yaml"
    path.write_text(CLUSTER)
    return ContainerLab(cluster.load(path), directory)


@pytest.fixture(scope="module")
def lab(
    store: Path,  # noqa: ARG001  # before the lab
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ContainerLab]:
    """A lab of two hosts that is up."""
    made = described(tmp_path_factory.mktemp("lab"))
    try:
        made.up(quiet)
        yield made
    finally:
        made.down(quiet)


def container(lab: ContainerLab, host: str) -> str:
    """Return the identifier of a host's container."""
    name = lab.container_name(host)
    return str(next(available_engines()).inspect([name])[name]["Id"])


def test_hosts_go_on_while_and_after_they_are_saved(lab: ContainerLab) -> None:
    """What runs on them is not ended, and nothing of them changes."""
    assert isinstance(lab, SupportsCheckpoints)
    on(lab, "one", "echo 1 >/root/file; echo 1 >/bricks/file; echo 1 >/tmp/file; mkdir /tmp/empty")
    on(lab, "one", "ln /root/file /root/same; setfattr -n trusted.x -v y /bricks/file || :")
    on(lab, "one", "mkfifo /root/pipe; rm /etc/issue; truncate -s 1G /root/sparse")
    on(lab, "one", "systemd-run --unit=busy sleep infinity")
    instance = lab.instance()
    lab.take_checkpoint("first", "what was done", quiet)
    assert on(lab, "one", "systemctl is-active busy") == "active"
    assert lab.instance() == instance
    assert lab.origin() == (Origin.FRESH, "")
    (one,) = lab.checkpoints()
    assert (one.name, one.about) == ("first", "what was done")
    assert 0 < one.size < 10_000_000


def test_hosts_are_restored_in_place(lab: ContainerLab) -> None:
    """Files, data and /tmp are as they were, in the same containers; processes start anew."""
    before = container(lab, "one"), lab.instance()
    on(lab, "one", "echo 2 >>/root/same; echo 2 >/bricks/file; rm /tmp/file; touch /etc/issue")
    on(lab, "one", "rm /root/pipe; mkdir /root/pipe; touch /root/pipe/new /bricks/new")
    on(lab, "two", "touch /root/new; rm -r /usr/share/doc")
    lab.restore_checkpoint("first", quiet)
    assert on(lab, "one", "cat /root/file /bricks/file /tmp/file") == "1\n1\n1"
    assert on(lab, "one", "ls /bricks; ls -d /tmp/empty; ls /etc/issue 2>&1 || :").split("\n") == [
        "file",
        "/tmp/empty",
        "ls: cannot access '/etc/issue': No such file or directory",
    ]
    assert on(lab, "one", "stat -c %h /root/file; test -p /root/pipe && echo pipe") == "2\npipe"
    assert on(lab, "one", "stat -c '%s %b' /root/sparse") == "1073741824 0"
    assert on(lab, "one", "systemctl is-active busy || :") == "inactive"
    assert on(lab, "two", "ls /root; ls -d /usr/share/doc") == "/usr/share/doc"
    assert on(lab, "two", "(exec 3<>/dev/tcp/10.74.0.11/9) 2>&1 | grep -qw refused; echo $?") == "0"
    assert container(lab, "one") == before[0]
    assert lab.instance() != before[1]
    assert lab.origin() == (Origin.CHECKPOINT, "first")


def test_only_what_changed_is_copied_again(lab: ContainerLab) -> None:
    """Another checkpoint of the same hosts takes no more than the difference."""
    on(lab, "one", "echo 2 >>/root/file")
    lab.take_checkpoint("second", "", quiet)
    sizes = {one.name: one.size for one in lab.checkpoints()}
    assert sizes["second"] < sizes["first"]
    # A file that is modified in place is not modified in the checkpoints.
    on(lab, "one", "echo 3 >>/root/file")
    for name, content in (("first", "1"), ("second", "1\n2"), ("first", "1")):
        lab.restore_checkpoint(name, quiet)
        assert on(lab, "one", "cat /root/same") == content


def test_a_file_that_is_written_through_memory_is_not_missed(lab: ContainerLab) -> None:
    """Such a write leaves no trace in the file's times."""
    on(lab, "one", "printf 1111 >/bricks/mapped")
    volume = data_volume(next(available_engines()).inspect(
        [lab.container_name("one")])[lab.container_name("one")])  # fmt: skip
    assert volume is not None
    with (volume / "mapped").open("r+b") as file, mmap.mmap(file.fileno(), 4) as memory:
        memory[0:1] = b"2"
        lab.take_checkpoint("mapped", "", quiet)
        memory[1:2] = b"3"
        lab.take_checkpoint("mapped-again", "", quiet)
    on(lab, "one", "rm /bricks/mapped")
    for name, content in (("mapped", "2111"), ("mapped-again", "2311")):
        lab.restore_checkpoint(name, quiet)
        assert on(lab, "one", "cat /bricks/mapped") == content


def test_hosts_are_made_anew(lab: ContainerLab) -> None:
    """Nothing of what was done on them is left, and they are fresh."""
    before = lab.instance()
    lab.renew(quiet)
    assert lab.origin() == (Origin.FRESH, "")
    assert lab.instance() != before
    assert on(lab, "one", "ls /root /bricks /tmp; systemctl is-system-running").endswith("running")
    assert on(lab, "one", "ls /root/file 2>&1 || :").startswith("ls: cannot access")


def test_new_hosts_of_any_lab_of_the_recipe_are_brought_there(
    lab: ContainerLab, tmp_path: Path
) -> None:
    """A checkpoint outlives the containers, and another directory's lab uses it."""
    other = described(tmp_path)
    try:
        other.restore_checkpoint("first", quiet)
        assert on(other, "one", "cat /root/same /bricks/file /tmp/file") == "1\n1\n1"
        assert on(other, "one", "hostname; systemctl is-system-running") == "one\nrunning"
        other.down(quiet)
        assert "first" in {one.name for one in other.checkpoints()}
    finally:
        other.down(quiet)
    lab.restore_checkpoint("first", quiet)
    assert on(lab, "one", "cat /root/same /bricks/file /tmp/file; stat -c %h /root/file") == (
        "1\n1\n1\n2"
    )


def test_a_host_that_dies_meanwhile_is_named(
    lab: ContainerLab, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left of the checkpoint, and the other hosts go on."""
    engine = next(available_engines())

    def die() -> Mapped:
        engine.call("unpause", lab.container_name("one"))
        engine.stop(lab.container_name("one"))
        return mapped_files()

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "mapped_files", die)
        with pytest.raises(LabError, match="one: its container is exited"):
            lab.take_checkpoint("dead", "", quiet)
    assert "dead" not in {one.name for one in lab.checkpoints()}
    assert [path.name for path in store.iterdir()] == ["kept"]
    assert on(lab, "two", "hostname") == "two"
    with pytest.raises(LabError, match="one: its container is exited; `runbook lab up` starts it"):
        lab.take_checkpoint("dead", "", quiet)
    lab.up(quiet)


def test_a_host_that_does_not_come_back_is_named(lab: ContainerLab) -> None:
    """The lab is then nothing that a run knows, and can be made anew."""
    on(lab, "two", "mv /usr/lib/systemd/systemd /usr/lib/systemd/gone")
    lab.take_checkpoint("broken", "", quiet)
    with pytest.raises(LabError, match="two: "):
        lab.restore_checkpoint("broken", quiet)
    assert lab.origin() == (Origin.MIXED, "")
    lab.delete_checkpoint("broken")
    lab.renew(quiet)
    assert lab.origin() == (Origin.FRESH, "")


def test_a_full_disk_harms_no_host(lab: ContainerLab, tmp_path: Path) -> None:
    """The checkpoint is given up, and nothing is left of it."""
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=30", "none", small], check=True)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(DIRECTORY, str(small))
            with pytest.raises(LabError, match="No space left on device"):
                lab.take_checkpoint("full", "", quiet)
            assert lab.checkpoints() == ()
            assert [path.name for path in small.rglob("*")] == ["kept"]
    finally:
        subprocess.run(["umount", small], check=True)
    assert on(lab, "one", "hostname") == "one"


def test_some_hosts_are_restored_while_the_others_are_off(lab: ContainerLab) -> None:
    """Together they are nothing that a run knows, until all are brought back."""
    assert isinstance(lab, SupportsPartialRestore)
    on(lab, "one", "echo 3 >/root/file")
    on(lab, "two", "touch /root/new")
    lab.restore_hosts("first", {"one": ()}, quiet)
    assert on(lab, "one", "cat /root/file") == "1"
    assert [one.state for one in lab.status()] == ["running", "stopped"]
    assert lab.origin() == (Origin.MIXED, "")
    lab.restore_hosts("first", {"two": ()}, quiet)
    assert on(lab, "two", "ls /root") == ""
    assert [one.state for one in lab.status()] == ["stopped", "running"]
    lab.restore_checkpoint("first", quiet)
    assert on(lab, "one", "(exec 3<>/dev/tcp/10.74.0.12/9) 2>&1 | grep -qw refused; echo $?") == "0"
    assert lab.origin() == (Origin.CHECKPOINT, "first")


def test_some_hosts_are_saved_while_the_others_are_as_they_were(lab: ContainerLab) -> None:
    """What the others have is what the checkpoint had that the hosts were brought back to."""
    assert isinstance(lab, SupportsPartialRestore)
    lab.restore_checkpoint("first", quiet)
    on(lab, "two", "echo lost >/root/new")
    lab.restore_hosts("first", {"one": ()}, quiet)
    on(lab, "one", "echo 4 >/root/file")
    lab.save_hosts("part", "about it", ["one"], "first")
    assert [(one.name, one.about) for one in lab.checkpoints()][:1] == [("part", "about it")]
    on(lab, "one", "echo 5 >/root/file")
    lab.restore_checkpoint("part", quiet)
    assert on(lab, "one", "cat /root/file") == "4"
    assert on(lab, "two", "ls /root; hostname") == "two"
    lab.restore_hosts("part", {"two": ()}, quiet)
    assert on(lab, "two", "hostname") == "two"
    lab.delete_checkpoint("part")
    with pytest.raises(LabError, match="there is no checkpoint 'none'"):
        lab.save_hosts("part", "", ["two"], "none")
    lab.restore_checkpoint("first", quiet)
    assert on(lab, "one", "cat /root/file") == "1"


def test_the_least_used_make_place(lab: ContainerLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more are kept than the operator wants."""
    monkeypatch.setenv(COUNT, "2")
    lab.restore_checkpoint("first", quiet)
    lab.take_checkpoint("third", "", quiet)
    assert [one.name for one in lab.checkpoints()] == ["third", "first"]
    for name in ("third", "first", "none"):
        lab.delete_checkpoint(name)
    assert lab.checkpoints() == ()
    with pytest.raises(LabError, match="there is no checkpoint 'first'"):
        lab.restore_checkpoint("first", quiet)
    # What the hosts are is not changed by that.
    assert lab.origin() == (Origin.CHECKPOINT, "first")
