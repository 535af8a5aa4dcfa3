"""Checks that hold on a host where their sentence is not true."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from runbook.lint.finding import Finding, FindingKind
from runbook.model import Action, Edit, FileContent, Runbook
from runbook.model.syntax_tree import parse

_UNITS: Final = PurePosixPath("/etc/systemd/system")


def weak_check_findings(runbook: Runbook) -> Iterator[Finding]:
    """Yield checks that ask `is_enabled` of a unit whose file the guide writes without `[Install]`.

    testinfra goes by the exit status of ``systemctl is-enabled``. It is 0 of such a unit, which is
    *static*: no start of the host starts it.
    """
    steps = list(runbook.steps())
    static = {unit for step in steps for action in step.actions if (unit := _static(action))}
    for step in steps:
        for check in step.checks:
            for name in _asked(check.source):
                unit = name if PurePosixPath(name).suffix else f"{name}.service"
                if unit in static:
                    yield Finding(
                        check.location,
                        FindingKind.WEAK_CHECK,
                        f"is_enabled is true of {unit}, but the guide writes it without an "
                        "[Install] section, so that nothing starts it with the host",
                    )


def _static(action: Action) -> str:
    """Return the unit that the action writes as a whole and without `[Install]`, or nothing."""
    if not isinstance(action, FileContent) or action.edit is not Edit.WHOLE:
        return ""
    path = PurePosixPath(action.path)
    if path.parent != _UNITS or "[Install]" in action.text.splitlines():
        return ""
    return path.name


@lru_cache(maxsize=4096)  # an editor asks the same again and again
def _asked(source: str) -> tuple[str, ...]:
    """Return the names of the units of which a check with this source asks `is_enabled`."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError):
        return ()
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(
                attr="is_enabled",
                value=ast.Call(
                    func=ast.Attribute(attr="service"), args=[ast.Constant(value=str(name))]
                ),
            ):
                found.append(name)
    return tuple(found)
