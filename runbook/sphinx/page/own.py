"""Names and addresses that operators have of their own: where on a page they stand.

A page says in attributes which of its words are such values; a program in the browser puts the
operator's own in their place. Only what looks like a name or an address is ever found, so that
`3` or `data` stays what it is. Secrets are no values of the cluster, and never come here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen
from docutils import nodes
from sphinx.application import Sphinx

from runbook.sphinx.page.element import el, element

_LIKE: Final = re.compile(r"[\w-]+(?:[.:][\w-]*)+(?:/\d+)?\Z")
_BEGIN: Final = r"(?<![\w-])"
_HOST: Final = r"(?<![\w.-])(?<!\A/)(?<![^/]/)"
"""What may not stand before a host's name: the rest of a longer one, or of a path; `//` may."""

_NEVER: Final = (nodes.title, nodes.raw, nodes.comment, nodes.math, nodes.image)


@frozen
class Value:
    """Something that another site calls otherwise. `name` is what the guide calls it."""

    name: str
    text: str
    host: bool = False


@frozen
class Values:
    """All values of a guide, and the patterns that find them."""

    all: tuple[Value, ...]
    blocks: re.Pattern[str] | None
    prose: re.Pattern[str] | None

    def split(self, text: str, *, prose: bool = False) -> Iterator[tuple[str, str]]:
        """Yield the pieces of `text`, each with the name of the value that it is, or nothing."""
        pattern = self.prose if prose else self.blocks
        names = {value.text: value.name for value in reversed(self.all)}
        place = 0
        for found in pattern.finditer(text) if pattern else ():
            if found.start() > place:
                yield text[place : found.start()], ""
            yield found[0], names[found[0]]
            place = found.end()
        if place < len(text):
            yield text[place:], ""


def of(app: Sphinx) -> Values:
    """Return the values of the guide."""
    return values(dict(app.config.runbook_values), list(app.config.runbook_hosts))


def values(known: dict[str, str], hosts: list[str]) -> Values:
    """Return the values among the cluster's that look like names or addresses."""
    found = [Value(name, name, host=True) for name in hosts]
    found += [Value(name, text) for name, text in known.items() if _LIKE.match(text)]
    # A word without a digit, such as `web`, may be an ordinary word of a sentence.
    told = [one for one in found if not one.host or re.search(r"\d", one.text)]
    return Values(tuple(found), _pattern(found), _pattern(told))


def _pattern(found: list[Value]) -> re.Pattern[str] | None:
    if not found:
        return None
    # The longest first: the engine's full name holds the domain.
    ordered = sorted(found, key=lambda value: len(value.text), reverse=True)
    return re.compile(
        "|".join(
            rf"{_HOST if value.host else _BEGIN}{re.escape(value.text)}(?![\w-])"
            for value in ordered
        )
    )


def pieces(text: str, known: Values, *, prose: bool = False) -> list[nodes.Node]:
    """Return nodes for `text` in which each value is an element of its own."""
    return [
        el("span", "runbook-own", piece, data_own=name) if name else nodes.Text(piece)
        for piece, name in known.split(text, prose=prose)
    ]


def mark(doctree: nodes.document, known: Values) -> None:
    """Mark the values in what the document says, and list them for the browser."""
    if not known.all:
        return
    for text in list(doctree.findall(nodes.Text)):
        parent = text.parent
        if isinstance(parent, nodes.literal_block) or _excluded(text):
            continue
        if isinstance(parent, element) and "data-own" in parent["html"]:
            continue
        prose = not isinstance(parent, nodes.literal | element)
        made = pieces(str(text), known, prose=prose)
        if any(isinstance(node, element) for node in made):
            place = parent.index(text)
            parent.remove(text)
            for node in reversed(made):
                parent.insert(place, node)
    if any("data-own" in node["html"] for node in doctree.findall(element)):
        said = json.dumps([[value.name, value.text] for value in known.all]).replace("<", "\\u003c")
        script = f'<script type="application/json" id="runbook-values">{said}</script>'
        doctree += nodes.raw("", script, format="html")


def _excluded(text: nodes.Node) -> bool:
    node = text.parent
    while node is not None:
        if isinstance(node, _NEVER):
            return True
        if isinstance(node, nodes.table) and "runbook-proven" in node["classes"]:
            return True
        if isinstance(node, element) and "data-fixed" in node["html"]:
            return True
        node = node.parent
    return False
