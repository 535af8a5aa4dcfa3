"""The locations of nodes in source files."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import define, field
from docutils import nodes

from runbook.model import Location


@define
class SourceLocations:
    """Finds the source locations of nodes; `source` is the file of the document."""

    directory: Path
    source: str
    _names: dict[str, str] = field(factory=dict)

    def at(self, node: nodes.Node) -> Location:
        """Return the location of `node`: the first line of a block, or the line of a directive."""
        attributes = node.attributes if isinstance(node, nodes.Element) else {}
        source = attributes.get("runbook_source") or node.source or self.source
        return Location(
            self.relative_path(source), attributes.get("runbook_line") or node.line or 1
        )

    def relative_path(self, source: str) -> str:
        """Return the path of a source file, or of the document's if there is no such file."""
        known = self._names.get(source)
        if known is None:
            path = Path(source)
            if not path.is_absolute() or not path.exists():
                path = Path(self.source)
            known = self._names[source] = os.path.relpath(path, self.directory)
        return known
