"""A node for HTML elements that docutils has no nodes for."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from docutils import nodes

_VOID_ELEMENTS: Final = frozenset({"input", "br", "hr", "img"})


class html_element(nodes.General, nodes.Inline, nodes.Element):  # noqa: N801  # docutils' naming style
    """An HTML element; `tag` is its name, `html` its attributes.

    It is made only when an HTML page is written, so that no other writer needs to know it.
    """


def el(tag: str, classes: str, *children: nodes.Node | str, **attributes: str) -> html_element:
    """Return an element; underscores in the names of attributes become hyphens."""
    node = html_element(tag=tag)
    html = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    node["html"] = {"class": classes, **html} if classes else html
    node.extend(nodes.Text(child) if isinstance(child, str) else child for child in children)
    return node


def start_tag(node: nodes.Element) -> str:
    """Return the start tag of the element."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node["html"].items())
    return f"<{node['tag']}{attributes}>"


def visit_html_element(translator: Any, node: nodes.Element) -> None:
    """Write the start tag."""
    translator.body.append(start_tag(node))


def depart_html_element(translator: Any, node: nodes.Element) -> None:
    """Write the end tag, unless the element has none."""
    if node["tag"] not in _VOID_ELEMENTS:
        translator.body.append(f"</{node['tag']}>")
