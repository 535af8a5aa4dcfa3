"""`runbook lab checkpoints` lists what runs have saved, and deletes it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from runbook.commands.labs.lab import delete_checkpoint, open_checkpoints, show_checkpoints
from runbook.errors import RunbookError
from runbook.labs.checkpoint_store import DIRECTORY, write_size
from runbook.labs.container.lab import ContainerLab
from runbook.model import cluster
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

CLUSTER = """
name: listed
network: 10.73.0.0/24
platform: debian12
hosts:
  one: {address: 10.73.0.11}
container: {}
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ContainerLab:
    """A lab that is not up, with two checkpoints."""
    monkeypatch.setenv(DIRECTORY, str(tmp_path / "store"))
    (tmp_path / "lab").mkdir()
    path = tmp_path / cluster.PLACE
    path.write_text(CLUSTER)
    made = ContainerLab(cluster.load(path), path.parent)
    store = made._checkpoints().store
    about = json.dumps({"outcomes": [{"step": "index/first"}, {"step": "index/second"}]})
    for name, text in (("older", ""), ("newer", about)):
        with store.lock(), store.taking(name, text) as directory:
            write_size(directory, 12_345_678)
    return made


def test_checkpoints_are_listed(lab: ContainerLab, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with the last step before it, when it was taken and used, and what it takes."""
    show_checkpoints(lab)
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert [[cell.strip() for cell in line if cell] for line in lines] == [
        ["NAME", "AFTER STEP", "TAKEN", "LAST USED", "SIZE"],
        ["newer", "index/second", "0 s ago", "0 s ago", "12 MB"],
        ["older", "-", "0 s ago", "0 s ago", "12 MB"],
    ]


def test_an_age_is_told_in_its_largest_unit(
    lab: ContainerLab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody wants to read seconds of days."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3 * 86400 + 5)
    show_checkpoints(lab)
    assert capsys.readouterr().out.count("3 d ago") == 4


def test_one_or_all_are_deleted(lab: ContainerLab) -> None:
    """A name that is none is an error that says which there are."""
    with pytest.raises(RunbookError, match="no checkpoint 'other'; there are newer, older"):
        delete_checkpoint(lab, "other")
    delete_checkpoint(lab, "older")
    assert [one.name for one in lab.checkpoints()] == ["newer"]
    delete_checkpoint(lab, "all")
    assert lab.checkpoints() == ()
    delete_checkpoint(lab, "all")


def test_machines_of_somebody_else_have_none(tmp_path: Path) -> None:
    """The command says so."""
    with pytest.raises(RunbookError, match="a local lab has no checkpoints"):
        open_checkpoints(tmp_path, "local")
