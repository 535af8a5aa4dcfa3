"""The code blocks of a document with their surroundings, from its doctree."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen
from docutils import nodes
from sphinx import addnodes

from runbook.console.block import Block, Sentence
from runbook.model import Location
from runbook.sphinx.labels import italic_path, path_in, path_of, plain, title_of, title_of_rest

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
_NOT_BLOCKS: Final = frozenset({"check", "answers", "manual"})
_COMMAND: Final = re.compile(r"[a-z][a-z0-9_.+-]*\s+\S")
_PROMPTED: Final = re.compile(r"[#$]\s+\S")


@frozen
class Guide:
    """What the documents of a guide have in common.

    `directory` is that of `conf.py`; locations are relative to it. `included` decides on the
    expression of an `only` directive. `language` is that of blocks that name none.
    """

    directory: Path
    root: str
    language: str
    included: Callable[[str], bool]


@frozen
class Found:
    """A block or sentence with its node. `italic` is the path in italics just before it."""

    node: nodes.Element
    item: Block | Sentence
    italic: str | None = None


@define
class Places:
    """Says where nodes stand; `source` is the document's own file."""

    directory: Path
    source: str
    _names: dict[str, str] = field(factory=dict)

    def at(self, node: nodes.Node) -> Location:
        """Return where `node` stands: a block's first line, or a directive's own."""
        about = node.attributes if isinstance(node, nodes.Element) else {}
        source = about.get("runbook_source") or node.source or self.source
        return Location(self.name(source), about.get("runbook_line") or node.line or 1)

    def name(self, source: str) -> str:
        """Return the name of a source file; the document's, if there is no such file."""
        known = self._names.get(source)
        if known is None:
            path = Path(source)
            if not path.is_absolute() or not path.exists():
                path = Path(self.source)
            known = self._names[source] = os.path.relpath(path, self.directory)
        return known


@define
class _Draft:
    """A block whose next paragraph is still to come."""

    node: nodes.Element
    data: dict[str, Any]
    italic: str | None = None


@define
class _Words:
    """The paragraphs next to the place that the walk has come to."""

    before: nodes.Element | None = None
    waiting: _Draft | None = None


@define
class _Walk:
    guide: Guide
    places: Places
    conditions: dict[str, bool]
    found: list[_Draft | Found] = field(factory=list)
    language: str = ""
    headings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    words: _Words = field(factory=_Words)
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
                    self.words.before = self.words.waiting = None
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
            self.words.before = node
        elif isinstance(node, _SKIPPED) or "runbook_dropped" in node:
            return
        elif isinstance(node, addnodes.only):
            if self.included(node["expr"]):
                self.children(node)
        elif node.get("runbook") in _NOT_BLOCKS:
            self.words.before = None
        else:
            self.container(node)

    def included(self, expression: str) -> bool:
        if expression not in self.conditions:
            self.conditions[expression] = self.guide.included(expression)
        return self.conditions[expression]

    def section(self, node: nodes.section) -> None:
        headings, labels = self.headings, self.labels
        first = node[0] if len(node) else None
        self.headings = (*headings, plain(first) if first is not None else "")
        self.labels = ()
        self.words = _Words()
        self.children(node)
        self.words = _Words()
        self.headings, self.labels = headings, labels

    def container(self, node: nodes.Element) -> None:
        labels, marked = self.labels, self.marked
        title = title_of(node)
        if title is not None:
            self.labels = (*labels, title)
        self.marked = marked or node.get("runbook") == "step"
        outside = self.words
        # Notes and tables have words of their own, tabs those above them as well; the items of
        # lists share theirs with what stands around.
        if isinstance(node, nodes.Admonition | nodes.table | nodes.topic | nodes.sidebar):
            self.words = _Words()
        elif isinstance(node, nodes.container) and (title is not None or _is_titled(node)):
            self.words = _Words(outside.before)
        self.children(node)
        self.words, self.labels, self.marked = outside, labels, marked

    def paragraph(self, node: nodes.paragraph) -> None:
        if self.words.waiting is not None:
            self.words.waiting.data["after"] = plain(node)
            self.words.waiting = None
        self.words.before = node
        if self.marked:
            return
        literals = tuple(
            child.astext()
            for child in node.children
            if isinstance(child, nodes.literal | nodes.strong) and "kbd" not in child["classes"]
        )
        first = node.children[0] if node.children else None
        if any(_COMMAND.match(text) for text in literals) or (
            isinstance(first, nodes.Text) and _PROMPTED.match(first)
        ):
            said = Sentence(plain(node), self.places.at(node), literals, self.headings, self.labels)
            self.found.append(Found(node, said))

    def block(self, node: nodes.literal_block) -> None:
        about: dict[str, Any] = node.get("runbook_block") or _unknown(node)
        before = self.words.before
        options = dict(about["options"])
        path = italic = None
        if isinstance(before, nodes.paragraph):
            path, italic = path_in(before), italic_path(before)
        caption = options.get("caption") or _caption(node)
        if caption:
            options["caption"] = caption
            path = path or path_of(caption.strip("*`")) or path
        data = {
            "text": text_of(node),
            "location": self.places.at(node),
            "directive": about["directive"],
            "language": about["language"],
            "default": self.language,
            "options": options,
            "before": plain(before) if before is not None else "",
            "headings": self.headings,
            "labels": self.labels,
            "path": path or italic,
        }
        draft = _Draft(node, data, italic)
        self.found.append(draft)
        self.words.waiting, self.words.before = draft, None


def blocks_of(
    doctree: nodes.document, guide: Guide, places: Places, conditions: dict[str, bool]
) -> list[Found]:
    """Return the blocks and sentences of `doctree` in reading order.

    `conditions` comes to hold the expressions of the `only` directives on the way, and what
    each of them is.
    """
    walk = _Walk(guide, places, conditions, language=guide.language)
    walk.children(doctree)
    return [
        one if isinstance(one, Found) else Found(one.node, Block(**one.data), one.italic)
        for one in walk.found
    ]


def text_of(node: nodes.Node) -> str:
    """Return the text of a block as its author wrote it."""
    exact = node.get("runbook_exact") if isinstance(node, nodes.Element) else None
    return exact or node.astext()


def _is_titled(node: nodes.container) -> bool:
    first = node.children[0] if node.children else None
    return isinstance(first, nodes.Element) and title_of_rest(first) is not None


def _unknown(node: nodes.literal_block) -> dict[str, Any]:
    """Return what is known of a block that none of our directives made."""
    classes = node["classes"]
    language = node.get("language")
    if language is None and len(classes) > 1 and classes[0] == "code":
        language = classes[1]
    directive = "::" if language is None else "code-block"
    return {"directive": directive, "language": language, "options": {}}


def _caption(node: nodes.Node) -> str:
    """Return the caption in the frame that Sphinx puts around a block."""
    frame = node.parent
    if not isinstance(frame, nodes.container) or not frame.get("literal_block"):
        return ""
    first = frame.children[0]
    return plain(first) if isinstance(first, nodes.caption) else ""
