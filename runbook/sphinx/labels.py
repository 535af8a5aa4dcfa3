"""The short titles that blocks stand under: tabs, notes, items of lists, rubrics."""

from __future__ import annotations

import re
from typing import Final

from docutils import nodes
from sphinx import addnodes

_HEADS: Final = frozenset({"tab-title", "toggle-header"})
"""Classes of what is the title of the parts after it, as in a set of tabs."""
_ITEM_WORDS: Final = 6
"""An item's first words are its title if they are no more than these."""
_STOP: Final = re.compile(r"[.;!?。！？]\Z")  # noqa: RUF001  # also the full stops of other scripts

PATH: Final = re.compile(
    r"""(?:~|\.{1,2})?/[^\s:]*[^\s:/]            # /etc/hosts, ~/.ssh/config, ./site.yml
    | (?:[\w.-]+/)*[\w.-]+\.(?:conf|cfg|cnf|ini|ya?ml|json|toml|xml|repo|list|service|socket|timer
      |mount|network|sh|py|rb|pl|sql|env|properties|rules|tf|hcl|j2|ks|pp|pem|crt|key|html|js|txt)
    """,
    re.VERBOSE,
)
"""What is certainly meant as a file's path."""


def plain(node: nodes.Node) -> str:
    """Return the words of `node` on one line."""
    return " ".join(node.astext().split())


def title_of_rest(node: nodes.Element) -> str | None:
    """Return the words of `node` if it is the title of the nodes that follow it."""
    if isinstance(node, nodes.rubric | nodes.label):
        return plain(node)
    classes = node.get("classes")
    if classes and not _HEADS.isdisjoint(classes):
        return plain(node)
    if isinstance(node, nodes.container) and _is_tab_of_three(node):
        return plain(node)
    return None


def _is_tab_of_three(node: nodes.container) -> bool:
    """Tell whether `node` is the title of a tab of sphinx-tabs, as it is without HTML."""
    tab = node.parent
    if not isinstance(tab, nodes.container) or tab[0] is not node:
        return False
    return isinstance(tab.parent, nodes.Element) and "sphinx-tabs" in tab.parent.get("classes", ())


def title_of(node: nodes.Element) -> str | None:
    """Return the title that `node` itself has, if it is one of those that have."""
    if "runbook_label" in node:
        return str(node["runbook_label"]) or None
    if isinstance(node, nodes.Admonition | addnodes.seealso | nodes.topic | nodes.sidebar):
        first = node[0] if len(node) else None
        if isinstance(first, nodes.title):
            return plain(first)
        return node.tagname
    if isinstance(node, nodes.list_item):
        return _title_of_item(node)
    if isinstance(node, nodes.definition_list_item | nodes.field | addnodes.desc):
        named = (nodes.term, nodes.field_name, addnodes.desc_signature)
        return next((plain(part) for part in node.children if isinstance(part, named)), None)
    return None


def _title_of_item(item: nodes.list_item) -> str | None:
    """Return the first words of a list's item if more follows, and they read like a title."""
    if len(item) < 2 or not isinstance(item[0], nodes.paragraph) or not len(item[0]):
        return None
    first = item[0][0]
    if isinstance(first, nodes.strong):
        return plain(first).rstrip(":：")  # noqa: RUF001
    text = plain(item[0])
    if len(text.split()) > _ITEM_WORDS or len(text) > 60 or _STOP.search(text):
        return None
    return text.rstrip(":：")  # noqa: RUF001


def path_in(paragraph: nodes.TextElement) -> str | None:
    """Return the path that the paragraph is, in italics, bold or literal, and nothing else."""
    if not 1 <= len(paragraph) <= 2:
        return None
    first = paragraph[0]
    if not isinstance(first, nodes.emphasis | nodes.strong | nodes.literal):
        return None
    if len(paragraph) == 2 and paragraph[1].astext().strip() not in (":", "："):  # noqa: RUF001
        return None
    return path_of(first.astext())


def path_of(text: str) -> str | None:
    """Return `text` if it is a path."""
    text = text.strip().rstrip(":")
    return text if PATH.fullmatch(text) else None


def italic_path(paragraph: nodes.TextElement) -> str | None:
    """Return the path if the paragraph is nothing but a path in italics."""
    if len(paragraph) != 1 or not isinstance(paragraph[0], nodes.emphasis):
        return None
    text = paragraph.astext().strip()
    return text if text.startswith(("/", "~/")) and " " not in text else None
