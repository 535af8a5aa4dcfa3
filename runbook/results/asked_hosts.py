"""Which hosts decide what a step does besides those that it runs on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from runbook.model import Host, Step
from runbook.model.actions import Dialogue
from runbook.model.syntax_tree import parse


def hosts_asked(step: Step, hosts: Sequence[Host]) -> list[list[str]]:
    """Return the hosts that have other answers by a group, and all that a check may ask.

    What a step has nothing of is left out, so that it is no part of its key.
    """
    names = {host.name for host in hosts}
    found = [
        [host.name for host in hosts if set(on) & {host.name, *host.groups}]
        for on in _answered_on(step)
        if set(on) - names
    ]
    if any(_asks_any(check.source) for check in step.checks):
        found.append(sorted(names))
    return found


def _answered_on(step: Step) -> Iterable[tuple[str, ...]]:
    for action in step.actions:
        if isinstance(action, Dialogue):
            for turn in action.turns:
                yield from (other.on for other in turn.overrides)


def _asks_any(source: str) -> bool:
    """Return whether a check uses `hosts` in another way than `hosts["gs1"]`, which names one."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError):
        return False
    named = [node.value for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "hosts"]
    own = any(isinstance(node.ctx, ast.Store) for node in used)
    return not own and any(node not in named for node in used)
