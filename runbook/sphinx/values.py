"""The cluster's values in prose and in the blocks of steps, and the record of errors."""

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

from runbook.cluster import PLACE, ClusterError, load
from runbook.model import Cluster
from runbook.sphinx.parsed import resolved

_NAME = re.compile(r"\|([^\s|](?:[^|\n]*[^\s|])?)\|")

_ASKS = frozenset({"substitutions", "content-substitutions"})
_NOTHING: dict[str, Any] = {"options": {}}

WARNING, ERROR = 2, 3
"""Levels of docutils' messages."""


def load_cluster(app: Sphinx, config: Config) -> None:
    """Read the guide's cluster, and make its values known to all documents."""
    try:
        cluster = cluster_of(app)
    except ClusterError as error:
        raise ConfigError(str(error)) from error
    # In the environment, so that documents are read anew when the values change.
    config.runbook_values = values_of(cluster)
    config.runbook_hosts = [host.name for host in cluster.hosts] if cluster else []


def cluster_of(app: Sphinx) -> Cluster | None:
    """Return the guide's cluster, or `None` if it has none.

    Raises:
        ClusterError: the file cannot be read, or a line of it is wrong.

    """
    path = Path(app.confdir) / PLACE
    return load(path) if path.exists() else None


def values_of(cluster: Cluster | None) -> dict[str, str]:
    """Return what `|name|` stands for."""
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
    """Replace `|name|` in the blocks of steps: what the page shows is what runs.

    Other blocks have theirs replaced where they ask for it, as parsed literals always do.
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
                _fill(block, values)
            for part in step.findall(nodes.container):
                if part.get("runbook") == "file":
                    for path in list(part.findall(nodes.literal)):
                        _fill(path, values)
        for name in ("version", "release"):
            values.setdefault(name, getattr(self.config, name))
        for block in self.document.findall(nodes.literal_block):
            if (parts := block.attributes.pop("runbook_parts", None)) is not None:
                block["runbook_exact"] = resolved(parts, values)
            elif not _ASKS.isdisjoint(block.get("runbook_block", _NOTHING)["options"]):
                _fill(block, values)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its `|name|` replaced where `values` has the name."""
    return _NAME.sub(lambda found: values.get(found[1], found[0]), text)


def _fill(block: nodes.Element, values: Mapping[str, str]) -> None:
    before = block.astext()
    after = fill(before, values)
    if exact := block.get("runbook_exact"):
        block["runbook_exact"] = fill(exact, values)
    if after != before:
        block.rawsource = after
        block[:] = [nodes.Text(after)]


class Wording(SphinxTransform):
    """Keep the wording of docutils' messages before typographic quotes get into it."""

    default_priority = 740

    def apply(self, **_: Any) -> None:
        """Record the first paragraph of each message on the message."""
        for message in self.document.findall(nodes.system_message):
            message["runbook_wording"] = _wording(message)


def _wording(message: nodes.system_message) -> str:
    first = message.children[0].astext() if message.children else ""
    return str(message.get("runbook_wording", first))


class Messages(SphinxTransform):
    """Record docutils' warnings and errors, which Sphinx tells only when it reads a document.

    A document with an error must fail the plan also when nothing has changed since.
    """

    default_priority = 879

    def apply(self, **_: Any) -> None:
        """Record level, source, line and text of each message."""
        told = [
            [m["level"], m.get("source", ""), m.get("line", 0), _wording(m)]
            for m in self.document.findall(nodes.system_message)
            if m["level"] >= WARNING
        ]
        if told:
            self.document["runbook_messages"] = told
