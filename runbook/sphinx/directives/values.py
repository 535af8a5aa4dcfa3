"""Substitution of the cluster's values in prose and in the blocks of steps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.transforms import SphinxTransform

from runbook.model import Cluster
from runbook.model.cluster import PLACE, load
from runbook.model.node import YamlError
from runbook.sphinx.source.parsed_literal import substitute_parts

_REFERENCE = re.compile(r"\|([^\s|](?:[^|\n]*[^\s|])?)\|")

_SUBSTITUTION_OPTIONS = frozenset({"substitutions", "content-substitutions"})
_NO_OPTIONS: dict[str, Any] = {"options": {}}


def set_cluster_values(app: Sphinx, config: Config) -> None:
    """Make the values of the guide's cluster available to all documents."""
    try:
        cluster = load_cluster(app)
    except YamlError as error:
        raise ConfigError(str(error)) from error
    # In the configuration, so that documents are read again when the values change.
    config.runbook_values = values_of(cluster)
    config.runbook_hosts = [host.name for host in cluster.hosts] if cluster else []


def load_cluster(app: Sphinx) -> Cluster | None:
    """Return the cluster of the guide, or `None` if it has none.

    Raises:
        YamlError: the file cannot be read, or a line of it is wrong.

    """
    path = Path(app.confdir) / PLACE
    return load(path) if path.exists() else None


def values_of(cluster: Cluster | None) -> dict[str, str]:
    """Return the values of `|name|`: addresses of hosts, and the cluster's own values."""
    if cluster is None:
        return {}
    addresses = {f"{host.name}-address": host.address for host in cluster.hosts}
    return addresses | cluster.values


class ValueSubstitutions(SphinxTransform):
    """Replace `|name|` in prose where no document defines it, as Sphinx does for `|version|`."""

    default_priority = 209

    def apply(self, **_: Any) -> None:
        """Replace the references."""
        values = {nodes.fully_normalize_name(k): v for k, v in self.config.runbook_values.items()}
        defined = set(self.document.substitution_names)
        for reference in list(self.document.findall(nodes.substitution_reference)):
            name = nodes.fully_normalize_name(reference["refname"])
            if name in values and name not in defined:
                reference.replace_self(nodes.Text(values[name]))


class BlockSubstitutions(SphinxTransform):
    """Replace `|name|` in the blocks and answers of steps, so that the page shows what runs.

    In other blocks it is replaced if an option asks for it, and always in parsed literals.
    """

    default_priority = 870

    def apply(self, **_: Any) -> None:
        """Replace the names that the document or the cluster defines."""
        values = dict(self.config.runbook_values)
        for name, definition in self.document.substitution_defs.items():
            if text := definition.astext():
                values[name] = text
        for step in self.document.findall(nodes.container):
            if step.get("runbook") != "step":
                continue
            for block in list(step.findall(nodes.literal_block)):
                _substitute_in(block, values)
            for part in step.findall(nodes.container):
                if part.get("runbook") in ("file", "answers"):
                    for literal in list(part.findall(nodes.literal)):
                        _substitute_in(literal, values)
                if part.get("runbook") == "answers":
                    for one in part["runbook_data"]["answers"]:
                        if "answer" in one:
                            one["answer"] = substitute(one["answer"], values)
        for name in ("version", "release"):
            values.setdefault(name, getattr(self.config, name))
        for block in self.document.findall(nodes.literal_block):
            if (parts := block.attributes.pop("runbook_parts", None)) is not None:
                block["runbook_exact"] = substitute_parts(parts, values)
            elif not _SUBSTITUTION_OPTIONS.isdisjoint(
                block.get("runbook_block", _NO_OPTIONS)["options"]
            ):
                _substitute_in(block, values)


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each `|name|` replaced that `values` has."""
    return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)


def _substitute_in(block: nodes.Element, values: Mapping[str, str]) -> None:
    before = block.astext()
    after = substitute(before, values)
    if exact := block.get("runbook_exact"):
        block["runbook_exact"] = substitute(exact, values)
    if after != before:
        block.rawsource = after
        block[:] = [nodes.Text(after)]
