"""Commands that wait for a person to end them: pagers, editors, and what follows a log."""

from __future__ import annotations

from typing import Final

from runbook.console.pattern import any_of
from runbook.console.words import program

_SUDO: Final = r"(?:sudo )?"
_FOLLOWS: Final = any_of(
    _SUDO + r"tail (?:\S+ )*(?:-\w*[fF]\b|--follow)",
    _SUDO + r"journalctl (?:.* )?(?:-[a-z]*f[a-z]*\b|--follow)",
    _SUDO + r"watch ",
    _SUDO + r"(?:vmstat \d+|iostat .*\d)\s*\Z",
    _SUDO + r"tcpdump (?!.*-c)",
    _SUDO + r"ping (?!.*-[cn]\b)",
    _SUDO + r"ceph (?:-w|--watch)",
)
"""Commands that print until they are stopped, wherever they print to."""

_SHOWS: Final = any_of(
    _SUDO + r"top\b(?!.*-b)",
    _SUDO + r"(?:htop|dstat|iotop|nload|iftop)\b",
    _SUDO + r"(?:less|more)\b|(?:man|vi|vim|nano|emacs) |visudo|vipw",
    _SUDO + r"virsh console",
    _SUDO + r"(?:screen|tmux)\s*\Z",
)
"""Commands that take the terminal for themselves, if it is theirs."""


def endless(command: str) -> str | None:
    """Return the name of the program that makes `command` wait for a person to end it."""
    first, *others = command.split("|")
    last = others[-1].strip() if others else first
    if _FOLLOWS.match(first) and not last.startswith("head"):
        return program(first)
    return program(last) if _SHOWS.match(last) else None
