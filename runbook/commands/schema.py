"""`runbook schema`: the JSON Schemas of files, for editors and other programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from runbook.labs.container.recipe import ContainerSection
from runbook.labs.inventory import InventoryFile
from runbook.labs.vagrant.hardware import Hardware, Size
from runbook.model import Runbook
from runbook.model.cluster import ClusterFile
from runbook.model.json_schema import SchemaMaker
from runbook.model.policy import PolicyFile
from runbook.model.source_notes import SourceNotesFile
from runbook.model.terms import TermsFile
from runbook.mutation.explained import MutantsFile
from runbook.mutation.record import Mutation
from runbook.results import artefact
from runbook.results.drift import Drift
from runbook.results.evidence import Evidence
from runbook.results.records import KINDS


def _cluster() -> dict[str, Any]:
    maker = SchemaMaker(written=True)
    schema = maker.schema(ClusterFile, "A guide's cluster file, lab/cluster.yaml")
    sections = maker.definitions[ClusterFile.__name__]["properties"]
    sections["container"] = maker.noun(ContainerSection)
    # Besides its own keys the section has one for each platform or host of a size of its own.
    sections["machine"] = maker.noun(Hardware, additionalProperties=maker.noun(Size))
    return schema


def _journal() -> dict[str, Any]:
    return SchemaMaker(written=False).lines(KINDS, "One line of the journal, journal.jsonl")


SCHEMAS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "cluster": _cluster,
    "drift": lambda: SchemaMaker(written=False).schema(Drift, "What `runbook check` found"),
    "evidence": lambda: SchemaMaker(written=False).schema(Evidence, "The evidence of a guide"),
    "inventory": lambda: SchemaMaker(written=True).schema(
        InventoryFile, "The inventory of a static lab, lab/inventory.yaml"
    ),
    "journal": _journal,
    "mutants": lambda: SchemaMaker(written=True).schema(
        MutantsFile, "Which mutants of a guide may survive, lab/mutants.yaml"
    ),
    "mutation": lambda: SchemaMaker(written=False).schema(
        Mutation, "What became of the mutants of a guide, lab/mutation.json"
    ),
    "plan": lambda: SchemaMaker(written=False).schema(Runbook, "The plan of a guide, plan.json"),
    "policy": lambda: SchemaMaker(written=True).schema(
        PolicyFile, "What agents may run without a person being asked"
    ),
    "sources": lambda: SchemaMaker(written=True).schema(
        SourceNotesFile, "Source notes about one release of a program"
    ),
    "terms": lambda: SchemaMaker(written=True).schema(TermsFile, "The terms of a guide"),
}
"""What makes the schema of each file, by the name that the command line has for it."""


def schema_text(name: str) -> str:
    """Return the JSON Schema of the files called `name`, as JSON text."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False)


def write_schemas(directory: Path) -> None:
    """Write all schemas into `directory`, for editors of whoever it belongs to.

    Raises:
        ArtefactError: one cannot be written.

    """
    for name in SCHEMAS:
        path, text = directory / artefact.schema_file(name), f"{schema_text(name)}\n"
        # One that is the same is left as it is: editors, and `--watch`, look at its time.
        if not path.exists() or artefact.read(path) != text:
            artefact.write(path, text, public=True)
