r"""The text of a `parsed-literal`: what its author typed, not what is left of it.

docutils takes every backslash for its own, so that a line that goes on with `\` loses its end.
Here inline markup becomes its text, and the shell's backslashes stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from docutils import nodes

_ESCAPED: Final = re.compile(r"\\([\\*_|`])")

Part = tuple[str, str]
"""Some text, and the name of the substitution that it is a reference to, or nothing."""


def parts_of(block: nodes.literal_block, source: str) -> list[Part]:
    """Return `source`, of which docutils made the children of `block`, without its markup.

    It is called before references are resolved; `resolved` fills them in.
    """
    parts: list[Part] = []
    place = 0
    markup = False
    for child in block.children:
        if isinstance(child, nodes.Text):
            continue
        raw = child.rawsource if isinstance(child, nodes.Element) else ""
        begin = source.find(raw, place) if raw else -1
        if begin < 0:
            continue
        parts.append((_unescaped(source[place:begin], after=markup, before=True), ""))
        parts.append(_part(child))
        place, markup = begin + len(raw), True
    parts.append((_unescaped(source[place:], after=markup, before=False), ""))
    return [part for part in parts if part[0] or part[1]]


def _part(child: Any) -> Part:
    if isinstance(child, nodes.substitution_reference):
        return child.rawsource, child["refname"]
    for within in child.findall(nodes.substitution_reference):
        return child.astext(), within["refname"]
    return child.astext(), ""


def _unescaped(text: str, *, after: bool, before: bool) -> str:
    r"""Return `text` without the escapes of reStructuredText; `\ ` is one only at markup."""
    if after and text.startswith("\\ "):
        text = text[2:]
    if before and text.endswith("\\ "):
        text = text[:-2]
    return _ESCAPED.sub(r"\1", text)


def resolved(parts: list[Part], values: Mapping[str, str]) -> str:
    """Return the text with what the `values` say for the names of substitutions."""
    known = {nodes.fully_normalize_name(name): value for name, value in values.items()}
    return "".join(
        known.get(nodes.fully_normalize_name(name), text) if name else text for text, name in parts
    )
