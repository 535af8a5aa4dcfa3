"""The units of scheduling policies that ovirt-engine 4.5.7 lists, and policies made of them.

The engine applies some filters to every cluster whatever its policy says: `MANDATORY`. It neither
lists them nor takes them into a policy. Several names are those of a filter and of a weight, which
then are two units with an id each.
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import quoteattr

from attrs import define, evolve, field

MANDATORY: Final = (
    "Compatibility-Version",
    "CPU-Level",
    "CPUTopology",
    "CpuPinning",
    "HostDevice",
    "PinToHost",
    "VM leases ready",
    "MDevice",
)
OF_NONE: Final = {
    "filter": {
        "CPU": 0,
        "CPUOverloaded": 0,
        "Emulated-Machine": 0,
        "HA": 0,
        "Swap": 0,
        "Memory": 0,
        "NUMA": 0,
        "HugePages": 0,
        "Migration": 0,
        "VmAffinityGroups": 0,
        "VmToHostsAffinityGroups": 0,
        "Network": 0,
        "HostedEngineSpares": 0,
        "Migration-Tsc-Frequency": 0,
        "Host-hooks": 0,
    },
    "weight": {
        "OptimalForCpuEvenDistribution": 2,
        "OptimalForMemoryEvenDistribution": 1,
        "PreferredHosts": 99,
        "HA": 1,
        "OptimalForHaReservation": 1,
        "VmAffinityGroups": 1,
        "VmToHostsAffinityGroups": 20,
        "CPU for high performance VMs": 4,
        "CPU and NUMA pinning compatibility": 5,
    },
}
"""The units of the policy `none`, with the factors of the weights."""

UNITS: Final = {
    "filter": (*OF_NONE["filter"], "ClusterInMaintenance", "InClusterUpgrade"),
    "weight": (
        *OF_NONE["weight"],
        "Fit VM to single host NUMA node",
        "InClusterUpgrade",
        "OptimalForCpuPowerSaving",
        "OptimalForEvenGuestDistribution",
        "OptimalForMemoryPowerSaving",
    ),
    "load_balancing": ("None", "OptimalForEvenDistribution", "OptimalForPowerSaving"),
}
"""What `/schedulingpolicyunits` lists, by kind."""


@define
class Policy:
    """A policy: its filters, and its weights with their factors."""

    filters: list[str] = field(factory=list)
    weights: dict[str, int] = field(factory=dict)

    def filters_listed(self) -> str:
        """Return what the API answers about the filters."""
        return _parts("filter", dict.fromkeys(self.filters, 0))

    def weights_listed(self) -> str:
        """Return what the API answers about the weights."""
        return _parts("weight", self.weights)

    def add_filter(self, unit: str) -> tuple[int, str]:
        """Take the filter with that id into the policy, or refuse it as the engine does."""
        kind, name = _named(unit)
        if kind != "filter" or name not in UNITS[kind] or name in self.filters:
            return _REFUSED
        self.filters.append(name)
        return 200, _part("filter", name, 0)

    def add_weight(self, unit: str, factor: int) -> tuple[int, str]:
        """Take the weight with that id into the policy, or refuse it as the engine does."""
        kind, name = _named(unit)
        if kind != "weight" or name not in UNITS[kind] or name in self.weights:
            return _REFUSED
        self.weights[name] = factor
        return 200, _part("weight", name, factor)


_REFUSED: Final = (409, "<fault><reason>Operation Failed</reason><detail>[unit]</detail></fault>")


def none() -> Policy:
    """Return the policy that a new cluster has."""
    return Policy(list(OF_NONE["filter"]), dict(OF_NONE["weight"]))


def mine() -> Policy:
    """Return the policy of the guide: that of a new cluster, with two other factors."""
    weights = {"OptimalForMemoryEvenDistribution": 2, "OptimalForCpuEvenDistribution": 1}
    return evolve(none(), weights=OF_NONE["weight"] | weights)


def listed() -> str:
    """Return what the API answers about all units."""
    units = "".join(
        f"<scheduling_policy_unit id={_id(kind, name)}><name>{name}</name><type>{kind}</type>"
        "<enabled>true</enabled><internal>true</internal></scheduling_policy_unit>"
        for kind, names in UNITS.items()
        for name in names
    )
    return f"<scheduling_policy_units>{units}</scheduling_policy_units>"


def _parts(kind: str, names: dict[str, int]) -> str:
    parts = "".join(_part(kind, name, factor) for name, factor in names.items())
    return f"<{kind}s>{parts}</{kind}s>"


def _part(kind: str, name: str, factor: int) -> str:
    unit = _id(kind, name)
    said = f"<factor>{factor}</factor>" if kind == "weight" else "<position>0</position>"
    return f"<{kind} id={unit}>{said}<scheduling_policy_unit id={unit}/></{kind}>"


def _id(kind: str, name: str) -> str:
    return quoteattr(f"unit-{kind}-{name}")


def _named(unit: str) -> tuple[str, str]:
    kind, _, name = unit.removeprefix("unit-").partition("-")
    return kind, name
