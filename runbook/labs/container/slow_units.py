"""The units of systemd that make a host slow to boot or busy once it has, or fail there."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from runbook.labs.container.network import ALL, run_in_namespace

_PROPERTIES: Final = (
    "Id",
    "ActiveState",
    "MainPID",
    "InactiveExitTimestampMonotonic",
    "ActiveEnterTimestampMonotonic",
)
_ASK: Final = f"""
systemctl show --property=UserspaceTimestampMonotonic,FinishTimestampMonotonic
echo
systemctl show --type=service,mount --state=active,failed --property={",".join(_PROPERTIES)} '*'
echo
cat /proc/[0-9]*/stat 2>/dev/null || :
"""
_LARGE: Final = 0.2
_OWN: Final = ("systemd-", "dbus", "user@", "getty@", "console-getty")
_TIMES: Final = slice(11, 15)
"""Where proc(5) has the processor time of a process, and of its children that have ended.

Fields are counted from the one after its name.
"""


@frozen
class _Unit:
    """A unit: the process that it is, if any, and when it was started, in microseconds."""

    name: str
    failed: bool
    process: int
    began: int
    ended: int


def slow_units(pid: int) -> list[str]:
    """Return the services and mounts that took a large part of a host's boot, or have failed.

    It is a part of its time, or of the processor's, because all of a boot takes longer on a busy
    machine. Units of systemd itself are not among them. `pid` is the first process of the host.

    Raises:
        LabError: the host does not answer.

    """
    manager, *blocks, processes = run_in_namespace(pid, ["sh", "-c", _ASK], kinds=ALL).split("\n\n")
    boot = _properties(manager)
    began, ended = boot["UserspaceTimestampMonotonic"], boot["FinishTimestampMonotonic"]
    most_time = _LARGE * (int(ended) - int(began))
    used = _processor_times(processes)
    most_use = _LARGE * sum(used.values())
    found = []
    for unit in map(_unit, blocks):
        at_boot = int(began) <= unit.began and unit.ended <= int(ended)
        slow = unit.ended - unit.began > most_time or used.get(unit.process, 0) > most_use
        if ((at_boot and slow) or unit.failed) and not unit.name.startswith(_OWN):
            found.append(unit.name)
    return found


def _unit(printed: str) -> _Unit:
    told = _properties(printed)
    name, state, process, began, ended = (told.get(key, "") for key in _PROPERTIES)
    return _Unit(name, state == "failed", int(process or 0), int(began), int(ended))


def _properties(printed: str) -> dict[str, str]:
    """Return the properties of one unit, as `systemctl show` prints them."""
    return {name: value for name, _, value in (o.partition("=") for o in printed.splitlines())}


def _processor_times(printed: str) -> dict[int, int]:
    """Return the processor time of each process but the first, in ticks; with its children's."""
    found = {}
    for line in printed.splitlines():
        number, _, rest = line.partition(" (")
        found[int(number)] = sum(map(int, rest.rpartition(") ")[2].split()[_TIMES]))
    found.pop(1, None)
    return found
