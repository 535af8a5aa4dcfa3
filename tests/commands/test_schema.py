"""`runbook schema`: what the files of a guide may say, for editors and other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from runbook.cli.main import SCHEMAS as NAMES
from runbook.commands.schema import SCHEMAS, schema_text
from runbook.labs.inventory import read_inventory
from runbook.model import Runbook, cluster, codec, source_notes, terms
from runbook.model.node import YamlError
from runbook.mutation import explained
from runbook.results import Begun, CheckResult, EndCheck, Run, evidence
from runbook.results.journal import Journal
from runbook.results.log import Deed, HostCheck, LogEntry
from runbook.results.position import History
from runbook.results.records import KINDS
from tests.support.forked import run_module
from tests.support.guides import Guide, making
from tests.support.paths import ROOT
from tests.support.reports import STORAGE, good

EVIDENCE = sorted((ROOT / evidence.PLACE).rglob("*.json"))
CLUSTER = """
name: web
network: 192.168.50.0/24
hosts:
  www: {address: 192.168.50.11}
"""
FIRST_LINE = "# yaml-language-server: $schema="
NEW_GUIDE = ROOT / "runbook/commands/authoring/new_guide"
WRITTEN = {
    "cluster": [
        ROOT / cluster.PLACE,
        ROOT / "runbook/commands/authoring/new_guide" / cluster.PLACE,
    ],
    "mutants": [ROOT / explained.PLACE],
    "sources": sorted((ROOT / "docs/sources").glob("*.yaml")),
    "terms": [ROOT / "docs/terms.yaml"],
}
"""The files that people write here, and those of a new guide, by the names of their schemas."""
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


def test_the_command_line_offers_every_schema() -> None:
    """It has the names without what makes the schemas."""
    assert tuple(SCHEMAS) == NAMES


def test_all_can_be_written_elsewhere(tmp_path: Path) -> None:
    """Each as it is printed; one that is the same is left alone, since editors look at its time."""
    done = run_module("runbook", "schema", "--write", str(tmp_path / "made"))
    assert done.returncode == 0, done.stderr
    written = {path.name: path for path in (tmp_path / "made").iterdir()}
    assert set(written) == {f"{name}.schema.json" for name in SCHEMAS}
    for name in SCHEMAS:
        assert written[f"{name}.schema.json"].read_text() == f"{schema_text(name)}\n"
    before = {path: path.stat().st_mtime_ns for path in written.values()}
    run_module("runbook", "schema", "--write", str(tmp_path / "made"))
    assert {path: path.stat().st_mtime_ns for path in written.values()} == before


@pytest.mark.parametrize("arguments", [(), ("plan", "--write", "x")])
def test_it_is_either_printed_or_written(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Anything else is a mistake on the command line."""
    done = run_module("runbook", "schema", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "either the NAME of a file or --write DIR" in done.stderr


def test_what_a_run_writes_is_of_the_schema_that_it_names(tmp_path: Path) -> None:
    """The address leads to a file that the run has written as well; no server is needed."""
    guide = Guide(tmp_path, making("one"), making("two"))
    for command, *options in (["run"], ["rehearse"], ["evidence", "--lab", "local"]):
        done = guide.call(command, *options)
        assert done.returncode == 0, done.stderr
    build = guide.directory / "build"
    plans = [build / name / "plan.json" for name in ("plan", "local", "rehearsal")]
    saved = list((guide.directory / "lab/evidence").rglob("*.json"))
    assert saved
    for path in (*plans, *saved):
        data = json.loads(path.read_text())
        schema = json.loads((path.parent / data["$schema"]).read_text())
        jsonschema.Draft202012Validator(schema).validate(data)


def test_every_line_of_a_journal_is_valid(tmp_path: Path) -> None:
    """Of runs that go on where others stopped, forth and back."""
    undo = making("away", "rm PLACE/one", ":undo:")
    guide = Guide(tmp_path, making("one"), making("two"), undo)
    guide.call("run")
    guide.write(making("one"), making("two", "true"), undo)
    guide.call("run")
    guide.call("run", "--undo")
    lines = []
    for path in guide.directory.glob("build/local*/journal.jsonl"):
        lines += [json.loads(line) for line in path.read_text().splitlines()]
    assert {line["record"] for line in lines} >= {"run", "begun", "outcome", "end", "reversed"}
    for line in lines:
        assert holds("journal", line), line
        assert not holds("journal", {**line, "record": "rum"})
        assert not holds("journal", {**line, "more": 1})


def test_every_kind_of_line_is_valid(tmp_path: Path) -> None:
    """Also those that only a lab with checkpoints has."""
    outcome = good().outcomes[0]
    step = STORAGE.steps[0]
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.begin(Run("r", "2026-01-01T00:00:00+00:00", "lab", "i", "p"))
        journal.restored("saved", "a step was edited", [outcome], History())
        journal.carry([outcome])
        journal.append(Begun(step.id, "k", "c", ("gs1",)))
        journal.append(outcome)
        journal.append(EndCheck(step.id, "gs1", CheckResult("so", True, step.location)))
        told = (HostCheck("gs1", CheckResult("so", True, step.location)),)
        journal.append(LogEntry("now", "ann@desk", Deed.CHECKED, step.id, checks=told))
        journal.reverse("storage", "i")
        journal.finish()
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert {line["record"] for line in lines} == set(KINDS)
    assert all(holds("journal", line) for line in lines)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_files_of_this_repository_name_their_schema(name: str) -> None:
    """By a path from the file itself to where a plan writes it, and they are of it."""
    assert WRITTEN[name]
    for path in WRITTEN[name]:
        text = path.read_text()
        first = text.partition("\n")[0]
        assert first.startswith(FIRST_LINE), path
        named = (path.parent / first.removeprefix(FIRST_LINE)).resolve()
        guide = next(above for above in path.parents if (above / "conf.py").exists())
        assert named == guide / f"build/schemas/{name}.schema.json"
        assert holds(name, yaml.safe_load(text)), path


def test_a_file_may_have_the_key_of_its_schema(tmp_path: Path) -> None:
    """For programs that look there; the reader passes over it, and only at the top."""
    address = "$schema: x.json\n"
    texts = {
        "cluster": CLUSTER,
        "inventory": INVENTORY,
        "sources": "program: p\nrelease: 1\nrepository: o/n\nnotes: {}\n",
        "terms": "terms: {authority: {right: CA}}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(address + text)
        assert holds(name, yaml.safe_load(address + text)), name
    assert cluster.load(tmp_path / "cluster/a.yaml").name == "web"
    assert read_inventory(tmp_path / "inventory/a.yaml", None).connections
    assert source_notes.load(tmp_path / "sources", tmp_path) == ()
    assert terms.load(tmp_path / "terms/a.yaml")[0].right == "CA"
    (tmp_path / "below.yaml").write_text("terms: {authority: {right: CA, $schema: x}}\n")
    with pytest.raises(YamlError, match="unknown key"):
        terms.load(tmp_path / "below.yaml")
    data = {"$schema": "x.json", "document": "a", "schema": 2}
    assert codec.structure(data, evidence.Evidence) == evidence.Evidence("a")
