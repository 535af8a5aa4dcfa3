"""What a translated document keeps of its original, of which the plan is made in every language.

Sphinx puts translations in the place of the original text when it has read a document. The
original stays with its node, so that steps, ids and commands never depend on a translation.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.i18n import docname_to_domain
from sphinx.util.nodes import LITERAL_TYPE_NODES, extract_messages

from runbook.sphinx.translation.interface import _

ORIGINAL: Final = "runbook_original"
"""The attribute of a translated node with the children that it had."""

_BEFORE: Final = "runbook_before_translation"


def catalogue_paths(env: BuildEnvironment, docname: str) -> list[Path]:
    """Return the compiled catalogues from which a document is translated."""
    config = env.config
    domain = docname_to_domain(docname, config.gettext_compact)
    if not config.language:
        return []
    found = (
        gettext.find(domain, str(Path(env.srcdir, directory)), [config.language])
        for directory in config.locale_dirs
    )
    return [Path(path) for path in found if path]


class NoteOriginals(SphinxTransform):
    """Note what each part of a document says before Sphinx's `Locale` translates it."""

    default_priority = 19

    def apply(self, **_: Any) -> None:
        """Note the children of all that can be translated."""
        attributes: Any = self.document
        noted: list[tuple[nodes.Element, list[nodes.Node], str]] = []
        if catalogue_paths(self.env, self.env.docname):
            for node, message in extract_messages(self.document):
                noted.append((node, node.children, message))
        setattr(attributes, _BEFORE, noted)


class KeepOriginals(SphinxTransform):
    """Keep the original of what was translated; code is never translated."""

    default_priority = 21

    def apply(self, **_options: Any) -> None:
        """Put the originals into an attribute of their nodes."""
        attributes: Any = self.document
        noted = attributes.__dict__.pop(_BEFORE, ())
        outdated = _outdated(catalogue_paths(self.env, self.env.docname)) if noted else frozenset()
        for node, children, message in noted:
            if node.children is children:
                if message in outdated and isinstance(node, nodes.paragraph):
                    node[ORIGINAL] = children
                    text = _("Changed since it was translated.")
                    mark = nodes.inline("", text, classes=["runbook-outdated"])
                    node.children = [*children]
                    node.extend([nodes.Text(" "), mark])
                continue
            if isinstance(node, LITERAL_TYPE_NODES):
                node.children = children
                node.rawsource = node.astext()
            else:
                node[ORIGINAL] = children


def _outdated(compiled: list[Path]) -> frozenset[str]:
    """Return the messages that have changed since they were translated.

    Compiled catalogues lack them, so the page has the new text: what the commands beside it were
    changed with is told in English rather than wrongly.
    """
    found: set[str] = set()
    for path in compiled:
        source = path.with_suffix(".po")
        if not source.is_file() or ", fuzzy" not in source.read_text(encoding="utf-8"):
            continue
        from babel.messages.pofile import read_po

        with source.open("rb") as file:
            found |= {str(one.id) for one in read_po(file) if one.fuzzy and one.id}
    return frozenset(found)


class SubstituteInOriginals(SphinxTransform):
    """Replace `|name|` in originals, as elsewhere in the document."""

    default_priority = 215

    def apply(self, **_: Any) -> None:
        """Replace the references."""
        config = self.config
        values = {nodes.fully_normalize_name(k): v for k, v in config.runbook_values.items()}
        values |= {"version": config.version, "release": config.release}
        values |= {
            nodes.fully_normalize_name(name): definition.astext()
            for name, definition in self.document.substitution_defs.items()
        }
        for node in _translated(self.document):
            for reference in [
                one
                for child in node[ORIGINAL]
                for one in child.findall(nodes.substitution_reference)
            ]:
                name = nodes.fully_normalize_name(reference["refname"])
                text = nodes.Text(values.get(name, reference.astext()))
                if reference in node[ORIGINAL]:
                    node[ORIGINAL][node[ORIGINAL].index(reference)] = text
                    text.parent = node
                else:
                    reference.replace_self(text)


@contextmanager
def originals(document: nodes.Element) -> Iterator[None]:
    """Let a document say what it says in its own language."""
    replaced = []
    for node in _translated(document):
        replaced.append((node, node.children))
        node.children = cast("list[nodes.Node]", node[ORIGINAL])
    try:
        yield
    finally:
        for node, children in replaced:
            node.children = children


def _translated(document: nodes.Element) -> list[nodes.Element]:
    return [node for node in document.findall(nodes.Element) if ORIGINAL in node]
