"""Which hosts decide what a step does besides those that it runs on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from runbook.model import Host, Step
from runbook.model.answering import answering_hosts
from runbook.model.shared_source import SharedSource
from runbook.model.syntax_tree import parse

_HOSTS = "hosts"
"""The name by which checks, and what they share, reach every host."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def hosts_asked(step: Step, hosts: Sequence[Host], shared: SharedSource) -> list[list[str]]:
    """Return the hosts that have other answers by a group, and all that a check may ask.

    What a step has nothing of is left out, so that it is no part of its key.
    """
    found = answering_hosts(step, hosts)
    if any(_may_ask_any(check.source, shared) for check in step.checks):
        found.append(sorted(host.name for host in hosts))
    return found


def _may_ask_any(source: str, shared: SharedSource) -> bool:
    return _asks_any(source) or _asks_any(shared.used_by(source))


def _asks_any(source: str) -> bool:
    """Return whether Python text uses `hosts` in another way than `hosts["gs1"]`, which names one.

    It does not if the name is its own: a parameter, or given before it is used.
    """
    if _HOSTS not in source:
        return False
    try:
        tree = parse(source)
    except (SyntaxError, ValueError):
        return False
    for statement in tree.body:
        if any(_used_in(statement)):
            return True
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _gives(statement):
            return False
    return False


def _used_in(node: ast.AST) -> Iterable[bool]:
    """Yield `True` for each use of the `hosts` that a check is given."""
    match node:
        case ast.Subscript(value=ast.Name(id="hosts"), slice=named):
            yield from _used_in(named)
        case ast.Name(id="hosts", ctx=ast.Load()):
            yield True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if _is_own(node):
            yield from _used_in(node.args)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() if any(
            _gives(one.target) for one in node.generators
        ):
            # What it goes through first is read outside of it.
            yield from _used_in(node.generators[0].iter)
        case _:
            for inner in ast.iter_child_nodes(node):
                yield from _used_in(inner)


def _is_own(function: _Function) -> bool:
    """Return whether the name is a parameter of a function, or given in it."""
    given = ast.walk(function.args)
    body = function.body if isinstance(function.body, list) else [function.body]
    return any(isinstance(one, ast.arg) and one.arg == _HOSTS for one in given) or any(
        map(_gives, body)
    )


def _gives(node: ast.AST) -> bool:
    """Return whether the name is given somewhere below a node."""
    return any(
        isinstance(one, ast.Name) and one.id == _HOSTS and isinstance(one.ctx, ast.Store)
        for one in ast.walk(node)
    )
