"""Shells within a shell: after which commands the prompt changes, and whether a line shows that."""

from __future__ import annotations

import re
from typing import Final

from runbook.console.clues.comments import is_comment
from runbook.console.clues.shapes import prints_files
from runbook.console.clues.words import KNOWN, LIKELY, command_likelihood
from runbook.console.prompts.shell import ShellPrompt
from runbook.shelltext.nested import nested_shell
from runbook.shelltext.pattern import any_of

_HEADING: Final = re.compile(r"\w[:.!?]\s*\Z")
"""The end of a comment above the lines that a program prints."""

_CONSOLE: Final = any_of(
    r"(?:sudo )?(?:telnet|mosh|vagrant ssh|virsh console|cephadm shell|(?:poetry|nix)[ -]shell) ?",
    r"(?:sudo )?(?:kubectl|oc) (?:\S+ )*?(?:rsh|attach|debug)\b",
    r"(?:exit|logout)\b|\^D",
)
"""Commands that may open a shell, or leave one, whatever else they are."""


def moves(command: str) -> bool:
    """Return whether another shell may show its prompt after `command`."""
    return bool(_CONSOLE.match(command)) or nested_shell(command) is not None


def counts(sign: str, text: str, before: str) -> bool:
    """Return whether another prompt than the shell's so far, with `text` after it, is a prompt.

    `sign` is that of the other prompt, and `before` the preceding command.
    """
    if sign not in ("$", "#") or is_comment(text.strip()):
        return False
    if moves(before):
        return True
    if sign == "#" and _HEADING.search(text):
        return False
    # Files have comments, and documents show prompts.
    return not prints_files(before) and command_likelihood(text) >= (
        KNOWN if sign == "#" else LIKELY
    )


def next_sign(shown: ShellPrompt, before: str, sign: str) -> str:
    """Return the sign of the short prompt of the shell that shows the prompt `shown`.

    It is empty if that has a full prompt, and stays `sign` if nothing tells of another shell than
    before.
    """
    if shown.user or shown.host or shown.directory:
        return ""
    changes = shown.sign != sign and (not sign or moves(before))
    return shown.sign if changes else sign
