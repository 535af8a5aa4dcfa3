"""What the questions of programs look like in a transcript.

What stands after a prompt is the answer; nothing means that none was typed.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.model import Turn

_ANSWER: Final = r"(?:[ \t]+(?P<answer>\S.*)?)?\Z"

_TYPED: Final = r"(?: (?P<answer>.*))?\Z"
"""What was typed after a prompt for commands: its indentation may matter."""

_SURE: Final = tuple(
    re.compile(pattern + _ANSWER)
    for pattern in (
        # (Yes, No) [Yes]:   and   (1, 2, 3)[1]:
        r"(?P<prompt>.*\([^()]*\) ?\[[^\[\]]*\] ?[:?])",
        # Organization name [example.com]:   but not a log's "sshd[123]:"
        r"(?P<prompt>\s*[^\s\[].*[\s.:?]\[[^\[\]]*\] ?[:?])",
        # [y/N]   (yes/no)?   [Y/n]:
        r"(?P<prompt>.*[\[(](?i:y(?:es)?/n(?:o)?(?:/[^\])]*)?)[\])] ?[:?]?)",
        # Command (m for help):   First sector (2048-9, default 2048):
        r"(?P<prompt>\s*\S.*\((?:\w for help|[^()]*default [^()]*)\):)",
        r"(?P<prompt>\s*(?i:please )?(?i:enter|re-?enter|retype|type) [^:]*(?:\([^()]*\) ?)?:)",
    )
)
_PLAIN_YES: Final = re.compile(r"(?P<prompt>\s*\S.*\?)[ \t]+(?P<answer>(?i:y|n|yes|no))\s*\Z")
SECRET: Final = re.compile(
    r"(?P<prompt>.*(?i:password|passphrase)(?: again| for [^:]+)?(?: \([^()]*\))? ?:)[ \t]*\Z"
)
"""A question whose answer a program does not show."""

_WRAPPED: Final = re.compile(r"(?P<prompt>\s*\[[^\[\]]*\] ?:)" + _ANSWER)
"""The end of a prompt that a narrow terminal has broken; only after a line that is not ended."""

_REPL: Final = re.compile(
    r"(?P<prompt>(?:mysql|gluster|sqlite|s?ftp|nslookup)>|MariaDB \[[^\[\]]*\]>|virsh #|><fs>"
    r"|\w+[=-][#>]|>>>)" + _TYPED
)
_CONTINUED: Final = re.compile(r"(?P<prompt>\.\.\.|->)" + _TYPED)

_LIKELY: Final = (
    re.compile(r"(?P<prompt>\s*\S.*[^\s:][:?])[ \t]+(?P<answer>)\Z"),
    re.compile(r"(?P<prompt>\s*\S.*\([^()]*\):)[ \t]+(?P<answer>\S.*)?\Z"),
)
"""Prompts only in a conversation that is recognised already: output may look the same."""

_LOG: Final = re.compile(r"\s*\[[ A-Z]+\]\s")
_ESCAPES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def cleaned(line: str) -> str:
    """Return `line` as a terminal shows it: without colours, overwritten text gone."""
    return _ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2]


def sure(line: str, before: str = "") -> Turn | None:
    """Return the turn on `line` if no output looks like that; `before` is the line above."""
    if _LOG.match(line):
        return None
    if (wrapped := _WRAPPED.match(line)) and re.search(r"[)?\w]$", before.rstrip()):
        return _turn(wrapped)
    if repl := _REPL.match(line):
        return _turn(repl)
    if secret := SECRET.match(line):
        return Turn(secret["prompt"].strip())
    for pattern in (*_SURE, _PLAIN_YES):
        if found := pattern.match(line):
            return _turn(found)
    return None


def likely(line: str, last: Turn | None) -> Turn | None:
    """Return the turn on `line` of a conversation; `last` is the one before."""
    if _LOG.match(line):
        return None
    goes_on = last is not None and (last.prompt in (">>>", "...", "->") or last.prompt[-1:] in "#>")
    if goes_on and (found := _CONTINUED.match(line)):
        return _turn(found)
    for pattern in _LIKELY:
        if found := pattern.match(line):
            return _turn(found)
    return None


def named(line: str, field: str) -> Turn | None:
    """Return the turn on `line` if it asks what the guide's `field` names, in its very words.

    A preview (`Name      : value`) is no question, and neither is a sentence with these words.
    """
    words = r"\s+".join(re.escape(word) for word in field.split())
    if not words or _LOG.match(line):
        return None
    ended = field.rstrip().endswith((":", "?", ">", "#", "$"))
    end = "" if ended else r"(?:[^:?]*[^:?\s])?[:?]"
    found = re.match(rf"(?P<prompt>.*?{words}{end})(?=\s|\Z)[ \t]*(?P<answer>.*?)\s*\Z", line)
    if found is None or re.search(r"\S {2,}\S", found["prompt"]):
        return None
    return _turn(found)


def _turn(found: re.Match[str]) -> Turn:
    return Turn(found["prompt"].strip(), (found["answer"] or "").rstrip() or None)
