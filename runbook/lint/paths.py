"""The paths through a guide: a platform with alternatives, and what is done on which hosts then."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from attrs import field, frozen

from runbook.model import Cluster, Runbook, Step
from runbook.model.alternative import fits, not_taken

GuidePath = tuple[str, tuple[tuple[str, str], ...]]
"""A platform, and the chosen alternatives by the names of the choices."""


@frozen
class Hosts:
    """The hosts of a guide. Without a cluster file they are those that its steps name."""

    names: tuple[str, ...]
    cluster: Cluster | None
    _selected: dict[tuple[tuple[str, ...], GuidePath], tuple[str, ...]] = field(factory=dict)

    @classmethod
    def of(cls, runbook: Runbook, cluster: Cluster | None) -> Hosts:
        """Return the hosts of `runbook`."""
        if cluster is not None:
            return cls(tuple(host.name for host in cluster.hosts), cluster)
        named = dict.fromkeys(name for s in runbook.steps() for name in s.on if name != "all")
        return cls(tuple(named) or ("",), None)

    def select(self, names: tuple[str, ...], path: GuidePath) -> tuple[str, ...]:
        """Return the hosts on `path` that names of hosts and groups select; all if there are none.

        Names that are no hosts select none.
        """
        # Thousands of events of a guide ask for the same few.
        if (names, path) not in self._selected:
            self._selected[names, path] = self._select(names, path)
        return self._selected[names, path]

    def _select(self, names: tuple[str, ...], path: GuidePath) -> tuple[str, ...]:
        if self.cluster is None:
            return tuple(n for n in self.names if not names or n in names or "all" in names)
        groups = {group for host in self.cluster.hosts for group in host.groups}
        known = tuple(name for name in names or ("all",) if name in self.names or name in groups)
        chosen = self.cluster.choosing(dict(path[1]))
        return tuple(host.name for host in chosen.select(known))

    def named(self, name: str, path: GuidePath) -> tuple[str, ...]:
        """Return the hosts that a group, a name or an address means; none if it is no host."""
        hosts = self.cluster.hosts if self.cluster is not None else ()
        aliases = {host.address: host.name for host in hosts}
        short = aliases.get(name, name.partition(".")[0])
        return self.select((short,), path) if short else ()


def paths(runbook: Runbook, cluster: Cluster | None) -> list[GuidePath]:
    """Return all paths through `runbook`: its platforms with all combinations of alternatives.

    A name that stands for all versions of a platform is no platform beside one of those.
    """
    platforms = dict.fromkeys(host.platform for host in cluster.hosts) if cluster else {}
    values: dict[str, dict[str, None]] = {}
    for name, value in cluster.choices.items() if cluster else ():
        values.setdefault(name, {})[value] = None
    for step in runbook.steps():
        platforms.update(dict.fromkeys(step.platforms))
        for choice in step.choices:
            name, _, value = choice.partition("=")
            values.setdefault(name, {})[value] = None
    chosen = [[(name, value) for value in known] for name, known in values.items()]
    single = [p for p in platforms if not any(fits(one, (p,)) for one in platforms if one != p)]
    return [(p, alternatives) for p in single or ("",) for alternatives in product(*chosen)]


def is_on(step: Step, path: GuidePath) -> bool:
    """Return whether `step` is done on `path`, where hosts have the capabilities it needs."""
    platform, alternatives = path
    if step.platforms and platform and not fits(platform, step.platforms):
        return False
    chosen = dict(alternatives)
    for choice in step.choices:
        name, _, value = choice.partition("=")
        if chosen.get(name) != value:
            return False
    return not any(
        not_taken(one, chosen) or fits(platform, one.other_platforms) for one in step.alternatives
    )


def described(failing: Iterable[GuidePath], possible: Iterable[GuidePath], platforms: int) -> str:
    """Return in words which of the `possible` paths are the `failing` ones.

    A guide for one platform in all has no need to name it; `platforms` is their number.
    """
    bad, all_ = list(failing), list(possible)
    found = []
    for platform in dict.fromkeys(platform for platform, _ in bad):
        words = f"on {platform}" if platform and platforms > 1 else ""
        here = [one for one in bad if one[0] == platform]
        if len(here) < sum(one[0] == platform for one in all_):
            words += f" with {_choices(here, [one for one in all_ if one[0] == platform])}"
        found.append(words.strip())
    return " and ".join(one for one in found if one)


def _choices(bad: list[GuidePath], all_: list[GuidePath]) -> str:
    """Return the one choice that tells the paths `bad` from the others, or those of the first."""
    for name, _ in bad[0][1]:
        values = list(dict.fromkeys(dict(one[1])[name] for one in bad))
        if [one for one in all_ if dict(one[1])[name] in values] == bad:
            return " or ".join(f"{name}={value}" for value in values)
    return " ".join(f"{name}={value}" for name, value in bad[0][1])
