"""What the journal of a host last said of a systemd unit that a check which does not hold is about.

The reason why a service is down is on the host, and an operator would look there next.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Final

import testinfra.host
from attrs import evolve

from runbook.errors import RunbookError
from runbook.execution import secrets
from runbook.model import Check
from runbook.model.syntax_tree import parse
from runbook.results import CheckResult
from runbook.terminal.output import plain
from runbook.terminal.redactor import KnownSecrets

_LINES: Final = 10
"""Lines of the journal that are shown of a unit."""
_WIDTH: Final = 300
"""Characters of such a line."""
_BYTES: Final = 65536
"""Bytes of all of them."""
_MOST: Final = 2
"""Units of which the journal is shown; a check that is about more is not about one of them."""

_EXPLAINED: Final = re.compile(r"<service ([\w@.:\\-]+)>")
"""How an assertion's explanation shows testinfra's service, also one from the shared checks."""

# A unit that never started has no lines: does it exist at all?
_ASK: Final = f"""
[ -d /run/systemd/system ] || exit 1
timeout 10 journalctl --sync 2>/dev/null
lines=$(timeout 10 journalctl -q -u %s --no-pager -o cat -n {_LINES} | tail -n {_LINES})
if [ -z "$lines" ]; then
    lines=$(timeout 10 systemctl status --no-pager -n 0 -- %s 2>&1 | head -n {_LINES})
fi
printf '%%s' "$lines" | tail -c {_BYTES}
"""


def with_unit_log(
    result: CheckResult, check: Check, hosts: Mapping[str, testinfra.host.Host], host: str
) -> CheckResult:
    """Return a `result` that does not hold with the last lines of its units' journals.

    `hosts` are those that the check was evaluated with for `host`. One that cannot be asked adds
    nothing: the check failed all the same.
    """
    if result.held or not result.evaluated:
        return result
    units = list(_units(check.source, result.detail, host))[:_MOST]
    told = [said for name, unit in units if (said := _last_lines(hosts, name, unit))]
    return evolve(result, detail="\n".join([result.detail, *told])) if told else result


def _units(source: str, detail: str, host: str) -> Iterator[tuple[str, str]]:
    """Yield hosts and units: those that the explanation names, or all that the check names."""
    named: dict[str, list[str]] = {}
    for name, unit in _in_source(source, host):
        named.setdefault(unit, []).append(name)
    for unit in dict.fromkeys(_EXPLAINED.findall(detail)) or named:
        for name in dict.fromkeys(named.get(unit, [host])):
            yield name, unit


def _in_source(source: str, host: str) -> Iterator[tuple[str, str]]:
    """Yield the hosts and units of all `host.service("NAME")` and `hosts["gs1"].service(...)`."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="host"), attr="service"),
                args=[ast.Constant(value=str(unit)), *_],
            ):
                yield host, unit
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Subscript(value=ast.Name(id="hosts"), slice=ast.Constant(value=name)),
                    attr="service",
                ),
                args=[ast.Constant(value=str(unit)), *_],
            ):
                yield str(name), unit


def _last_lines(hosts: Mapping[str, testinfra.host.Host], name: str, unit: str) -> str:
    """Return what the host `name` last said of `unit`, under a heading; empty if it is silent."""
    with contextlib.suppress(RunbookError, KeyError):
        asked = hosts[name].run(_ASK, unit, unit)
        # What is cut is marked: whoever knows more secrets can tell that there is a part of one.
        cut = b"..." if len(asked.stdout_bytes) >= _BYTES else b""
        # A service may log what an operator typed.
        clean = KnownSecrets(secrets.given()).redact_bytes(cut + asked.stdout_bytes)
        said = plain(clean).strip() if asked.rc == 0 else ""
        if said:
            lines = "\n".join(f"  {_cut(line.rstrip())}" for line in said.splitlines())
            return f"last lines of {unit} on {name}:\n{lines}"
    return ""


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..."
