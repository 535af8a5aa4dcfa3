"""Names and addresses of the guide that operators replace by their own.

A page marks the words that are such values, and JavaScript replaces them with the operator's own.
Only what looks like a name or an address is marked, so that `3` or `data` is not. Secrets are not
among the cluster's values, and never get here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen
from docutils import nodes
from sphinx.application import Sphinx

from runbook.model.secret_reference import REFERENCE
from runbook.sphinx.page.element import el, html_element
from runbook.sphinx.translation.interface import _

_NAME_OR_ADDRESS: Final = re.compile(r"[\w-]+(?:[.:][\w-]*)+(?:/\d+)?\Z")
_VALUE_START: Final = r"(?<![\w-])"
_HOST_START: Final = r"(?<![\w.-])(?<!\A/)(?<![^/]/)"
"""A host's name must not be the end of a longer name or of a path, but may follow `//`."""

_UNMARKED: Final = (nodes.title, nodes.raw, nodes.comment, nodes.math, nodes.image)


@frozen
class OperatorValue:
    """A value that differs at each site; `name` is its name in the cluster file."""

    name: str
    text: str
    host: bool = False


@frozen
class OperatorValues:
    """All values of a guide, and the patterns that find them in blocks and in prose."""

    all: tuple[OperatorValue, ...]
    blocks: re.Pattern[str] | None
    prose: re.Pattern[str] | None

    def split(self, text: str, *, prose: bool = False) -> Iterator[tuple[str, str]]:
        """Yield pieces of `text`, each with the name of the value that it is, empty if none."""
        pattern = self.prose if prose else self.blocks
        names = {value.text: value.name for value in reversed(self.all)}
        position = 0
        for found in pattern.finditer(text) if pattern else ():
            if found.start() > position:
                yield text[position : found.start()], ""
            yield found[0], names[found[0]]
            position = found.end()
        if position < len(text):
            yield text[position:], ""


def configured_values(app: Sphinx) -> OperatorValues:
    """Return the values of the guide, from the configuration."""
    return find_values(dict(app.config.runbook_values), list(app.config.runbook_hosts))


def find_values(known: dict[str, str], hosts: list[str]) -> OperatorValues:
    """Return the hosts and those cluster values that look like names or addresses."""
    found = [OperatorValue(name, name, host=True) for name in hosts]
    # A full name is found by its parts, the host and the domain.
    full = {f"{host}.{known.get('domain')}" for host in hosts}
    found += [
        OperatorValue(name, text)
        for name, text in known.items()
        if _NAME_OR_ADDRESS.match(text) and text not in full
    ]
    # A word without a digit, such as `web`, may be an ordinary word of a sentence.
    in_prose = [one for one in found if not one.host or re.search(r"\d", one.text)]
    return OperatorValues(tuple(found), _pattern(found), _pattern(in_prose))


def _pattern(found: list[OperatorValue]) -> re.Pattern[str] | None:
    if not found:
        return None
    # The longest first: the engine's full name contains the domain.
    ordered = sorted(found, key=lambda value: len(value.text), reverse=True)
    return re.compile(
        "|".join(
            rf"{_HOST_START if value.host else _VALUE_START}{re.escape(value.text)}(?![\w-])"
            for value in ordered
        )
    )


def mark_values(text: str, known: OperatorValues, *, prose: bool = False) -> list[nodes.Node]:
    """Return nodes for `text`, with an element for each value."""
    return [
        el("span", "runbook-value", piece, data_value=name) if name else nodes.Text(piece)
        for piece, name in known.split(text, prose=prose)
    ]


def mark_places(text: str, known: OperatorValues) -> list[nodes.Node]:
    """Return nodes for the `text` of a block, with an element for each value and each secret."""
    found: list[nodes.Node] = []
    place = 0
    for one in REFERENCE.finditer(text):
        found += mark_values(text[place : one.start()], known)
        title = _("Your own value of the secret %s") % one["name"]
        found.append(el("span", "runbook-fill", one[0], title=title, data_fixed=""))
        place = one.end()
    return [*found, *mark_values(text[place:], known)]


def mark_document(doctree: nodes.document, known: OperatorValues) -> None:
    """Mark the values in the text of the document, and list them for JavaScript."""
    if not known.all:
        return
    for text in list(doctree.findall(nodes.Text)):
        parent = text.parent
        if isinstance(parent, nodes.literal_block) or _is_excluded(text):
            continue
        if isinstance(parent, html_element) and "data-value" in parent["html"]:
            continue
        prose = not isinstance(parent, nodes.literal | html_element)
        marked = mark_values(str(text), known, prose=prose)
        if any(isinstance(node, html_element) for node in marked):
            position = parent.index(text)
            parent.remove(text)
            for node in reversed(marked):
                parent.insert(position, node)
    if any("data-value" in node["html"] for node in doctree.findall(html_element)):
        listed = json.dumps([[value.name, value.text] for value in known.all]).replace(
            "<", "\\u003c"
        )
        script = f'<script type="application/json" id="runbook-values">{listed}</script>'
        doctree += nodes.raw("", script, format="html")


def _is_excluded(text: nodes.Node) -> bool:
    node = text.parent
    while node is not None:
        if isinstance(node, _UNMARKED):
            return True
        if isinstance(node, nodes.table) and "runbook-proven" in node["classes"]:
            return True
        if isinstance(node, html_element) and "data-fixed" in node["html"]:
            return True
        node = node.parent
    return False
