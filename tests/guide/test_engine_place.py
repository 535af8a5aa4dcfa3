"""One choice says where the engine runs; its name, its address and the hosts follow from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.commands.labs.lab import open_lab
from runbook.model import Runbook
from runbook.model.cluster import PLACE, load
from runbook.model.node import YamlError
from tests.support.paths import ROOT


@pytest.mark.parametrize("where", ["standalone", "hosted"])
def test_the_engine_has_the_same_name_and_address_wherever_it_runs(where: str) -> None:
    """So the chapters after the deployment are the same."""
    cluster = open_lab(ROOT, "container", chosen={"engine": where}).cluster
    assert cluster.values["engine-fqdn"] == "engine.example.com"
    assert [host.address for host in cluster.select(("engine",))] == [
        cluster.values["engine-address"]
    ]


def test_preparation_leaves_out_an_engine_that_is_not_there_yet() -> None:
    """The deployment makes the virtual machine; a server of its own is prepared like the others."""
    hosts = {
        where: {
            host.name
            for host in open_lab(ROOT, "container", chosen={"engine": where}).cluster.select(
                ("all",)
            )
        }
        for where in ("standalone", "hosted")
    }
    assert hosts["standalone"] - hosts["hosted"] == {"engine"}
    assert len(hosts["hosted"]) == 4


@pytest.mark.parametrize("name", ["engine-fqdn", "engine-address"])
def test_a_second_truth_about_the_engine_is_refused(tmp_path: Path, name: str) -> None:
    """A name or an address that contradicts the host cannot be written."""
    text = (ROOT / PLACE).read_text(encoding="utf-8")
    other = tmp_path / "cluster.yaml"
    other.write_text(text.replace("values:\n", f"values:\n  {name}: gs1.example.com\n"))
    with pytest.raises(YamlError, match=f"{name}: it is already given by the hosts"):
        load(other)


def test_no_step_for_the_engines_programs_is_on_another_host(ovirt_guide: Runbook) -> None:
    """They are where the engine is, in both deployments."""
    own = ("engine-config ", "engine-backup ", "engine-setup", "engine-cleanup", "ovirt-aaa-jdbc")
    elsewhere = [
        step.id
        for step in ovirt_guide.steps()
        if not {"el9", "el6"}.isdisjoint(step.platforms) and step.on != ("engine",)
        for action in step.actions
        if getattr(action, "text", "").startswith(own)
    ]
    assert elsewhere == []
