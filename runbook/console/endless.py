"""Commands that wait for a person to end them: pagers, editors, and what follows a log."""

from __future__ import annotations

from typing import Final

from runbook.console.pattern import any_of

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


def is_endless(command: str) -> bool:
    """Tell whether `command` waits for a person to end it."""
    first, *others = command.split("|")
    if _FOLLOWS.match(first) and not any(other.strip().startswith("head") for other in others):
        return True
    return bool(_SHOWS.match((others or [first])[-1].strip()))
