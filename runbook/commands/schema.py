"""`runbook schema`: the JSON Schema of a file, for editors and other programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from runbook.labs.container.recipe import ContainerSection
from runbook.labs.inventory import InventoryFile
from runbook.labs.vagrant.hardware import Hardware, Size
from runbook.model import Runbook
from runbook.model.cluster import ClusterFile
from runbook.model.json_schema import SchemaMaker
from runbook.results.evidence import Evidence


def _cluster() -> dict[str, Any]:
    maker = SchemaMaker(written=True)
    schema = maker.schema(ClusterFile, "A guide's cluster file, lab/cluster.yaml")
    sections = maker.definitions[ClusterFile.__name__]["properties"]
    sections["container"] = maker.noun(ContainerSection)
    # Besides its own keys the section has one for each platform or host of a size of its own.
    sections["machine"] = maker.noun(Hardware, additionalProperties=maker.noun(Size))
    return schema


SCHEMAS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "cluster": _cluster,
    "evidence": lambda: SchemaMaker(written=False).schema(Evidence, "The evidence of a guide"),
    "inventory": lambda: SchemaMaker(written=True).schema(
        InventoryFile, "The inventory of a static lab, lab/inventory.yaml"
    ),
    "plan": lambda: SchemaMaker(written=False).schema(Runbook, "The plan of a guide, plan.json"),
}
"""What makes the schema of each file, by the name that the command line has for it."""


def schema_text(name: str) -> str:
    """Return the JSON Schema of the files called `name`, as JSON text."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False)
