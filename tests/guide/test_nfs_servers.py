"""One NFS server on a host of Enterprise Linux 6: that of GlusterFS, which needs rpcbind first."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from runbook.model import Command, Runbook, Step

EL6 = "-on-enterprise-linux-6"
MAKE = "storage/nfs/share-directories-from-enterprise-linux-6"
WRITE = f"storage/nfs/write-to-the-shared-directories-from-another-host{EL6}"
REMOVE = f"storage/nfs/remove-the-empty-directories-from-the-volume{EL6}"
NAMES = ["export", "hosted_engine", "iso"]


def commands(guide: Runbook, step: str) -> list[str]:
    """Return what a step types."""
    (found,) = (one for one in guide.steps() if one.id == step)
    return [action.text for action in found.actions if isinstance(action, Command)]


def on_el6(guide: Runbook) -> list[Step]:
    """Return the steps for Enterprise Linux 6."""
    return [one for one in guide.steps() if "el6" in one.platforms]


def run(script: str, root: Path) -> str:
    """Run commands of the guide with /mnt, /bricks and /root in a directory."""
    (root / "root").mkdir(exist_ok=True)
    moved = re.sub(r"(?<![\w$])/(?=mnt/|bricks/|root/)", f"{root}/", script)
    pretend = f"""
        mount() {{ [ ! -e "{root}/away" ] && ln -sfn "{root}/bricks/data/brick/${{5##*/}}" "$6"; }}
        umount() {{ rm "$1" 2>/dev/null; }}
        python() {{
            case "$2" in *"os.setuid(36);"*) python3 -c "${{2//os.set[gu]id(36);/}}" ;; esac
        }}
        stat() {{ test -e "$3" && echo "${{2%% *}} 36"; }}
    """
    done = subprocess.run(
        ["bash", "-c", pretend + moved], capture_output=True, text=True, check=True, cwd=root
    )
    return done.stdout


def test_no_step_starts_the_kernels_server(ovirt_guide: Runbook) -> None:
    """GlusterFS has its port, and its entries of rpcbind."""
    started = re.compile(r"service nfs (re)?start|chkconfig nfs on|/etc/exports|exportfs")
    for step in on_el6(ovirt_guide):
        typed = [one.text for one in step.actions if isinstance(one, Command)]
        assert [one for one in typed if started.search(one)] == [], step.id


def test_rpcbind_runs_before_the_first_volume_is_started(ovirt_guide: Runbook) -> None:
    """Else the NFS server of GlusterFS cannot register its programs."""
    steps = [step.id for step in on_el6(ovirt_guide)]
    install = f"storage/gluster/install-glusterfs{EL6}"
    typed = commands(ovirt_guide, install)
    assert typed.index("service rpcbind start") < typed.index("service glusterd start")
    look = f"storage/gluster/look-at-the-nfs-server-of-glusterfs{EL6}"
    order = [install, "storage/gluster/start-the-volume", look, MAKE, WRITE]
    assert [one for one in steps if one in order] == order


def bricks(root: Path) -> Path:
    """Make the three directories of a brick."""
    for name in NAMES:
        (root / "bricks/data/brick" / name).mkdir(parents=True)
    return root / "bricks/data/brick"


@pytest.mark.parametrize("away", [False, True])
def test_writing_shows_the_three_directories(
    ovirt_guide: Runbook, tmp_path: Path, away: bool
) -> None:
    """A file is written to each and removed; nothing is shown where nothing can be mounted."""
    brick = bricks(tmp_path)
    (tmp_path / "mnt").mkdir()
    if away:
        (tmp_path / "away").touch()
    said = run(commands(ovirt_guide, WRITE)[-1], tmp_path)
    assert said.splitlines() == ([] if away else ["hosted_engine 36", "iso 36", "export 36"])
    assert (tmp_path / "root/nfs-test").read_text() == said
    assert not any(one.name == "probe" for one in brick.rglob("*"))


def test_a_directory_with_a_domain_stays(ovirt_guide: Runbook, tmp_path: Path) -> None:
    """Empty ones go; one that is away already is no error."""
    volume = tmp_path / "mnt/volume"
    (volume / "iso/1/dom_md").mkdir(parents=True)
    (volume / "export").mkdir()
    (loop,) = (one for one in commands(ovirt_guide, REMOVE) if one.startswith("for "))
    run(loop, tmp_path)
    assert [one.name for one in volume.iterdir()] == ["iso"]
    assert (volume / "iso/1/dom_md").is_dir()
