"""One node for the elements of HTML that docutils has no nodes for."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from docutils import nodes

_EMPTY: Final = frozenset({"input", "br", "hr", "img"})


class element(nodes.General, nodes.Inline, nodes.Element):  # noqa: N801  # as docutils names them
    """An element of HTML; `tag` is its name, `html` its attributes.

    It is made only when a page for a browser is written: no other writer ever meets it.
    """


def el(tag: str, classes: str, *children: nodes.Node | str, **attributes: str) -> element:
    """Return an element; an underscore in the name of an attribute is a hyphen there."""
    made = element(tag=tag)
    about = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    made["html"] = {"class": classes, **about} if classes else about
    made.extend(nodes.Text(child) if isinstance(child, str) else child for child in children)
    return made


def start(node: nodes.Element) -> str:
    """Return the tag that begins the element."""
    said = "".join(f' {name}="{escape(value)}"' for name, value in node["html"].items())
    return f"<{node['tag']}{said}>"


def enter(translator: Any, node: nodes.Element) -> None:
    """Write the beginning of an element."""
    translator.body.append(start(node))


def leave(translator: Any, node: nodes.Element) -> None:
    """Write the end of an element."""
    if node["tag"] not in _EMPTY:
        translator.body.append(f"</{node['tag']}>")
