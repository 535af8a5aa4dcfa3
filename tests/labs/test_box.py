"""The boxes that virtual machines start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.labs.vagrant import box, command, saved_state
from runbook.labs.vagrant.box import Box
from runbook.labs.vagrant.saved_state import SavedState
from runbook.model import Cluster, Host

HOSTS = (Host("one", "10.0.0.1", platform="debian12"), Host("el", "10.0.0.2", platform="el9"))


def test_a_box_is_identified_by_all_that_goes_into_it() -> None:
    """Another package makes another box, so machines that depend on the old one keep it."""
    one, other = Box("debian12"), Box("debian12", ("lvm2",))
    assert one.digest != other.digest
    assert one.directory != other.directory
    argv = box.bootstrap_argv(other, ('Acquire::x "y";',), Path("/t"))
    assert any("linux-image-cloud-amd64" in word and ",lvm2" in word for word in argv)
    assert '--aptopt=Acquire::x "y";' in argv
    assert argv[-2:] == ["bookworm", "/t/tree"]


def test_boxes_are_built_for_debian_hosts_only() -> None:
    """Other platforms have public boxes."""
    cluster = Cluster("c", "10.0.0.0/24", HOSTS)
    assert box.boxes(cluster, ("lvm2",)) == {"debian12": Box("debian12", ("lvm2",))}


def test_boxes_that_other_labs_depend_on_are_not_pruned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are Vagrant's copies of them, because saved machines boot the kernel in it."""
    monkeypatch.setattr(saved_state, "SAVED_STATES", tmp_path / "machines")
    monkeypatch.setattr(box, "BOXES", tmp_path / "boxes")
    monkeypatch.setattr(command, "VAGRANT_HOME", tmp_path / "vagrant")
    added = tmp_path / "vagrant/boxes"
    for one in ("debian12-1", "debian12-2"):
        (tmp_path / "boxes" / one).mkdir(parents=True)
        (added / f"runbook-VAGRANTSLASH-{one}").mkdir(parents=True)
    (added / "almalinux-VAGRANTSLASH-9").mkdir()
    kernel = added / "runbook-VAGRANTSLASH-debian12-1/1.0.0/libvirt/vmlinuz"
    description = tmp_path / "machines/lab-ab/recipe/gs1.xml"
    description.parent.mkdir(parents=True)
    description.write_text(f"<domain><os><kernel>{kernel}</kernel></os></domain>")
    used = SavedState.used_boxes()
    box.prune(used)
    command.prune_boxes(used)
    assert [path.name for path in (tmp_path / "boxes").iterdir()] == ["debian12-1"]
    assert sorted(path.name for path in added.iterdir()) == [
        "almalinux-VAGRANTSLASH-9",
        "runbook-VAGRANTSLASH-debian12-1",
    ]
