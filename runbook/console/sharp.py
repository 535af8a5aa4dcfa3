"""Decide whether `# ` is root's prompt in a block, or begins remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.remarks import is_remark
from runbook.console.words import LIKELY, sentence, typed

_SETTING: Final = re.compile(r"\s*(?:[\w.-]+\s*[=:]|\[[\w ]+\]\s*$|<)")
_HEREDOC: Final = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")


def certainty_of_sharp(
    lines: Sequence[str], texts: Sequence[str], *, session: bool, script: bool
) -> float:
    """Return how certain it is that `# ` is a prompt in `lines`; 0 if it begins remarks.

    `texts` is what follows it there. `session` says that the block's language is one of
    transcripts, `script` that it is a shell's.
    """
    commands = [t for t in texts if t and not is_remark(t)]
    strong = [t for t in commands if typed(t) >= LIKELY]
    if not commands or (not strong and not session and not _is_lone(lines, commands)):
        return 0.0
    others = _unprompted(lines)
    typing = [line for line in others if typed(line) >= LIKELY and not line[:1].isspace()]
    if session:
        # A transcript needs no prompt to be believed, but a script with remarks looks the same.
        if not strong and (typing or not lines[0].startswith("#")):
            return 0.0
        return 0.93 if strong else 0.7
    if len(strong) * 2 < sum(bool(t) for t in texts) and not _are_short(texts):
        return 0.0
    if typing and len(typing) >= len(others) * 0.6:
        return 0.0
    settings = sum(bool(_SETTING.match(line)) for line in others)
    if settings > len(others) / 2 and not lines[0].startswith("# "):
        return 0.0
    plain = not any(map(sentence, texts))
    if script:
        return 0.85 if plain else 0.75
    return 0.9 if plain else 0.82


def _is_lone(lines: Sequence[str], commands: Sequence[str]) -> bool:
    """Tell whether all of a block is one short unknown command behind a prompt."""
    if len(commands) > 1 or len(lines) > 1:
        return False
    return 1 < len(commands[0].split()) < 5 and commands[0][0].islower()


def _are_short(texts: Sequence[str]) -> bool:
    """Tell whether what is no command in `texts` is short, or in another script."""
    rest = [t for t in texts if t and t.isascii() and typed(t) < LIKELY]
    return all(len(t.split()) < 9 for t in rest) and len(rest) <= len(texts) / 2 + 1


def _unprompted(lines: Sequence[str]) -> list[str]:
    """Return the lines without prompt, but for those of a continuation or here-document."""
    found = []
    goes_on = False
    delimiter = ""
    for line in lines:
        if delimiter:
            delimiter = "" if line.strip() == delimiter else delimiter
            continue
        if not goes_on and not line.startswith("#"):
            found.append(line)
        goes_on = line.rstrip().endswith("\\")
        if here := _HEREDOC.search(line):
            delimiter = here[1]
    return found
