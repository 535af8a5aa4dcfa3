"""What is wrong with a cluster file as an editor shows it."""

from __future__ import annotations

from pathlib import Path

from runbook.labs.container.recipe import ContainerSection
from runbook.labs.vagrant.hardware import hardware
from runbook.language_server.messages import Found
from runbook.model import Cluster, cluster
from runbook.model.node import YamlError
from runbook.model.structure import structure
from runbook.model.yamlfile import parse


def read(text: str) -> tuple[Cluster | None, tuple[Found, ...]]:
    """Return the cluster that `text` describes, if it does, and what is wrong with the text."""
    try:
        described = cluster.from_node(parse(text, Path("-")))
    except YamlError as error:
        return None, (_found(error),)
    try:
        if "container" in described.recipe.entries:
            structure(described.recipe.at("container"), ContainerSection)
        hardware(described)
    except YamlError as error:
        return described, (_found(error),)
    return described, ()


def _found(error: YamlError) -> Found:
    place, _, message = str(error).partition(": ")
    line = place.rpartition(":")[2]
    return Found(int(line) if line.isdecimal() else 1, message, "cluster", error=True)
