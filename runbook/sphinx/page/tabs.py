"""Alternatives side by side: containers for platforms and choices become one group of tabs.

Without JavaScript all alternatives are there, each below its name.
"""

from __future__ import annotations

from typing import Final

from docutils import nodes

from runbook.sphinx.page.element import el, element

_NOUNS: Final = ("platform", "choice")


def tabs(doctree: nodes.document) -> None:
    """Put neighbouring alternatives into groups."""
    done: set[int] = set()
    found = [one for one in doctree.findall(nodes.container) if one.get("runbook") in _NOUNS]
    for container in found:
        if id(container) not in done:
            done.update(map(id, _group(container)))


def _group(first: nodes.container) -> list[nodes.container]:
    """Put an alternative and those behind it into one group, and return them."""
    noun, parent = first["runbook"], first.parent
    start = parent.index(first)
    taken: list[nodes.container] = []
    for node in parent.children[start:]:
        if not isinstance(node, nodes.container) or node.get("runbook") != noun:
            break
        if noun == "choice" and _choice(node)[0] != _choice(first)[0]:
            break
        taken.append(node)
    panels = [_panel(node) for node in taken]
    if len(panels) == 1:
        made = panels[0]
    else:
        name = "platform" if noun == "platform" else _choice(first)[0]
        made = el("div", "runbook-tabs", *panels, data_tabs=name)
    parent.children[start : start + len(taken)] = [made]
    made.parent = parent
    return taken


def _choice(node: nodes.Element) -> tuple[str, str]:
    name, _, value = str(node["runbook_data"]["choices"][0]).partition("=")
    return name, value


def _panel(node: nodes.container) -> element:
    data = node["runbook_data"]
    if node["runbook"] == "platform":
        keys, label = " ".join(data["platforms"]), ", ".join(data["platforms"])
    else:
        keys = label = _choice(node)[1]
    name = el("p", "runbook-tab-name", node[0].astext())
    classes = f"runbook-tab runbook-{node['runbook']}"
    return el("div", classes, name, *node.children[1:], data_keys=keys, data_label=label)
