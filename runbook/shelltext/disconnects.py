"""Commands that break the connection to their own host for a while.

A reboot ends every session, and restarting the network may. That does not mean that the command
failed: the runner waits for the host, and the step continues in a new session.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import evolve

from runbook.model import Action, Command, Disconnect
from runbook.shelltext.programs import Program, programs

_UNITS: Final = re.compile(
    r"(networking|network|NetworkManager|systemd-networkd|sshd?|openvswitch[\w-]*)(\.service)?\Z"
)
_HINT: Final = re.compile(
    r"reboot|shutdown|init|systemctl|halt|poweroff|loginctl|service|if(?:down|up|reload)|netplan|networkctl|nmcli|\bip\b|['\"\\$]"
)
"""What a text has that breaks the connection; most have none of it."""

_REBOOTS: Final = frozenset({"reboot", "soft-reboot", "kexec"})
_REBOOT_TARGET: Final = re.compile(r"(?:reboot|soft-reboot|kexec|runlevel6)\.target\Z")
_IDLE: Final = frozenset({"true", ":", "exit", "logout"})
"""Programs after a reboot that need not run: they are there for its exit status."""

_VERBS: Final = frozenset({"restart", "reload-or-restart", "try-restart", "start"})


def disconnects(text: str) -> Disconnect | None:
    """Return how the last program in shell `text` breaks the connection, or `None`.

    Only the last program counts, because nothing after such a program could run, apart from what
    only makes the exit status good, as in `reboot || true`; and only if it runs on this host.
    """
    if not _HINT.search(text):
        return None
    found = list(programs(text))
    while len(found) > 1 and found[-1].name in _IDLE:
        del found[-1]
    return None if not found or found[-1].elsewhere else _disconnects(found[-1])


def mark_disconnects(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return `actions`, in which each command says whether it breaks the connection."""
    return tuple(
        evolve(action, disconnects=disconnects(action.text))
        if isinstance(action, Command)
        else action
        for action in actions
    )


def _disconnects(program: Program) -> Disconnect | None:
    words = program.arguments
    match program.name:
        case "reboot":
            return Disconnect.REBOOT
        case "shutdown" if program.has_option("r", "--reboot") and not program.has_option("ck"):
            return Disconnect.REBOOT
        case "halt" | "poweroff" if "--reboot" in words:
            return Disconnect.REBOOT
        case "init" | "telinit" if words[:1] == ("6",):
            return Disconnect.REBOOT
        case "systemctl" | "loginctl" if _REBOOTS & set(words):
            return Disconnect.REBOOT
        case "systemctl" if {"isolate", "start"} & set(words) and any(
            map(_REBOOT_TARGET.match, words)
        ):
            return Disconnect.REBOOT
        case "systemctl" | "service" if _VERBS & set(words) and any(map(_UNITS.match, words)):
            return Disconnect.NETWORK
        case "ifdown" | "ifup" | "ifreload":
            return Disconnect.NETWORK
        case "netplan" if "apply" in words:
            return Disconnect.NETWORK
        case "networkctl" if {"reload", "reconfigure", "down", "up"} & set(words):
            return Disconnect.NETWORK
        case "nmcli" if {"up", "down", "reapply", "reload", "apply"} & set(words):
            return Disconnect.NETWORK
        case "ip" if {"link", "addr", "address", "route"} & set(words) and (
            {"set", "del", "delete", "flush", "change", "replace"} & set(words)
        ):
            return Disconnect.NETWORK
    return None
