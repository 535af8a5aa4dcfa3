"""The part of a document that its pages show; what they leave out is not read either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from attrs import define, field, frozen
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.ext.ifconfig import ifconfig
from sphinx.ext.todo import todo_node

_NEVER: Final = (nodes.comment, nodes.substitution_definition, nodes.decoration)
"""What no page shows: Sphinx has its own headers and footers."""


@frozen
class Condition:
    """The expression of a directive: of tags in `only`, else of values of the configuration."""

    directive: str
    expression: str

    def outcome(self, app: Sphinx) -> bool | str:
        """Return whether the condition holds, or why it cannot be evaluated."""
        try:
            if self.directive == "only":
                return app.tags.eval_condition(self.expression)
            # As Sphinx does it: who writes the document also writes conf.py.
            return bool(eval(self.expression, _namespace(app)))  # noqa: S307
        except Exception as error:
            said = getattr(error, "msg", None) or str(error)
            return f"{type(error).__name__}: {said}"


Conditions = dict[Condition, bool | str]
"""Conditions with their outcomes."""


@define
class ShownPart:
    """What decided which part of a document is shown; a node of `failed` could not be decided."""

    conditions: Conditions = field(factory=dict)
    failed: list[tuple[nodes.Element, str]] = field(factory=list)


@contextmanager
def only_shown(document: nodes.Element, app: Sphinx) -> Iterator[ShownPart]:
    """Take out of a document what its pages leave out, and put it back at the end."""
    part = ShownPart()
    whole: list[tuple[nodes.Element, list[nodes.Node]]] = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        kept = [child for child in node.children if _is_shown(child, app, part)]
        if len(kept) < len(node.children):
            whole.append((node, node.children))
            node.children = kept
        waiting += [
            child
            for child in kept
            if isinstance(child, nodes.Element) and not isinstance(child, nodes.TextElement)
        ]
    try:
        yield part
    finally:
        for node, children in whole:
            node.children = children


def _is_shown(node: nodes.Node, app: Sphinx, part: ShownPart) -> bool:
    """Tell whether pages show `node`; one whose condition fails is as Sphinx has it."""
    if isinstance(node, _NEVER):
        return False
    condition = _condition(node)
    if condition is None or not isinstance(node, nodes.Element):
        return True
    if condition not in part.conditions:
        part.conditions[condition] = condition.outcome(app)
    outcome = part.conditions[condition]
    if isinstance(outcome, str):
        message = f"the condition of '{condition.directive}' cannot be evaluated: {outcome}"
        part.failed.append((node, message))
        return condition.directive == "only"
    return outcome


def _condition(node: nodes.Node) -> Condition | None:
    match node:
        case addnodes.only():
            return Condition("only", node["expr"])
        case ifconfig():
            return Condition("ifconfig", node["expr"])
        case todo_node():
            return Condition("todo", "todo_include_todos")
        case _:
            return None


def _namespace(app: Sphinx) -> dict[str, object]:
    """Return the names that an expression of the configuration may use."""
    names: dict[str, object] = {one.name: one.value for one in app.config}
    # A plan is made for the pages of the builder `html`.
    builder = "html" if app.builder.name == "runbook" else app.builder.name
    return names | app.config.__dict__ | {"builder": builder}
