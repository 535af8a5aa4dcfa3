"""The guide's program for backups makes chains that can be restored, and none that cannot."""

from __future__ import annotations

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
    if "BREAKS" in os.environ:
        raise OSError("the connection is gone")
"""


@pytest.fixture
def engine(world: World) -> BackupsEngine:
    """Give the world an engine with the VM aaa, and start it."""
    made = BackupsEngine(machines={"aaa": Machine(disks=["d1"])})
    world.engine = made
    world.start()
    package = world.directory / "imageio/ovirt_imageio"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "client.py").write_text(_CLIENT)
    return made


def run(world: World, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program that the chapter writes, against the stand-in."""
    text = written(world.step("machines/backups/write-the-program-that-backs-up-a-virtual-machine"))
    path = str(world.directory / "imageio")
    return run_program(world, text, "aaa", str(directory), PYTHONPATH=path, **environment)


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
    assert {one.phase for one in engine.backups.values()} == {"succeeded"}
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
    ran = run(world, place, BREAKS="yes")
    assert ran.returncode == 1
    assert "the connection is gone" in ran.stderr
    assert not (place / "d1.c2.qcow2").exists()
    assert (place / "checkpoint").read_text() == "c1\n"
    assert engine.transfers == ["finalize", "cancel"]
    assert engine.backups["b2"].phase == "succeeded"


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
    assert engine.backups["b2"].phase == "succeeded"
    assert (place / "checkpoint").read_text() == "c1\n"
