r"""The text of a `parsed-literal` as its author typed it.

docutils treats every backslash as an escape, so that a line continued with `\` loses it. Here
inline markup becomes its text, and the backslashes of the shell are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from docutils import nodes

_ESCAPED: Final = re.compile(r"\\([\\*_|`])")

Part = tuple[str, str]
"""Text and the name of the substitution that it refers to, empty if none."""


def split_parts(block: nodes.literal_block, source: str) -> list[Part]:
    """Return the parts of `source`, the text that `block` was parsed from, without markup.

    Call it before references are resolved; `substitute_parts` replaces them.
    """
    parts: list[Part] = []
    position = 0
    markup = False
    for child in block.children:
        if isinstance(child, nodes.Text):
            continue
        raw = child.rawsource if isinstance(child, nodes.Element) else ""
        begin = source.find(raw, position) if raw else -1
        if begin < 0:
            continue
        parts.append((_unescaped(source[position:begin], after=markup, before=True), ""))
        parts.append(_part(child))
        position, markup = begin + len(raw), True
    parts.append((_unescaped(source[position:], after=markup, before=False), ""))
    return [part for part in parts if part[0] or part[1]]


def _part(child: Any) -> Part:
    if isinstance(child, nodes.substitution_reference):
        return child.rawsource, child["refname"]
    for within in child.findall(nodes.substitution_reference):
        return child.astext(), within["refname"]
    return child.astext(), ""


def _unescaped(text: str, *, after: bool, before: bool) -> str:
    r"""Return `text` without reStructuredText escapes; `\ ` is one only next to markup."""
    if after and text.startswith("\\ "):
        text = text[2:]
    if before and text.endswith("\\ "):
        text = text[:-2]
    return _ESCAPED.sub(r"\1", text)


def substitute_parts(parts: list[Part], values: Mapping[str, str]) -> str:
    """Return the text with the substitutions that `values` defines."""
    known = {nodes.fully_normalize_name(name): value for name, value in values.items()}
    return "".join(
        known.get(nodes.fully_normalize_name(name), text) if name else text for text, name in parts
    )
