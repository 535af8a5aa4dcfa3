"""Write pages again whose evidence or source notes have changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from runbook.results import evidence
from runbook.sphinx.collect.document import get_document
from runbook.sphinx.directives.source_notes import SHOWS_ALL_STEPS, notes_of
from runbook.sphinx.page import evidence as page_evidence
from runbook.sphinx.page import mutation, systems
from runbook.sphinx.page.evidence import forget, step_results
from runbook.sphinx.page.source_notes import notes_named
from runbook.sphinx.source.ids import document_id


def outdated_pages(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the documents that would show something new, and save digests of what they show."""
    forget(app)
    current = {name: _shown_digest(app, name) for name in sorted(env.all_docs)}
    tables = [name for name in current if SHOWS_ALL_STEPS in env.metadata.get(name, {})]
    if tables:
        # The table of all steps also changes when a step is edited.
        steps = [repr(get_document(app, name).steps) for name in current]
        notes = repr(notes_of(app))
        known = mutation.shown(app)
        combined = _digest("\n".join([*current.values(), *steps, notes, known]).encode())
        current |= dict.fromkeys(tables, combined)
    # The first page asks for the reader's system.
    root = app.config.root_doc
    current[root] = _digest(f"{current.get(root, '')} {systems.platforms(app)}".encode())
    env_attributes: Any = env
    saved: dict[str, dict[str, str]] = getattr(env_attributes, "runbook_evidence", {})
    previous = saved.get(app.builder.name)
    env_attributes.runbook_evidence = saved | {app.builder.name: current}
    if previous is None:
        # Sphinx saves what is noted here only if it has a page to write.
        return list(current)
    return [name for name, shown in current.items() if previous.get(name) != shown]


def _shown_digest(app: Sphinx, docname: str) -> str:
    path = evidence.path_of(Path(app.confdir), document_id(docname, app.config.root_doc))
    document = get_document(app, docname)
    names = [*(one.note for one in document.cited), *(n for s in document.steps for n in s.sources)]
    notes = notes_named(app, names)
    shown = path.read_bytes() if path.is_file() else b""
    # What is known of a step changes also with another document: one on which it depends, or in
    # which it was.
    known = page_evidence.load(app, docname) if app.builder.format == "html" else None
    if known is not None and not (shown or known.evidence.proofs):
        known = None
    results = [step_results(app, step, known) for step in document.steps] if known else []
    status = [(one[0], one[1].value) for found in results for one in found]
    signed = (known.signers, known.troubles) if known else ()
    return _digest(shown + repr((notes, status, signed)).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
