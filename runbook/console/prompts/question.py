"""Recognise the questions of programs in a transcript.

The text after a prompt is the answer; without any, the operator pressed Enter.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve

from runbook.console.prompts.marked import marked_turn
from runbook.model import Turn

_ANSWER: Final = r"(?:[ \t]+(?P<answer>\S.*)?)?\Z"

_TYPED: Final = r"(?: (?P<answer>.*))?\Z"
"""Input after a command prompt, whose indentation may matter."""

_CERTAIN: Final = tuple(
    re.compile(pattern + _ANSWER)
    for pattern in (
        # (Yes, No) [Yes]:   and   (1, 2, 3)[1]:
        r"(?P<prompt>.*\([^()]*\) ?\[[^\[\]]*\] ?[:?])",
        # Organization name [example.com]:   but not a log's "sshd[123]:"
        r"(?P<prompt>\s*[^\s\[].*[\s.:?]\[[^\[\]]*\] ?[:?])",
        # [y/N]   (yes/no)?   [Y/n]:
        r"(?P<prompt>.*[\[(](?:(?i:y(?:es)?/n(?:o)?(?:/[^\])]*)?)|[yY],[nN])[\])] ?[:?]?)",
        # (Y)es/(N)o:   [Y]es/[N]o/[C]ancel?
        r"(?P<prompt>.*[\[(][yY][\])]es ?/ ?[\[(][nN][\])]o(?: ?/ ?[\[(]\w[\])]\w+)* ?[:?]?)",
        # Command (m for help):   First sector (2048-9, default 2048):
        r"(?P<prompt>\s*\S.*\((?:\w for help|[^()]*default [^()]*)\):)",
        r"(?P<prompt>\s*(?i:please )?(?i:enter|re-?enter|retype|type) [^:]*(?:\([^()]*\) ?)?:)",
    )
)
_LOGIN: Final = re.compile(r"(?P<prompt>(?!Last )(?:[\w.-]+ )?login:)[ \t]+(?P<answer>\S+)\Z")
_PLAIN_YES: Final = re.compile(r"(?P<prompt>\s*\S.*\?)[ \t]+(?P<answer>(?i:y|n|yes|no))\s*\Z")
SECRET: Final = re.compile(
    r"(?P<prompt>.*(?i:password|pass ?phrase)(?: again| for [^:]+)?(?: \([^()]*\))? ?:)[ \t]*\Z"
)
"""A question whose answer is not echoed."""

_WRAPPED: Final = re.compile(r"(?P<prompt>\s*\[[^\[\]]*\] ?:)" + _ANSWER)
"""The rest of a prompt that a narrow terminal has wrapped; only after an unfinished line."""

_REPL: Final = re.compile(
    r"(?P<prompt>(?:mysql|gluster|sqlite|s?ftp|nslookup)>|MariaDB \[[^\[\]]*\]>|virsh #|><fs>"
    r"|\w+[=('-][#>]|>>>)" + _TYPED
)
_CONTINUED: Final = re.compile(r" *(?P<prompt>\.\.\.|->)" + _TYPED)

_LIKELY: Final = (
    re.compile(r"(?P<prompt>\s*\S.*[^\s:][:?])[ \t]+(?P<answer>)\Z"),
    re.compile(r"(?P<prompt>\s*\S.*\([^()]*\):)[ \t]+(?P<answer>\S.*)?\Z"),
)
"""Prompts that count only in a dialogue already recognised, because output may look the same."""

_MARKS: Final = frozenset(":?>#])")
"""Every question has one of these characters."""

_LOG: Final = re.compile(r"\s*\[[ A-Z]+\]\s")
_ESCAPES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def cleaned(line: str) -> str:
    """Return `line` as a terminal displays it: without colours and overwritten text."""
    return _ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2]


def certain_turn(line: str, before: str = "") -> Turn | None:
    """Return the turn on `line` if it cannot be output; `before` is the line above."""
    if marked := marked_turn(line):
        return marked
    if _MARKS.isdisjoint(line) or _LOG.match(line):
        return None
    if (wrapped := _WRAPPED.match(line)) and re.search(r"[)?\w]$", before.rstrip()):
        return _turn(wrapped)
    if repl := _REPL.match(line):
        turn = _turn(repl)
        # Indentation matters only in Python.
        return (
            turn
            if turn.prompt == ">>>"
            else evolve(turn, answer=(turn.answer or "").strip() or None)
        )
    if secret := SECRET.match(line):
        return Turn(secret["prompt"].strip())
    for pattern in (*_CERTAIN, _PLAIN_YES, _LOGIN):
        if found := pattern.match(line):
            return _turn(found)
    return None


def continued_turn(line: str, last: Turn | None) -> Turn | None:
    """Return the turn on `line` if it goes on with the input of the `last` one."""
    continues = last is not None and (
        last.prompt in (">>>", "...", "->") or last.prompt[-1:] in "#>"
    )
    return _turn(found) if continues and (found := _CONTINUED.match(line)) else None


def likely_turn(line: str, last: Turn | None) -> Turn | None:
    """Return the turn on `line` within a dialogue; `last` is the previous turn."""
    if _LOG.match(line):
        return None
    if continued := continued_turn(line, last):
        return continued
    for pattern in _LIKELY:
        if found := pattern.match(line):
            return _turn(found)
    return None


def matching_turn(line: str, field: str) -> Turn | None:
    """Return the turn on `line` if its prompt contains the words of the guide's `field`.

    A summary line (`Name      : value`) is not a question, nor is a sentence with these words.
    """
    words = r"\s+".join(re.escape(word) for word in field.split())
    if not words or _LOG.match(line):
        return None
    if field.split() == line.split():
        return Turn(line.strip())
    ended = field.rstrip().endswith((":", "?", ">", "#", "$", ".", "!", ")", "]"))
    end = "" if ended else r"(?:[^:?]*[^:?\s])?[:?]"
    found = re.match(rf"(?P<prompt>.*?{words}{end})(?=\s|\Z)[ \t]*(?P<answer>.*?)\s*\Z", line)
    if found is None or re.search(r"\S {2,}\S", found["prompt"]):
        return None
    return _turn(found)


def _turn(found: re.Match[str]) -> Turn:
    return Turn(found["prompt"].strip(), (found["answer"] or "").rstrip() or None)
