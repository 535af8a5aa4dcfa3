"""The prose of a document: headings and paragraphs with their lines, without code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from docutils import nodes

from runbook.model import Location
from runbook.model.prose import Prose, Section
from runbook.sphinx.collect.labels import plain
from runbook.sphinx.source.lines import heading_line
from runbook.sphinx.source.locations import SourceLocations

_CODE: Final = (nodes.literal, nodes.literal_block, nodes.math, nodes.comment, nodes.raw)
_BLOCKS: Final = (
    nodes.paragraph,
    nodes.title,
    nodes.subtitle,
    nodes.term,
    nodes.rubric,
    nodes.caption,
    nodes.attribution,
)
"""Elements that hold prose."""

_LEFT_OUT: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for code, so that the words around it are not taken for neighbours."""


def prose_of(doctree: nodes.document, locations: SourceLocations) -> Iterator[Prose]:
    """Yield the headings and paragraphs of `doctree` in reading order."""
    for block in doctree.findall(lambda node: isinstance(node, _BLOCKS)):
        if isinstance(block, nodes.Element) and not _in_code(block):
            text = _text(block)
            if text.strip(f" \n{_LEFT_OUT}"):
                yield Prose(text, _location(block, locations))


def sections_of(doctree: nodes.document, locations: SourceLocations) -> Iterator[Section]:
    """Yield the sections of `doctree`; the first is the document itself."""
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title is not None:
            yield Section(title.astext(), _location(title, locations))


def text_of(node: nodes.Node) -> str:
    """Return all text of `node`: each paragraph on a line of its own, code with its lines."""
    if isinstance(node, nodes.FixedTextElement):
        return node.astext()
    if isinstance(node, nodes.TextElement) or not node.children:
        return plain(node)
    return "\n\n".join(text for child in node.children if (text := text_of(child)))


def _text(node: nodes.Node) -> str:
    if isinstance(node, _CODE):
        return _LEFT_OUT + "\n" * node.astext().count("\n")
    if isinstance(node, nodes.Text):
        return str(node)
    return "".join(_text(child) for child in node.children)


def _location(block: nodes.Element, locations: SourceLocations) -> Location:
    found = locations.at(_located(block))
    if isinstance(block, nodes.title):
        return heading_line(found, locations.directory, block.astext())
    return found


def _located(block: nodes.Element) -> nodes.Node:
    """Return the nearest node around `block` that has a line."""
    node: nodes.Node = block
    while node.line is None and node.parent is not None:
        node = node.parent
    return node


def _in_code(node: nodes.Node) -> bool:
    # The stubs do not say that the document itself has no parent.
    around: Any = node
    while around is not None:
        if isinstance(around, nodes.literal_block | nodes.system_message):
            return True
        around = around.parent
    return False
