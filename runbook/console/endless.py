"""Commands that wait for a person to end them: pagers, editors, and what follows a log."""

from __future__ import annotations

from typing import Final

from runbook.console.pattern import any_of

_SUDO: Final = r"(?:sudo )?"
_ENDLESS: Final = any_of(
    _SUDO + r"tail (?:\S+ )*(?:-\w*[fF]\b|--follow)",
    _SUDO + r"journalctl .*-\w*f\b",
    _SUDO + r"top\b(?!.*-b)",
    _SUDO + r"(?:htop|dstat|iotop|nload|iftop)\b",
    _SUDO + r"(?:watch|less|more|man) ",
    _SUDO + r"(?:vi|vim|nano|emacs) |visudo|vipw",
    _SUDO + r"(?:vmstat \d+|iostat .*\d)\s*\Z",
    _SUDO + r"tcpdump (?!.*-c)",
    _SUDO + r"ping (?!.*-[cn]\b)",
    _SUDO + r"ceph (?:-w|--watch)",
    _SUDO + r"virsh console",
    _SUDO + r"(?:screen|tmux)\s*\Z",
)


def is_endless(command: str) -> bool:
    """Tell whether `command` waits for a person to end it; a pipe's last program ends it."""
    return "|" not in command and bool(_ENDLESS.match(command))
