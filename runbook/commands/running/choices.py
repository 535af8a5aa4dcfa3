"""The alternatives that the operator chooses with `--choose`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from runbook.errors import RunbookError
from runbook.model import Cluster, Runbook
from runbook.model.alternative import choice_value
from runbook.model.suggestion import meant_value


def refuse_unknown_choices(runbook: Runbook, chosen: Mapping[str, str], cluster: Cluster) -> None:
    """Ensure that every choice in `chosen` is one that the guide or a host of `cluster` has.

    A value that no step is for is right where the author named the choice, unless it is a mistyped
    one: then none of its steps runs. Of tabs, one is always taken, so an unknown one would silently
    be another.

    Raises:
        RunbookError: the guide has no such choice, or no such alternative.

    """
    named: dict[str, set[str]] = {}
    _add(named, (host.when for host in cluster.hosts if host.when))
    groups: dict[str, dict[str, None]] = {}
    for step in runbook.steps():
        _add(named, step.choices)
        for one in step.alternatives:
            titles = map(choice_value, one.titles)
            groups.setdefault(one.group, {}).update(dict.fromkeys(titles))
    values = {value for group in groups.values() for value in group}
    for name, value in chosen.items():
        if meant := meant_value(value, named.get(name, ())):
            raise RunbookError(
                f"--choose {name}={value}: no step is for that; did you mean {meant!r}?"
            )
        if name in named or value in groups.get(name, {}) or value in values:
            continue
        if name in groups:
            known = f"its alternatives are: {', '.join(groups[name])}"
            raise RunbookError(f"--choose {name}={value}: {name!r} has no such one; {known}")
        names = sorted({*named, *groups})
        near = difflib.get_close_matches(name, names, 3, 0.5) or names
        known = f"it has: {', '.join(near)}" if near else "it has none"
        raise RunbookError(f"--choose {name}={value}: the guide has no choice {name!r}; {known}")


def _add(named: dict[str, set[str]], choices: Iterable[str]) -> None:
    for choice in choices:
        name, _, value = choice.partition("=")
        named.setdefault(name, set()).add(value)
