"""Adjacent `platform` and `choice` directives as one group of tabs.

Without JavaScript all alternatives are shown, each below its name.
"""

from __future__ import annotations

from typing import Final

from docutils import nodes

from runbook.sphinx.page.element import el, html_element

_ALTERNATIVES: Final = ("platform", "choice")


def group_alternatives(doctree: nodes.document) -> None:
    """Put adjacent alternatives into groups."""
    done: set[int] = set()
    found = [one for one in doctree.findall(nodes.container) if one.get("runbook") in _ALTERNATIVES]
    for container in found:
        if id(container) not in done:
            done.update(map(id, _group(container)))


def _group(first: nodes.container) -> list[nodes.container]:
    """Put an alternative and those that follow it into one group, and return them."""
    kind, parent = first["runbook"], first.parent
    start = parent.index(first)
    alternatives: list[nodes.container] = []
    for node in parent.children[start:]:
        if not isinstance(node, nodes.container) or node.get("runbook") != kind:
            break
        if kind == "choice" and _choice(node)[0] != _choice(first)[0]:
            break
        alternatives.append(node)
    panels = [_panel(node) for node in alternatives]
    if len(panels) == 1:
        group = panels[0]
    else:
        name = "platform" if kind == "platform" else _choice(first)[0]
        group = el("div", "runbook-tabs", *panels, data_tabs=name)
    parent.children[start : start + len(alternatives)] = [group]
    group.parent = parent
    return alternatives


def _choice(node: nodes.Element) -> tuple[str, str]:
    name, _, value = str(node["runbook_data"]["choices"][0]).partition("=")
    return name, value


def _panel(node: nodes.container) -> html_element:
    data = node["runbook_data"]
    if node["runbook"] == "platform":
        keys, label = " ".join(data["platforms"]), ", ".join(data["platforms"])
    else:
        keys = label = _choice(node)[1]
    name = el("p", "runbook-tab-name", node[0].astext())
    classes = f"runbook-tab runbook-{node['runbook']}"
    return el("div", classes, name, *node.children[1:], data_keys=keys, data_label=label)
