"""What an author has typed where a page has typographic quotes, dashes and ellipses.

A plan is made without these. The pages have to find the same steps in their documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from docutils import nodes
from sphinx.transforms import SphinxTransform

_BEFORE: Final = "runbook_before_quotes"
_TYPED: Final = "runbook_typed"


class NoteTyped(SphinxTransform):
    """Note the texts of a document before Sphinx's `SphinxSmartQuotes` changes them."""

    default_priority = 749

    def apply(self, **_: Any) -> None:
        """Note the children of all that has text."""
        noted = [
            (node, list(node.children))
            for node in self.document.findall(nodes.TextElement)
            if any(isinstance(child, nodes.Text) for child in node.children)
        ]
        setattr(self.document, _BEFORE, noted)


class KeepTyped(SphinxTransform):
    """Keep with each text that was changed what the author has typed."""

    default_priority = 751

    def apply(self, **_: Any) -> None:
        """Put it into an attribute of the text; other transforms may still move that."""
        for node, children in self.document.__dict__.pop(_BEFORE, ()):
            for before, after in zip(children, node.children, strict=False):
                if isinstance(after, nodes.Text) and before.astext() != after.astext():
                    setattr(after, _TYPED, before.astext())


@contextmanager
def as_typed(document: nodes.Element) -> Iterator[None]:
    """Let a document say what its author has typed."""
    replaced = [
        (node, node.children)
        for node in document.findall(nodes.TextElement)
        if any(_TYPED in child.__dict__ for child in node.children)
    ]
    for node, children in replaced:
        node.children = [_typed(child) for child in children]
    try:
        yield
    finally:
        for node, children in replaced:
            node.children = children


def _typed(child: nodes.Node) -> nodes.Node:
    if _TYPED not in child.__dict__:
        return child
    text = nodes.Text(child.__dict__[_TYPED])
    text.parent = child.parent
    return text
