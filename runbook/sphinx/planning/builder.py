"""The builder `runbook`, which only reads documents: the plan is made from the environment."""

from __future__ import annotations

from docutils import nodes
from sphinx.builders import Builder
from sphinx.util.docutils import SphinxDirective


class RunbookBuilder(Builder):
    """Reads the documents that have changed, and writes nothing."""

    name = "runbook"
    epilog = "The documents have been read; run 'runbook plan' to see the steps."
    allow_parallel = True

    def get_outdated_docs(self) -> list[str]:
        """Return no documents: nothing is written."""
        return []

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:  # noqa: ARG002
        """Return nothing: there are no pages."""
        return ""

    def prepare_writing(self, docnames: object) -> None:
        """Prepare nothing."""

    def write_documents(self, docnames: object) -> None:
        """Write nothing, so that no references are resolved either."""

    # Sphinx 7 has no `write_documents`.
    _write_serial = write_documents

    def _write_parallel(self, docnames: object, nproc: int) -> None:
        pass

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Write nothing."""


class NoTableDirective(SphinxDirective):
    """The directive `proven` in a plan: its table is for pages only."""

    def run(self) -> list[nodes.Node]:
        """Return nothing."""
        return []
