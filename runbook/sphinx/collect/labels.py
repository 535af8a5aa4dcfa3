"""The titles below headings that blocks belong to: of tabs, notes, list items, rubrics."""

from __future__ import annotations

import re
from typing import Final

from docutils import nodes
from sphinx import addnodes

_TITLE_CLASSES: Final = frozenset({"tab-title", "toggle-header"})
"""Classes of nodes that are the title of their following siblings, as in a set of tabs."""
_MAX_TITLE_WORDS: Final = 6
"""A longer first paragraph of a list item is not its title."""
_SENTENCE_END: Final = re.compile(r"[.;!?。！？]\Z")  # noqa: RUF001  # full stops of other scripts

PATH: Final = re.compile(
    r"""(?:~|\.{1,2})?/[^\s:]*[^\s:/]            # /etc/hosts, ~/.ssh/config, ./site.yml
    | (?:[\w.-]+/)*[\w.-]+\.(?:conf|cfg|cnf|ini|ya?ml|json|toml|xml|repo|list|service|socket|timer
      |mount|network|sh|py|rb|pl|sql|env|properties|rules|tf|hcl|j2|ks|pp|pem|crt|key|html|js|txt)
    """,
    re.VERBOSE,
)
"""Text that is certainly the path of a file."""


def plain(node: nodes.Node) -> str:
    """Return the text of `node` on one line."""
    return " ".join(node.astext().split())


def title_of_rest(node: nodes.Element) -> str | None:
    """Return the text of `node` if it is the title of its following siblings."""
    if isinstance(node, nodes.rubric | nodes.label):
        return plain(node)
    classes = node.get("classes")
    if classes and not _TITLE_CLASSES.isdisjoint(classes):
        return plain(node)
    if isinstance(node, nodes.container) and _is_sphinx_tabs_title(node):
        return plain(node)
    return None


def _is_sphinx_tabs_title(node: nodes.container) -> bool:
    """Tell whether `node` is the title of a tab of sphinx-tabs, in a builder other than HTML."""
    tab = node.parent
    if not isinstance(tab, nodes.container) or tab[0] is not node:
        return False
    if tab.get("role") == "tabpanel":
        # On a page the titles are in a list apart, and the panel begins with its content.
        return False
    return isinstance(tab.parent, nodes.Element) and "sphinx-tabs" in tab.parent.get("classes", ())


def title_of(node: nodes.Element) -> str | None:
    """Return the title of `node` itself, or `None` if it has none."""
    if node.get("role") == "tabpanel":
        return _panel_title(node)
    if "runbook_label" in node:
        return str(node["runbook_label"]) or None
    if isinstance(node, nodes.Admonition | addnodes.seealso | nodes.topic | nodes.sidebar):
        first = node[0] if len(node) else None
        if isinstance(first, nodes.title):
            return plain(first)
        return node.tagname
    if isinstance(node, nodes.list_item):
        return _item_title(node)
    if isinstance(node, nodes.definition_list_item | nodes.field | addnodes.desc):
        named = (nodes.term, nodes.field_name, addnodes.desc_signature)
        return next((plain(part) for part in node.children if isinstance(part, named)), None)
    return None


def _panel_title(panel: nodes.Element) -> str | None:
    """Return the title of a tab of sphinx-tabs on a page, where all titles are in a list."""
    tabs = panel.parent.children[0]
    number = panel.parent.index(panel) - 1
    if not isinstance(tabs, nodes.Element) or not 0 <= number < len(tabs):
        return None
    return plain(tabs[number])


def _item_title(item: nodes.list_item) -> str | None:
    """Return the first paragraph of a list item if it reads like a title and more follows."""
    if len(item) < 2 or not isinstance(item[0], nodes.paragraph) or not len(item[0]):
        return None
    first = item[0][0]
    if isinstance(first, nodes.strong):
        return plain(first).rstrip(":：")  # noqa: RUF001
    text = plain(item[0])
    if len(text.split()) > _MAX_TITLE_WORDS or len(text) > 60 or _SENTENCE_END.search(text):
        return None
    return text.rstrip(":：")  # noqa: RUF001


def path_in(paragraph: nodes.TextElement) -> str | None:
    """Return the path if the paragraph is only a path in italics, bold or literal."""
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


def path_in_italics(paragraph: nodes.TextElement) -> str | None:
    """Return the path if the paragraph is only an absolute path in italics."""
    if len(paragraph) != 1 or not isinstance(paragraph[0], nodes.emphasis):
        return None
    text = paragraph.astext().strip()
    return text if text.startswith(("/", "~/")) and " " not in text else None
