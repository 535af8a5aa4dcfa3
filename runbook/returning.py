"""Which commands take the connection to their own host away, and are to bring it back.

A reboot ends every session, and a restart of the network may. The command that does it is not
broken by that: the host is waited for, and the step goes on in a new session.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from runbook.programs import Program, programs


class Leave(enum.Enum):
    """How a command takes the connection away."""

    REBOOT = "reboot"
    """The host comes back as one that has been booted since."""
    NETWORK = "network"
    """The host stays up; whoever talks to it may have to begin anew."""


_UNITS: Final = re.compile(
    r"(networking|network|NetworkManager|systemd-networkd|sshd?|openvswitch[\w-]*)(\.service)?\Z"
)
_VERBS: Final = frozenset({"restart", "reload-or-restart", "try-restart", "start"})


def leaves(text: str) -> Leave | None:
    """Return how the last program that shell `text` starts takes the connection away, if it does.

    What stands behind such a program could not be run any more, so only the last counts; and it
    counts only if it runs here, not on another machine.
    """
    last = None
    for program in programs(text):
        last = program
    return None if last is None or last.elsewhere else _leaves(last)


def _leaves(program: Program) -> Leave | None:
    words = program.arguments
    match program.name:
        case "reboot":
            return Leave.REBOOT
        case "shutdown" if any(word in ("-r", "--reboot") for word in words):
            return Leave.REBOOT
        case "init" | "telinit" if words[:1] == ("6",):
            return Leave.REBOOT
        case "systemctl" if any(word in ("reboot", "soft-reboot", "kexec") for word in words):
            return Leave.REBOOT
        case "systemctl" | "service" if _VERBS & set(words) and any(map(_UNITS.match, words)):
            return Leave.NETWORK
        case "ifdown" | "ifup" | "ifreload":
            return Leave.NETWORK
        case "netplan" if "apply" in words:
            return Leave.NETWORK
        case "networkctl" if {"reload", "reconfigure", "down", "up"} & set(words):
            return Leave.NETWORK
        case "nmcli" if {"up", "down", "reapply", "reload", "apply"} & set(words):
            return Leave.NETWORK
        case "ip" if {"link", "addr", "address", "route"} & set(words) and (
            {"set", "del", "delete", "flush", "change", "replace"} & set(words)
        ):
            return Leave.NETWORK
    return None
