"""Pages whose evidence is another one than when they were written are written again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from runbook import evidence
from runbook.sphinx.ids import document_id


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the documents to write anew, and remember the evidence that they show now."""
    now: dict[str, str] = {}
    for docname in env.all_docs:
        path = evidence.path_of(Path(app.confdir), document_id(docname, app.config.root_doc))
        if path.is_file():
            now[docname] = hashlib.sha256(path.read_bytes()).hexdigest()
    holder: Any = env
    kept: dict[str, dict[str, str]] = getattr(holder, "runbook_evidence", {})
    before = kept.get(app.builder.name)
    holder.runbook_evidence = kept | {app.builder.name: now}
    if before is None:
        return []
    return sorted(name for name in env.all_docs if before.get(name) != now.get(name))
