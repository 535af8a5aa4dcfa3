"""Commands that run until a person ends them: pagers, editors, and followed logs."""

from __future__ import annotations

from typing import Final

from runbook.console.clues.interactive import opens_editor
from runbook.console.clues.words import program_name
from runbook.shelltext.pattern import any_of

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
"""Commands that print until they are stopped, wherever their output goes."""

_SHOWS: Final = any_of(
    _SUDO + r"top\b(?!.*-b)",
    _SUDO + r"(?:htop|dstat|iotop|nload|iftop)\b",
    _SUDO + r"(?:less|more)\b|man ",
    _SUDO + r"virsh console",
    _SUDO + r"(?:screen|tmux)\s*\Z",
)
"""Commands that take over the terminal, unless their output goes elsewhere."""


def endless(command: str) -> str | None:
    """Return the name of the program that keeps `command` running, or `None` if it ends."""
    if opens_editor(command):
        return program_name(command)
    first, *others = command.split("|")
    last = others[-1].strip() if others else first
    if _FOLLOWS.match(first) and not last.startswith("head"):
        return program_name(first)
    return program_name(last) if _SHOWS.match(last) else None
