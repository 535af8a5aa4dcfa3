"""The guide's programs for virtual machines do what its checks ask for, and no less."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.engine_machines import Machine, MachinesEngine
from tests.support.engine_program import run_program, written
from tests.support.engine_world import World

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

CREATING, OPERATING = "machines/creating/", "machines/operating/"
TEMPLATE = CREATING + "make-a-template-of-the-cloud-image"
FROM_TEMPLATE = CREATING + "make-the-virtual-machines-aaa-and-bbb-from-the-template"
FROM_ISO = CREATING + "make-the-virtual-machine-ccc-from-the-iso-image"
UPLOAD = CREATING + "upload-the-images-to-the-data-domain"
SNAPSHOT = OPERATING + "take-a-snapshot-of-aaa"
MERGE = OPERATING + "merge-the-snapshot-while-the-vm-runs"


@pytest.fixture
def engine(world: World) -> MachinesEngine:
    """Give the engine of the world the images of the guide, and start it."""
    made = MachinesEngine(disks={"centos9-cloud": ("ok", "data"), "centos9-dvd": ("ok", "iso")})
    # A likeness, which a search finds as well.
    made.machines["aaa-old"] = Machine("down", "", "", "Blank", [], ["aaa-old-disk"])
    world.engine = made
    world.start()
    return made


def run(world: World, chapter: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program of a chapter against the stand-in."""
    (step,) = (
        one for one in world.guide.steps() if one.id.startswith(f"{chapter}write-the-program")
    )
    key = world.directory / "key.pub"
    key.write_text("ssh-ed25519 AAAA root@engine\n")
    text = written(step).replace("/root/.ssh/id_ed25519.pub", str(key))
    text = re.sub(r"minutes \* 60", "minutes * 0.2", text)
    return run_program(world, text, *arguments)


def test_the_program_makes_a_template_and_thin_virtual_machines(
    world: World, engine: MachinesEngine
) -> None:
    """Red before, green after; a second time it makes nothing."""
    assert not world.ask(TEMPLATE).held
    assert not world.ask(FROM_TEMPLATE).held
    for _ in range(2):
        ran = run(world, CREATING, "template", "centos9-cloud", "centos9")
        assert (ran.returncode, ran.stdout.strip()) == (0, "the template centos9 is ready"), (
            ran.stderr
        )
    assert world.ask(TEMPLATE).held
    assert "centos9-source" not in engine.machines
    assert "centos9-cloud" in engine.disks
    assert any("seal=true" in path for path in engine.asked)
    for _ in range(2):
        ran = run(world, CREATING, "from-template", "centos9", "aaa", "bbb")
        assert (ran.returncode, ran.stdout.split("\n")[:2]) == (0, ["aaa is up", "bbb is up"]), (
            ran.stderr
        )
    assert world.ask(FROM_TEMPLATE, 0).held
    assert world.ask(FROM_TEMPLATE, 1).held
    assert engine.machines["aaa"].template == "centos9"


def test_each_disk_of_a_virtual_machine_has_a_name_of_its_own(
    world: World, engine: MachinesEngine
) -> None:
    """The engine gives it that of the template's disk; later chapters show that of the portal."""
    assert run(world, CREATING, "template", "centos9-cloud", "centos9").returncode == 0
    assert engine.alias("centos9-disk") == "centos9-cloud"
    ran = run(world, CREATING, "from-template", "centos9", "aaa", "bbb")
    assert ran.returncode == 0, ran.stderr
    names = [engine.alias(disk) for vm in ("aaa", "bbb") for disk in engine.machines[vm].disks]
    assert names == ["aaa_Disk1", "bbb_Disk1"]


def test_the_program_makes_a_virtual_machine_that_starts_from_a_cd(
    world: World, engine: MachinesEngine
) -> None:
    """Its drive has the image, and its disk is new."""
    assert not world.ask(FROM_ISO).held
    ran = run(world, CREATING, "from-iso", "centos9-dvd", "ccc")
    assert ran.returncode == 0, ran.stderr
    assert world.ask(FROM_ISO).held
    assert engine.machines["ccc"].disks == ["ccc_disk1"]


def test_the_program_removes_all_of_it(world: World, engine: MachinesEngine) -> None:
    """What has another name stays."""
    remove = CREATING + "remove-the-virtual-machines-the-template-and-the-images"
    for arguments in (
        ("template", "centos9-cloud", "centos9"),
        ("from-template", "centos9", "aaa", "bbb"),
        ("from-iso", "centos9-dvd", "ccc"),
    ):
        assert run(world, CREATING, *arguments).returncode == 0
    assert not world.ask(remove).held
    names = ("aaa", "bbb", "ccc", "centos9", "centos9-cloud", "centos9-dvd")
    ran = run(world, CREATING, "remove", *names)
    assert (ran.returncode, ran.stdout.split()[::3]) == (0, list(names)), ran.stderr
    assert world.ask(remove).held
    assert list(engine.machines) == ["aaa-old"]
    assert engine.disks == {}


def test_an_image_that_was_not_uploaded_is_told(world: World, engine: MachinesEngine) -> None:
    """The program names it, and makes nothing."""
    ran = run(world, CREATING, "template", "centos10-cloud", "centos10")
    assert ran.returncode == 1
    assert "there is no disk centos10-cloud" in ran.stderr
    assert engine.templates == {}


@pytest.mark.parametrize(
    ("disk", "status"),
    [
        ("centos9-cloud", ("locked", "data")),
        ("centos9-cloud", ("illegal", "data")),
        ("centos9-dvd", ("ok", "data")),
    ],
)
def test_an_upload_that_failed_is_red(
    world: World, engine: MachinesEngine, disk: str, status: tuple[str, str]
) -> None:
    """A disk that is locked or illegal, and an ISO image that was taken for a disk."""
    assert world.ask(UPLOAD).held
    engine.disks[disk] = status
    result = world.ask(UPLOAD)
    assert not result.held
    assert disk in result.detail


@pytest.mark.parametrize("status", ["down", "paused", "image_locked", "not_responding", "unknown"])
def test_a_virtual_machine_that_is_not_up_is_red(
    world: World, engine: MachinesEngine, status: str
) -> None:
    """One of two is enough, and the message names it."""
    engine.machines["aaa"] = Machine(fqdn="aaa.example.com")
    engine.machines["bbb"] = Machine(status, fqdn="bbb.example.com")
    result = world.ask(FROM_TEMPLATE)
    assert not result.held
    assert f"the virtual machine bbb is {status}" in result.detail


def test_a_guest_with_the_name_of_its_template_is_red(world: World, engine: MachinesEngine) -> None:
    """cloud-init has not run, or nobody has told it a name."""
    engine.machines["aaa"] = Machine(fqdn="aaa.example.com")
    engine.machines["bbb"] = Machine(fqdn="localhost.localdomain")
    assert not world.ask(FROM_TEMPLATE, 1).held


@pytest.mark.parametrize("cd", ["", "centos9-cloud"])
def test_another_image_in_the_drive_is_red(world: World, engine: MachinesEngine, cd: str) -> None:
    """The VM runs, and starts from something else."""
    engine.machines["ccc"] = Machine("powering_up", cd=cd)
    assert not world.ask(FROM_ISO).held


def test_a_snapshot_is_taken_and_merged(world: World, engine: MachinesEngine) -> None:
    """Each step's check is red before and green after."""
    engine.machines["aaa"] = Machine(disks=["aaa-disk"])
    assert not world.ask(SNAPSHOT).held
    for _ in range(2):
        ran = run(world, OPERATING, "snapshot", "aaa", "before-update")
        assert ran.returncode == 0, ran.stderr
    assert engine.machines["aaa"].snapshots == ["before-update"]
    assert world.ask(SNAPSHOT).held
    assert not world.ask(MERGE).held
    assert run(world, OPERATING, "merge", "aaa", "before-update").returncode == 0
    assert world.ask(MERGE).held


def test_a_merge_that_fails_is_told(world: World, engine: MachinesEngine) -> None:
    """At once, and the snapshot is still there to be merged again."""
    engine.machines["aaa"] = Machine(disks=["aaa-disk"], snapshots=["before-update"])
    engine.merges = False
    ran = run(world, OPERATING, "merge", "aaa", "before-update")
    assert ran.returncode == 1
    assert "the merge failed" in ran.stderr
    engine.merges = True
    assert run(world, OPERATING, "merge", "aaa", "before-update").returncode == 0


def test_a_snapshot_or_a_merge_that_is_not_whole_is_red(
    world: World, engine: MachinesEngine
) -> None:
    """A locked snapshot, an illegal disk, and a VM that is paused."""
    engine.machines["aaa"] = Machine(disks=["aaa-disk"], snapshots=["before-update"])
    engine.snapshot_status = "locked"
    assert not world.ask(SNAPSHOT).held
    engine.machines["aaa"].snapshots.clear()
    engine.disks["aaa-disk"] = ("illegal", "data")
    assert not world.ask(MERGE).held
    engine.disks["aaa-disk"] = ("ok", "data")
    assert world.ask(MERGE).held
    engine.machines["aaa"].status = "paused"
    assert not world.ask(MERGE).held


def test_a_virtual_machine_moves_and_a_host_becomes_empty(
    world: World, engine: MachinesEngine
) -> None:
    """And the host is activated again."""
    engine.machines["aaa"] = Machine(disks=["aaa-disk"])
    ran = run(world, OPERATING, "migrate", "aaa", "gs3")
    assert (ran.returncode, engine.machines["aaa"].host) == (0, "gs3"), ran.stderr
    assert world.functions()["vm_host"]("aaa") == "gs3"
    assert run(world, OPERATING, "migrate", "aaa", "gs2").returncode == 0
    assert run(world, OPERATING, "maintain", "gs2").stdout.strip().endswith("gs2 is maintenance")
    activate = OPERATING + "activate-gs2-again"
    assert not world.ask(activate).held
    assert run(world, OPERATING, "activate", "gs2").returncode == 0
    assert world.ask(activate).held


def test_a_migration_that_fails_is_told(world: World, engine: MachinesEngine) -> None:
    """The VM is up, but where it was."""
    engine.machines["aaa"] = Machine()
    engine.moves = False
    ran = run(world, OPERATING, "migrate", "aaa", "gs3")
    assert ran.returncode == 1
    assert "aaa did not move" in ran.stderr
