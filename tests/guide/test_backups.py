"""The guide's program for backups makes chains that can be restored, and none that cannot."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.engine_backups import BackupsEngine
from tests.support.engine_machines import Machine
from tests.support.engine_program import run_program, written
from tests.support.engine_world import World

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

# In place of ovirt-imageio-client 2.5.1: it writes what it was asked for, and fails if told to.
_CLIENT = """
import os
from pathlib import Path

def download(url, filename, cafile, incremental=False, proxy_url=None, backing_file=None,
             backing_format=None):
    Path(filename).write_text(f"{incremental} {backing_file} {backing_format}")
    if os.environ.get("BREAKS", "no file") in filename:
        raise OSError("the connection is gone")
"""


@pytest.fixture
def engine(world: World) -> BackupsEngine:
    """Give the world an engine with the VM aaa, and start it."""
    made = BackupsEngine(
        machines={"aaa": Machine(disks=["d1"])}, aliases={"d1": "aaa_Disk1", "d2": "aaa_Disk2"}
    )
    world.engine = made
    world.start()
    package = world.directory / "imageio/ovirt_imageio"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "client.py").write_text(_CLIENT)
    return made


def run(
    world: World, directory: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program that the chapter writes, against the stand-in."""
    text = written(world.step("machines/backups/write-the-program-that-backs-up-a-virtual-machine"))
    path = str(world.directory / "imageio")
    return run_program(
        world, text, "aaa", str(directory), *arguments, PYTHONPATH=path, **environment
    )


def held(place: Path) -> dict[str, str]:
    """Return the names of the disks' files, each with what it holds."""
    return {one.name: one.read_text() for one in place.glob("*.qcow2")}


def test_the_second_backup_is_incremental_and_has_the_first_behind_it(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """The configuration of the VM is beside the disks, and every backup was ended."""
    place = tmp_path / "backup"
    first, second = run(world, place), run(world, place)
    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    assert "aaa_Disk1: full backup" in first.stdout
    assert "aaa_Disk1: incremental backup" in second.stdout
    assert (place / "d1.c1.qcow2").read_text() == "False None None"
    assert (place / "d1.c2.qcow2").read_text() == f"True {place / 'd1.c1.qcow2'} qcow2"
    assert (place / "checkpoint").read_text() == "c2\n"
    assert (place / "c2.ovf").read_text() == "<Name>aaa</Name>"
    assert (place / "newest").read_text() == "c2\n"
    assert all(one.over for one in engine.backups.values())
    assert engine.transfers == ["finalize", "finalize"]


def test_a_disk_that_the_last_checkpoint_does_not_have_is_read_in_full(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """It is new, or was replaced."""
    place = tmp_path / "backup"
    assert run(world, place).returncode == 0
    engine.covered = False
    ran = run(world, place)
    assert "aaa_Disk1: full backup" in ran.stdout, ran.stderr
    assert (place / "d1.c2.qcow2").read_text() == "False None None"


def test_a_checkpoint_that_the_engine_has_lost_is_told_with_the_way_out(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """As after a restore of the VM: the file that the message names is removed, and all is well."""
    place = tmp_path / "backup"
    assert run(world, place).returncode == 0
    engine.checkpoints.clear()
    ran = run(world, place)
    assert ran.returncode == 1
    assert "c1 does not exist" in ran.stderr
    assert f"remove {place / 'checkpoint'}" in ran.stderr
    (place / "checkpoint").unlink()
    assert "aaa_Disk1: full backup" in run(world, place).stdout


def test_a_backup_that_breaks_off_is_no_base_of_the_next(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """Its file is gone, its transfer is cancelled, and the backup at the engine is ended."""
    place = tmp_path / "backup"
    assert run(world, place).returncode == 0
    whole = held(place)
    ran = run(world, place, BREAKS="d1")
    assert ran.returncode == 1
    assert "the connection is gone" in ran.stderr
    assert held(place) == whole
    assert (place / "checkpoint").read_text() == "c1\n"
    assert (place / "newest").read_text() == "c1\n"
    assert engine.transfers == ["finalize", "cancel"]
    assert engine.backups["b2"].over


def test_a_chain_without_its_base_is_told(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """Somebody has removed the full backup: an incremental one alone restores nothing."""
    place = tmp_path / "backup"
    assert run(world, place).returncode == 0
    (place / "d1.c1.qcow2").unlink()
    ran = run(world, place)
    assert ran.returncode == 1
    assert "is missing: remove" in ran.stderr
    assert engine.backups["b2"].over
    assert (place / "checkpoint").read_text() == "c1\n"


def test_a_backup_that_breaks_off_at_its_second_disk_leaves_nothing_of_the_first(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """Half a backup would look like the newest one; the next run deletes its checkpoint."""
    place = tmp_path / "backup"
    engine.machines["aaa"].disks.append("d2")
    assert run(world, place).returncode == 0
    whole = held(place)
    assert sorted(whole) == ["d1.c1.qcow2", "d2.c1.qcow2"]
    assert run(world, place, BREAKS="d2").returncode == 1
    assert held(place) == whole
    assert engine.checkpoints == ["c1", "c2"]
    ran = run(world, place)
    assert "aaa_Disk2: incremental backup" in ran.stdout, ran.stderr
    assert (place / "d2.c3.qcow2").read_text() == f"True {place / 'd2.c1.qcow2'} qcow2"
    assert engine.checkpoints == ["c3"]


def test_raw_disks_get_a_full_backup_each_time_and_no_file_is_written_twice(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """The engine makes no checkpoint of them: nothing may be named by it, or begin at it."""
    place = tmp_path / "backup"
    engine.raw = {"d1"}
    for number in (1, 2, 3):
        ran = run(world, place)
        assert ran.returncode == 0, ran.stderr
        assert "aaa_Disk1: full backup" in ran.stdout
        assert len(held(place)) == number
        newest = (place / "newest").read_text().strip()
        assert (place / f"d1.{newest}.qcow2").exists()
        assert (place / f"{newest}.ovf").exists()
    assert engine.checkpoints == []
    assert not (place / "checkpoint").exists()
    whole = held(place)
    assert run(world, place, BREAKS="d1").returncode == 1
    assert held(place) == whole


def test_a_raw_disk_is_read_in_full_and_one_beside_it_incrementally(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """From cluster level 4.5 on the engine chooses for each disk."""
    place = tmp_path / "backup"
    assert run(world, place).returncode == 0
    engine.machines["aaa"].disks.append("d2")
    engine.raw = {"d2"}
    for _ in range(2):
        ran = run(world, place)
        assert "aaa_Disk1: incremental backup\naaa_Disk2: full backup" in ran.stdout, ran.stderr
    assert engine.checkpoints == ["c3"]


def test_a_disk_that_has_become_raw_ends_the_chain(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """Its last checkpoint is deleted, and no file names it as the base of the next one."""
    place = tmp_path / "backup"
    assert run(world, place).returncode == 0
    engine.raw = {"d1"}
    ran = run(world, place)
    assert "aaa_Disk1: full backup" in ran.stdout, ran.stderr
    assert not (place / "checkpoint").exists()
    assert engine.checkpoints == []


def test_only_the_last_checkpoint_stays_and_those_of_other_programs(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """Also when a new chain is begun, and although the engine still locks the VM for a moment."""
    place = tmp_path / "backup"
    engine.checkpoints = ["of-a-vendor"]
    for last in ("c1", "c2", "c3"):
        engine.locked = 2
        assert run(world, place).returncode == 0
        assert engine.checkpoints == ["of-a-vendor", last]
    (place / "checkpoint").unlink()
    assert "aaa_Disk1: full backup" in run(world, place).stdout
    assert engine.checkpoints == ["of-a-vendor", "c4"]


def test_a_checkpoint_that_cannot_be_deleted_is_told_and_tried_again(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """The backup is complete all the same; one that somebody has deleted is no trouble."""
    place = tmp_path / "backup"
    assert run(world, place).returncode == 0
    engine.locked = 1000
    ran = run(world, place)
    assert ran.returncode == 0
    assert "the checkpoint c1 stays for now" in ran.stderr
    assert "aaa is backed up" in ran.stdout
    assert engine.checkpoints == ["c1", "c2"]
    engine.locked = 0
    engine.checkpoints.remove("c1")
    ran = run(world, place)
    assert ran.returncode == 0
    assert "stays" not in ran.stderr
    assert engine.checkpoints == ["c3"]


def test_the_checkpoints_are_deleted_before_the_backups_are(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """Red before, green after; what is refused is told, so that the backups stay."""
    place = tmp_path / "backup"
    remove = "machines/backups/remove-the-program-and-the-backups"
    assert run(world, place).returncode == 0
    assert not world.ask(remove, 1).held
    engine.locked = 1000
    ran = run(world, place, "forget")
    assert ran.returncode == 1
    assert "aaa still has checkpoints" in ran.stderr
    engine.locked = 0
    ran = run(world, place, "forget")
    assert "aaa has no checkpoint of these backups any more" in ran.stdout, ran.stderr
    assert ran.returncode == 0
    assert engine.checkpoints == []
    assert world.ask(remove, 1).held
    assert "aaa_Disk1: full backup" in run(world, place).stdout


def test_the_newest_complete_backup_is_what_is_restored(
    world: World, engine: BackupsEngine, tmp_path: Path
) -> None:
    """Of raw disks, too: the command of the guide finds one file."""
    place = tmp_path / "backup"
    step = world.step("machines/backups/restore-aaa-under-another-name")
    typed = next(text for one in step.actions if (text := getattr(one, "text", "")))
    command = re.search(r"\$\((ls .*)\)", typed)
    assert command, typed
    for raw, name in ((set(), "d1.c1.qcow2"), ({"d1"}, "d1.b2.qcow2")):
        engine.raw = raw
        assert run(world, place).returncode == 0
        found = command[1].replace("/srv/backup/aaa", str(place))
        listed = subprocess.run(["bash", "-c", found], capture_output=True, text=True, check=True)
        assert listed.stdout.split() == [str(place / name)]
