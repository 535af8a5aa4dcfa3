"""The hosts that a guide speaks of."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from runbook.model.node import EMPTY, Node


@frozen
class Host:
    """One machine of a cluster. `groups` always contains `all`.

    `when` is the alternative, as `engine=standalone`, in which the machine is there from the
    beginning; in others a step of the guide makes it. Without one, it always is.
    """

    name: str
    address: str
    groups: tuple[str, ...] = ("all",)
    platform: str = ""
    when: str = ""


@frozen
class Cluster:
    """The hosts a guide speaks of, and the values its text may name.

    `network` is in CIDR notation. `values` are what `|name|` stands for in the text.
    `user` is the ordinary user of the hosts, whose prompt is `$`; without one, each kind of lab
    has its own. `choices` are the alternatives that the operator chose, by the name of the choice.
    `environment` is set in every session. `recipe` is the file itself, of which the labs that
    make hosts read their own parts.
    """

    name: str
    network: str
    hosts: tuple[Host, ...]
    values: dict[str, str] = field(factory=dict)
    environment: dict[str, str] = field(factory=dict)
    user: str = ""
    choices: dict[str, str] = field(factory=dict)
    recipe: Node = EMPTY

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of all groups, sorted."""
        return tuple(sorted({group for host in self.hosts for group in host.groups}))

    def choosing(self, chosen: Mapping[str, str]) -> Cluster:
        """Return the cluster of an operator who chose `chosen` instead, or as well."""
        return evolve(self, choices={**self.choices, **chosen})

    def select(self, names: tuple[str, ...]) -> tuple[Host, ...]:
        """Return the hosts that host or group `names` select, in the cluster's order.

        A group, `all` included, has only those that are there from the beginning.

        Raises:
            KeyError: a name is neither a host nor a group; the key is that name.

        """
        known = {host.name for host in self.hosts} | {g for h in self.hosts for g in h.groups}
        for name in names:
            if name not in known:
                raise KeyError(name)
        wanted = set(names)
        return tuple(
            h
            for h in self.hosts
            if h.name in wanted or (wanted & set(h.groups) and self._has_from_the_beginning(h))
        )

    def _has_from_the_beginning(self, host: Host) -> bool:
        name, _, value = host.when.partition("=")
        return not host.when or self.choices.get(name) == value
