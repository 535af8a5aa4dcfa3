"""Commands that change the shell in which they are typed, for what is typed there later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.shelltext.parsing.lexer import masked, read
from runbook.shelltext.program import name_of

_BUILTINS: Final = frozenset(
    {
        ".", "alias", "cd", "declare", "eval", "export", "popd", "pushd", "readonly", "set",
        "shopt", "source", "typeset", "ulimit", "umask", "unalias", "unset",
    }
)  # fmt: skip
_ASSIGNED: Final = re.compile(
    r"(?:\A|[;&|({\n]|\b(?:then|do|else)\s)[ \t]*([A-Za-z_]\w*)(?:\[[^]\n]*\])?\+?="
)
_SUBSTITUTION: Final = re.compile(r"\$\([^()]*\)|`[^`]*`")
_HINT: Final = re.compile(rf"=|\(|\b(?:{'|'.join(sorted(_BUILTINS - {'.'}))})\b|(?:\A|\s)\.\s")
"""What a text has that changes the shell; most have none of it."""


def shell_change(text: str) -> str:
    """Return what in shell `text` changes the shell that reads it, or an empty text.

    It is the name of a builtin, or of a variable or function with `=` or `()` after it. What a
    subshell or a part of a pipeline does is lost with it, and does not count.
    """
    return next(_changes(text), "") if _HINT.search(text) else ""


def _changes(text: str) -> Iterator[str]:
    shell = read(text)
    shown = masked(text)
    yield from (f"{name}()" for name in shell.functions)
    piped = {id(command.source) for command in shell.own if command.piped}
    starts = []
    for command in shell.own:
        if not command.words:
            continue
        start = command.words[0].offset
        starts.append(start)
        name = name_of(command.words[0])
        if name not in _BUILTINS or command.piped or id(command) in piped:
            continue
        if not _depth(shown, start):
            yield name
    assigned = {one.name for one in shell.assignments}
    for found in _ASSIGNED.finditer(shown):
        if found[1] not in assigned or _depth(shown, found.start(1)):
            continue
        following = next((start for start in starts if start > found.start(1)), len(text))
        # `X=1 make` sets it for that command only.
        between = _SUBSTITUTION.sub("", shown[found.end() : following])
        if following == len(text) or re.search(r"[;&|\n]", between):
            yield f"{found[1]}="


def _depth(text: str, offset: int) -> int:
    """Return in how many parentheses `offset` is; the pattern of a `case` closes none."""
    depth = 0
    for char in text[:offset]:
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
    return depth
