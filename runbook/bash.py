"""What we say to a bash to make it ours: how text is quoted, and how a shell is set up."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final

from runbook.errors import RunbookError

SHELL: Final = ("bash", "--norc", "--noprofile", "--noediting", "-i")
"""An interactive bash that reads no start-up files and does no line editing of its own."""

PIPE: Final = ("bash", "--norc", "--noprofile")
"""A bash that reads commands from its standard input."""

LINE: Final = 3500
"""Bytes of quoted text in one line; a terminal takes at most 4095 in a line."""

_PLAIN: Final = {n: chr(n) for n in range(0x20, 0x7F)}
_QUOTED: Final = [_PLAIN.get(n, f"\\{n:03o}") for n in range(256)]
for _special in "\\'":
    _QUOTED[ord(_special)] = f"\\{_special}"


def nonce() -> str:
    """Return a new word that no program can guess."""
    return secrets.token_hex(12)


def _escaped(text: str) -> list[str]:
    if "\0" in text:
        raise RunbookError("a NUL character cannot be typed into a shell")
    return [_QUOTED[byte] for byte in text.encode("utf-8", errors="surrogateescape")]


def quote(text: str) -> str:
    """Return `text` as one word for bash, in one line of printable ASCII.

    Raises:
        RunbookError: `text` contains a NUL character.

    """
    return f"$'{''.join(_escaped(text))}'"


def pieces(text: str) -> Iterator[str]:
    """Yield `text` in quoted pieces that each fit a terminal's line.

    Raises:
        RunbookError: `text` contains a NUL character.

    """
    piece: list[str] = []
    size = 0
    for escaped in _escaped(text):
        if size + len(escaped) > LINE:
            yield f"$'{''.join(piece)}'"
            piece, size = [], 0
        piece.append(escaped)
        size += len(escaped)
    yield f"$'{''.join(piece)}'"


def setup(word: str) -> str:
    r"""Return the line that prepares an interactive bash; `word` is the nonce of its marks.

    The line never contains a mark itself, so its echo cannot be taken for one. Every mark goes
    to the terminal even if a command has redirected the shell's own output. Tracing (`set -x`)
    of our functions is silenced by the redirected group around them.
    """
    show = f"printf '\\033]133;%s;{word}\\007' \"$1\""
    mark = f"__runbook_mark() {{ {{ {show} >/dev/tty || {show}; }} 2>/dev/null; }}"
    parts = [
        "stty -echo -onlcr",
        "set +o history",
        "set +H",
        "unset HISTFILE MAILCHECK TMOUT PROMPT_COMMAND PS0",
        "export TERM=dumb PAGER=cat SYSTEMD_PAGER=cat LANG=C.UTF-8",
        "PS1= PS2=",
        mark,
        # After a dialogue's mark comes its terminal's width, which the far end alone knows.
        '__runbook_begin() { { local s=$?; __runbook_mark "C${1:+;${1#* }}"; return $s; }'
        " 2>/dev/null; }",
        # A command may have changed PROMPT_COMMAND, as many profiles do.
        "__runbook_end() { { local s=$?; PROMPT_COMMAND=$__runbook_prompt; return $s; }"
        " 2>/dev/null; }",
        "__runbook_status() { return $1; }",
        # Whatever was typed for a program that did not read it must not reach the shell.
        "__runbook_leave() { { local s=$? l= n=0; stty -echo -onlcr </dev/tty; __runbook_mark E;"
        f' until [ "$l" = {word} ] || [ $((n += 1)) -gt 999 ];'
        " do IFS= read -r l </dev/tty; done; return $s; } 2>/dev/null; }",
        "__runbook_ready() { { local IFS=' ' l=; IFS= read -r l </proc/$$/stat;"
        ' set -- ${l##*) }; __runbook_mark "S;${4:-0}"; } 2>/dev/null; }',
        "__runbook_ready || :",
        "__runbook_prompt='{ __runbook_mark \"D;$?\"; } 2>/dev/null'",
        "PROMPT_COMMAND=$__runbook_prompt",
    ]
    return "; ".join(parts)


def line(command: str) -> str:
    """Return the line that runs the shell words `command` between marks, without input.

    `$?` is the exit status of the command before, and afterwards that of this one.
    """
    return f"__runbook_begin; eval {command} </dev/null; __runbook_end"


def dialogue_line(command: str) -> str:
    """Return the line that runs the shell words `command` with the terminal as its input."""
    return (
        'stty echo; __runbook_begin "$(stty size 2>/dev/null)";'
        f" eval {command}; __runbook_leave; __runbook_end"
    )


def end_session(leader: int) -> str:
    """Return shell text that kills every process of a terminal's session, by its number."""
    return (
        "for f in /proc/[0-9]*/stat; do { IFS= read -r l <$f; } 2>/dev/null || continue;"
        f' set -- ${{l##*) }}; [ "$4" != {leader} ] || kill -KILL ${{f//[!0-9]/}}; done'
    )
