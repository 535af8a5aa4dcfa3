"""Pages whose evidence is another one than when they were written are written again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from runbook import evidence
from runbook.sphinx.document import of
from runbook.sphinx.ids import document_id
from runbook.sphinx.proof import SHOWS_ALL


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the documents to write anew, and remember the evidence that they show now."""
    now = {name: _shown(app, name) for name in sorted(env.all_docs)}
    everything = [name for name in now if SHOWS_ALL in env.metadata.get(name, {})]
    if everything:
        # Also when a step is edited the table of all steps says something else.
        steps = [repr(of(app, name).steps) for name in now]
        together = _digest("\n".join([*now.values(), *steps]).encode())
        now |= dict.fromkeys(everything, together)
    holder: Any = env
    kept: dict[str, dict[str, str]] = getattr(holder, "runbook_evidence", {})
    before = kept.get(app.builder.name)
    holder.runbook_evidence = kept | {app.builder.name: now}
    if before is None:
        return []
    return [name for name, shown in now.items() if before.get(name) != shown]


def _shown(app: Sphinx, docname: str) -> str:
    path = evidence.path_of(Path(app.confdir), document_id(docname, app.config.root_doc))
    return _digest(path.read_bytes()) if path.is_file() else ""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
