"""A Sphinx builder that only reads: the plan is made from what it has read."""

from __future__ import annotations

from docutils import nodes
from sphinx.builders import Builder


class RunbookBuilder(Builder):
    """Read the documents that have changed, and write nothing."""

    name = "runbook"
    epilog = "The documents are read; use the command 'runbook plan' to see the steps."
    allow_parallel = True

    def get_outdated_docs(self) -> list[str]:
        """Return no document: nothing is ever written."""
        return []

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:  # noqa: ARG002
        """Return no address: there are no pages."""
        return ""

    def write_documents(self, docnames: object) -> None:
        """Write nothing, and so resolve no reference either."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Write nothing."""
