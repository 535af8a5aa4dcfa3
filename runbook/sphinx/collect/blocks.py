"""Find the code blocks of a doctree, with the text around them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen
from docutils import nodes
from sphinx import addnodes

from runbook.console.block import Block, Sentence
from runbook.model.secret_reference import as_references
from runbook.sphinx.collect.labels import (
    path_in,
    path_in_italics,
    path_of,
    plain,
    title_of,
    title_of_rest,
)
from runbook.sphinx.source.locations import SourceLocations

_SKIPPED: Final = (
    nodes.TextElement,
    nodes.system_message,
    nodes.substitution_definition,
    nodes.Invisible,
    nodes.doctest_block,
    nodes.math_block,
    nodes.raw,
    addnodes.toctree,
    addnodes.productionlist,
)
_WITHOUT_COMMANDS: Final = frozenset({"check", "answers", "manual"})
_COMMAND: Final = re.compile(r"[a-z][a-z0-9_.+-]*\s+\S")
_AFTER_PROMPT: Final = re.compile(r"[#$]\s+\S")


@frozen
class GuideConfig:
    """The configuration that all documents of a guide share.

    Locations are relative to `directory`, that of `conf.py`. `language` is the default of blocks.
    """

    directory: Path
    root: str
    language: str


@frozen
class FoundBlock:
    """A block or sentence with its node; `italic_path` is the path in italics just before it."""

    node: nodes.Element
    item: Block | Sentence
    italic_path: str | None = None


@define
class _PendingBlock:
    """A block whose following paragraph has not been visited yet."""

    node: nodes.Element
    data: dict[str, Any]
    italic_path: str | None = None


@define
class _AdjacentText:
    """The paragraph before the current node, the one before that, and the block that waits.

    A block waits for the paragraph after it.
    """

    before: nodes.Element | None = None
    lead: nodes.Element | None = None
    waiting: _PendingBlock | None = None


@define
class _Walker:
    guide: GuideConfig
    locations: SourceLocations
    found: list[_PendingBlock | FoundBlock] = field(factory=list)
    language: str = ""
    headings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    adjacent: _AdjacentText = field(factory=_AdjacentText)
    marked: bool = False

    def children(self, node: nodes.Element) -> None:
        labels = self.labels
        for child in node.children:
            if not isinstance(child, nodes.Element):
                continue
            title = title_of_rest(child)
            if title is not None:
                self.labels = (*labels, title)
                if child is not node.children[0]:
                    self.adjacent.before = self.adjacent.waiting = None
            else:
                self.visit(child)
        self.labels = labels

    def visit(self, node: nodes.Element) -> None:
        if isinstance(node, nodes.paragraph):
            self.paragraph(node)
        elif isinstance(node, nodes.literal_block):
            self.block(node)
        elif isinstance(node, nodes.section):
            self.section(node)
        elif isinstance(node, addnodes.highlightlang):
            self.language = node["lang"]
        elif isinstance(node, nodes.term):
            self.adjacent.before = node
        elif isinstance(node, _SKIPPED) or _is_not_read(node):
            return
        elif node.get("runbook") in _WITHOUT_COMMANDS:
            self.adjacent.before = None
        else:
            self.container(node)

    def section(self, node: nodes.section) -> None:
        headings, labels = self.headings, self.labels
        first = node[0] if len(node) else None
        self.headings = (*headings, plain(first) if first is not None else "")
        self.labels = ()
        self.adjacent = _AdjacentText()
        self.children(node)
        self.adjacent = _AdjacentText()
        self.headings, self.labels = headings, labels

    def container(self, node: nodes.Element) -> None:
        labels, marked = self.labels, self.marked
        title = title_of(node)
        if title is not None:
            self.labels = (*labels, title)
        self.marked = marked or node.get("runbook") == "step"
        outside = self.adjacent
        # Text around notes and tables does not belong to the blocks in them. A tab also has the
        # paragraph above it; items of lists share the text around the list.
        if isinstance(node, nodes.Admonition | nodes.table | nodes.topic | nodes.sidebar):
            self.adjacent = _AdjacentText()
        elif isinstance(node, nodes.container) and (title is not None or _is_titled(node)):
            self.adjacent = _AdjacentText(outside.before)
        self.children(node)
        self.adjacent, self.labels, self.marked = outside, labels, marked

    def paragraph(self, node: nodes.paragraph) -> None:
        if self.adjacent.waiting is not None:
            self.adjacent.waiting.data["after"] = plain(node)
            self.adjacent.waiting = None
        self.adjacent.lead, self.adjacent.before = self.adjacent.before, node
        if self.marked:
            return
        literals = tuple(
            child.astext()
            for child in node.children
            if isinstance(child, nodes.literal | nodes.strong) and "kbd" not in child["classes"]
        )
        first = node.children[0] if node.children else None
        if any(_COMMAND.match(text) for text in literals) or (
            isinstance(first, nodes.Text) and _AFTER_PROMPT.match(first)
        ):
            sentence = Sentence(
                plain(node), self.locations.at(node), literals, self.headings, self.labels
            )
            self.found.append(FoundBlock(node, sentence))

    def text_before(self, before: nodes.Element | None) -> str:
        """Return the text before a block; a path on a line of its own belongs to the text above."""
        if before is None:
            return ""
        lead = self.adjacent.lead
        if isinstance(before, nodes.paragraph) and lead is not None and path_in(before):
            return f"{plain(lead).rstrip(' .:')} {plain(before).rstrip(' :')}:"
        return plain(before)

    def block(self, node: nodes.literal_block) -> None:
        source: dict[str, Any] = node.get("runbook_block") or _inferred_directive(node)
        before = self.adjacent.before
        options = dict(source["options"])
        path = italic = None
        if isinstance(before, nodes.paragraph):
            path, italic = path_in(before), path_in_italics(before)
        caption = options.get("caption") or _caption(node)
        if caption:
            options["caption"] = caption
            path = path or path_of(caption.strip("*`")) or path
        data = {
            "text": block_text(node),
            "location": self.locations.at(node),
            "directive": source["directive"],
            "language": source["language"],
            "default": self.language,
            "options": options,
            "before": self.text_before(before),
            "headings": self.headings,
            "labels": self.labels,
            "path": path or italic,
        }
        draft = _PendingBlock(node, data, italic)
        self.found.append(draft)
        self.adjacent.waiting, self.adjacent.before = draft, None


def find_blocks(
    doctree: nodes.document, guide: GuideConfig, locations: SourceLocations
) -> list[FoundBlock]:
    """Return the blocks and sentences of `doctree` in reading order."""
    walk = _Walker(guide, locations, language=guide.language)
    walk.children(doctree)
    return [
        one
        if isinstance(one, FoundBlock)
        else FoundBlock(one.node, Block(**one.data), one.italic_path)
        for one in walk.found
    ]


def block_text(node: nodes.Node) -> str:
    """Return the exact text of a block; secrets in it are references, however they are written."""
    exact = node.get("runbook_exact") if isinstance(node, nodes.Element) else None
    return as_references(exact or node.astext())


def _is_not_read(node: nodes.Element) -> bool:
    """Tell whether `node` is of another language, or shows titles that its siblings have."""
    return "runbook_ignored" in node or node.get("role") == "tablist"


def _is_titled(node: nodes.container) -> bool:
    first = node.children[0] if node.children else None
    return isinstance(first, nodes.Element) and title_of_rest(first) is not None


def _inferred_directive(node: nodes.literal_block) -> dict[str, Any]:
    """Return the likely directive of a block that none of our directives made."""
    classes = node["classes"]
    language = node.get("language")
    if language is None and len(classes) > 1 and classes[0] == "code":
        language = classes[1]
    directive = "::" if language is None else "code-block"
    return {"directive": directive, "language": language, "options": {}}


def _caption(node: nodes.Node) -> str:
    """Return the caption of a block, which Sphinx puts into a container around both."""
    container = node.parent
    if not isinstance(container, nodes.container) or not container.get("literal_block"):
        return ""
    first = container.children[0]
    return plain(first) if isinstance(first, nodes.caption) else ""
