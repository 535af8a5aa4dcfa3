"""The source notes of the guide, which are read before the documents, and their directive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective

from runbook.model import Citation, SourceNote
from runbook.model.node import YamlError
from runbook.model.source_notes import load
from runbook.sphinx.directives import options
from runbook.sphinx.source.lines import directive_line
from runbook.sphinx.source.locations import SourceLocations

READ: Final = "runbook_source_notes"
"""The configuration value that holds the notes which have been read."""


class notes_placeholder(nodes.General, nodes.Element):  # noqa: N801  # docutils' naming style
    """Where notes are shown; what it becomes is made when all documents have been read."""


SHOWS_ALL_STEPS: Final = "runbook-all-steps"
"""Metadata key of documents that show something of all steps."""


class SourceNotesDirective(SphinxDirective):
    """`.. source-notes:: ID ...`: what the prose here relies on; without ids, a table of all."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a placeholder; a page with the table shows all steps."""
        try:
            names = options.source_notes(self.arguments[0]) if self.arguments else []
        except ValueError as error:
            raise self.error(f"source-notes: {error}") from error
        if not names:
            self.env.metadata[self.env.docname][SHOWS_ALL_STEPS] = "yes"
        placeholder = notes_placeholder(notes=names)
        placeholder.source, placeholder.line = directive_line(self)
        return [placeholder]


def citations(doctree: nodes.document, locations: SourceLocations) -> Iterator[Citation]:
    """Yield the notes that the prose of a document names."""
    for placeholder in doctree.findall(notes_placeholder):
        for name in placeholder["notes"]:
            yield Citation(name, locations.at(placeholder))


def read_notes(app: Sphinx, config: Config) -> None:
    """Read the notes of the directory that `runbook_sources` names, if it names one."""
    guide = Path(app.confdir)
    try:
        found = load(guide / config.runbook_sources, guide) if config.runbook_sources else ()
    except YamlError as error:
        raise ConfigError(str(error)) from error
    setattr(config, READ, found)


def notes_of(app: Sphinx) -> tuple[SourceNote, ...]:
    """Return the notes of the guide, by file and as each file has them."""
    found: tuple[SourceNote, ...] = getattr(app.config, READ)
    return found
