"""Tell the comments of a guide's author apart from commands."""

from __future__ import annotations

import re
from typing import Final

from runbook.console.clues.words import LIKELY, command_likelihood, is_sentence
from runbook.shelltext.pattern import any_of

_ARROW: Final = re.compile(r"\s+<(?:-{2,}|={2,}|-) +[A-Z].*\Z")
"""A comment that points back at the command: `useradd bob   <-- Choose a name`."""

_SEVERAL_WORDS: Final = re.compile(r"([\"'])[^\"']*\s[^\"']*\1")
"""Not a command: no program has a name of several words."""

_ELISION: Final = re.compile(r"\s*(?:\.\.\.|\[\.\.\.\]|<snip>|\u2026)\s*\Z")
_INSTRUCTION: Final = re.compile(r"\s*\[[A-Za-z]\w* [^\]]*\]\s*\Z")
"""An instruction to the reader: `[edit the file]`."""

_PRAGMA: Final = any_of(
    # shellcheck disable=SC2086   yamllint disable rule:comments   pylint: disable=invalid-name
    r"[\w-]+\s+(?:disable|enable|ignore|skip|allow)(?:-[a-z-]+)?(?:\s*=|\s+rule:)",
    r"[\w-]+:\s*(?:disable|enable|ignore|skip|skip-file|off|on|noqa|push|pop)\b",
    r"[\w-]*(?:lint|check|checker|spell|prettier)-(?:disable|enable|ignore|off|on)\b",
    r"(?:noqa|nosec|nolint|NOSONAR|nosemgrep)(?::|\s*\Z)|pragma:|vim?: |ex: |-\*- ",
    r"(?:checkov|tfsec|kics|trivy|codespell|cspell|isort|mypy|type|fmt|yaml-language-server):",
)
"""An instruction to a checker or an editor, not to a reader: `shellcheck disable=SC2086`."""


def is_pragma(text: str) -> bool:
    """Return whether `text`, after a comment sign, is addressed to a checker or an editor."""
    return bool(_PRAGMA.match(text))


def is_elision(line: str) -> bool:
    """Return whether `line` stands for lines that the author left out."""
    return bool(_ELISION.match(line))


def is_not_typed(line: str) -> bool:
    """Return whether `line` is blank, a comment, an elision or an instruction."""
    line = line.lstrip()
    return not line or line[0] == "#" or is_elision(line) or bool(_INSTRUCTION.match(line))


def is_comment(text: str) -> bool:
    """Return whether the text after a prompt is empty or a comment."""
    text = without_comment(text)
    if not text or text.startswith("#") or not text[0].isascii() or is_elision(text):
        return True
    if _SEVERAL_WORDS.match(text) or is_pragma(text):
        return True
    return is_sentence(text) and command_likelihood(text) < LIKELY


def without_comment(text: str) -> str:
    """Return the command `text` without a trailing comment."""
    text = _ARROW.sub("", text) if "<" in text else text
    if " #" not in text and "\t#" not in text:
        return text
    if "\n" in text and not text.partition("\n")[0].endswith("\\"):
        # Without a backslash, the lines after the first are quoted or a here-document.
        return text
    quote = ""
    escaped = False
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            escaped = True
            position += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char == "#" and text[position - 1 : position].isspace() and not escaped:
            last = "\n" not in text[position:]
            return text[:position].rstrip() if last else text
        escaped = False
        position += 1
    return text
