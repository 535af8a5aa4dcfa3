"""Decide whether `# ` is root's prompt in a block, or starts comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.clues.comments import is_comment
from runbook.console.clues.words import LIKELY, command_likelihood, is_sentence

_SETTING: Final = re.compile(r"\s*(?:[\w.-]+\s*[=:]|\[[\w ]+\]\s*$|<)")
_HEREDOC: Final = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")


def root_prompt_confidence(
    lines: Sequence[str], texts: Sequence[str], *, session: bool, script: bool
) -> float:
    """Return the confidence that `# ` is a prompt in `lines`; 0 if it starts comments.

    `texts` are what follows each `# `. `session` says that the block is in a transcript language,
    `script` that it is in a shell language.
    """
    commands = [t for t in texts if t and not is_comment(t)]
    strong = [t for t in commands if command_likelihood(t) >= LIKELY]
    if not commands or (not strong and not session and not _is_single_command(lines, commands)):
        return 0.0
    others = _unprompted(lines)
    unmarked_commands = [
        line for line in others if command_likelihood(line) >= LIKELY and not line[:1].isspace()
    ]
    if session:
        # A transcript is likely to have prompts, but a script with comments looks the same.
        if not strong and (unmarked_commands or not lines[0].startswith("#")):
            return 0.0
        return 0.93 if strong else 0.7
    if len(strong) * 2 < sum(bool(t) for t in texts) and not _are_short(texts):
        return 0.0
    if unmarked_commands and len(unmarked_commands) >= len(others) * 0.6:
        return 0.0
    settings = sum(bool(_SETTING.match(line)) for line in others)
    if settings > len(others) / 2 and not lines[0].startswith("# "):
        return 0.0
    plain = not any(map(is_sentence, texts))
    if script:
        return 0.85 if plain else 0.75
    return 0.9 if plain else 0.82


def _is_single_command(lines: Sequence[str], commands: Sequence[str]) -> bool:
    """Return whether the whole block is one short unknown command after a prompt."""
    if len(commands) > 1 or len(lines) > 1:
        return False
    return 1 < len(commands[0].split()) < 5 and commands[0][0].islower()


def _are_short(texts: Sequence[str]) -> bool:
    """Return whether the texts that are not commands are few and short, or not in ASCII."""
    rest = [t for t in texts if t and t.isascii() and command_likelihood(t) < LIKELY]
    return all(len(t.split()) < 9 for t in rest) and len(rest) <= len(texts) / 2 + 1


def _unprompted(lines: Sequence[str]) -> list[str]:
    """Return the lines without a prompt, except continuations and here-documents."""
    found = []
    continues = False
    delimiter = ""
    for line in lines:
        if delimiter:
            delimiter = "" if line.strip() == delimiter else delimiter
            continue
        if not continues and not line.startswith("#"):
            found.append(line)
        continues = line.rstrip().endswith("\\")
        if here := _HEREDOC.search(line):
            delimiter = here[1]
    return found
