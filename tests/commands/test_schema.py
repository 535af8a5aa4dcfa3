"""`runbook schema`: what the files of a guide may say, for editors and other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from runbook.commands.schema import SCHEMAS, schema_text
from runbook.labs.inventory import read_inventory
from runbook.model import Runbook, cluster, codec
from runbook.model.node import YamlError
from runbook.results import evidence
from tests.support.forked import run_module
from tests.support.paths import ROOT

EVIDENCE = sorted((ROOT / evidence.PLACE).rglob("*.json"))
CLUSTER = """
name: web
network: 192.168.50.0/24
hosts:
  www: {address: 192.168.50.11}
"""
INVENTORY = "hosts: {www: {address: 192.0.2.1, port: 2222}}\nuser: dora\n"


def holds(name: str, data: Any) -> bool:
    """Tell whether data is of the schema of that name."""
    return bool(jsonschema.Draft202012Validator(json.loads(schema_text(name))).is_valid(data))


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema_itself(name: str) -> None:
    """It is what the command prints, and names the dialect that it is written in."""
    done = run_module("runbook", "schema", name)
    schema = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


def test_the_plan_of_a_real_guide_is_valid(ovirt_guide: Runbook) -> None:
    """Every step, action and check of the guide of this repository."""
    plan = json.loads(codec.dumps(ovirt_guide))
    assert holds("plan", plan)
    plan["chapters"][0]["titel"] = plan["chapters"][0].pop("title")
    assert not holds("plan", plan)


def test_evidence_is_valid() -> None:
    """All that is saved in this repository."""
    assert EVIDENCE
    for path in EVIDENCE:
        data = json.loads(path.read_text())
        codec.structure(data, evidence.Evidence)
        assert holds("evidence", data), path
        assert not holds("evidence", {**data, "prooved": []})


def test_the_cluster_file_of_a_real_guide_is_valid() -> None:
    """As YAML reads it, with its numbers and words."""
    assert holds("cluster", yaml.safe_load((ROOT / "lab" / "cluster.yaml").read_text()))


@pytest.mark.parametrize(
    "more",
    ["domian: example.com", "machine: {memory: 1}", "machine: {disks: [10]}",
     "container: {pakages: [a]}", "values: [a]", "name: Web!"],
)  # fmt: skip
def test_what_the_harness_refuses_is_refused(tmp_path: Path, more: str) -> None:
    """A key that there is not, or a value that it cannot have."""
    assert holds("cluster", yaml.safe_load(CLUSTER))
    text = CLUSTER.replace("name: web", "") + more if more.startswith("name") else CLUSTER + more
    path = tmp_path / "cluster.yaml"
    path.write_text(text)
    refused = not holds("cluster", yaml.safe_load(text))
    assert refused
    if not more.startswith(("machine", "container")):
        with pytest.raises(YamlError):
            cluster.load(path)


def test_an_inventory_is_valid_or_not(tmp_path: Path) -> None:
    """The same that the static lab reads."""
    path = tmp_path / "inventory.yaml"
    path.write_text(INVENTORY)
    read_inventory(path, None)
    assert holds("inventory", yaml.safe_load(INVENTORY))
    assert not holds("inventory", yaml.safe_load(INVENTORY.replace("2222", "99999")))
    assert not holds("inventory", yaml.safe_load(INVENTORY.replace("user", "usr")))
