"""The lines that are sent to a bash: its setup, quoted text, commands between marks."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Iterator
from typing import Final

from runbook.errors import RunbookError
from runbook.terminal.marks import EXITED, STARTER, Line
from runbook.terminal.scope import VARIABLE

SHELL: Final = ("bash", "--login", "--noediting", "-i")
"""An interactive login bash, which reads the profiles; it does no line editing of its own."""

EXIT_NOTICE: Final = f"133;{EXITED};%s;{STARTER}"
"""The mark by which a shell's starter tells that the shell has exited, as a format."""

STARTED_SHELL: Final = (
    "bash",
    "-c",
    'unset SHLVL; exec 3>&2 2>/dev/null; "$@" 2>&3 3>&-; s=$?;'
    f" printf '\\033]{EXIT_NOTICE}\\007' $s; exit $s",
    "bash",
    *SHELL,
)
"""The same shell, started by a process that tells when it has exited, and with which status.

Without that, a shell that ended cannot be told from a connection that was lost.
"""

PIPE: Final = ("bash", "--norc", "--noprofile")
"""A bash that reads commands from its standard input."""

LINE_LIMIT: Final = 3500
"""Maximum bytes of quoted text in a line; a terminal accepts at most 4095 bytes in a line."""

_PLAIN: Final = {n: chr(n) for n in range(0x20, 0x7F)}
_QUOTED: Final = [_PLAIN.get(n, f"\\{n:03o}") for n in range(256)]
for _special in "\\'":
    _QUOTED[ord(_special)] = f"\\{_special}"


def nonce() -> str:
    """Return a new random word."""
    return secrets.token_hex(6)


def _escaped(text: str) -> list[str]:
    if "\0" in text:
        raise RunbookError("a NUL character cannot be typed into a shell")
    return [_QUOTED[byte] for byte in text.encode("utf-8", errors="surrogateescape")]


def quote(text: str) -> str:
    """Return `text` quoted as one word for bash, in one line of printable ASCII.

    Raises:
        RunbookError: `text` contains a NUL character.

    """
    return f"$'{''.join(_escaped(text))}'"


def quoted_pieces(text: str) -> Iterator[str]:
    """Yield `text` in quoted pieces that each fit into a line of a terminal.

    Raises:
        RunbookError: `text` contains a NUL character.

    """
    piece: list[str] = []
    size = 0
    for escaped in _escaped(text):
        if size + len(escaped) > LINE_LIMIT:
            yield f"$'{''.join(piece)}'"
            piece, size = [], 0
        piece.append(escaped)
        size += len(escaped)
    yield f"$'{''.join(piece)}'"


# Reserved words, assignments and expansions work whatever a profile or a command has defined;
# everything else is called through `builtin`, which this gives back if it was taken. In POSIX mode
# the special builtins come before functions. No variable has a name that a guide might use: one
# that is read-only would end the function.
_HEAL: Final = (
    "__runbook_x=; \\builtin eval '\\builtin printf -v __runbook_x 1'; [[ $__runbook_x ]] ||"
    " { POSIXLY_CORRECT=; \\unset -f builtin eval unset enable; \\unset -v POSIXLY_CORRECT;"
    " \\enable builtin eval printf read return declare unset command; }"
)
_SANE: Final = "sane -brkint -imaxbel -echo -onlcr"
# How often a process of the shell has faulted, which changes with each that ends.
_COUNT: Final = (
    "builtin read -r __runbook_l </proc/$$/stat; __runbook_l=${__runbook_l##*) };"
    " __runbook_l=${__runbook_l#* * * * * * * * }; __runbook_l=${__runbook_l%% *}"
)


def setup_lines(word: str, *, first: bool = True) -> tuple[str, ...]:
    r"""Return the lines that set up an interactive bash; `word` is the nonce of its marks.

    Only the `first` set-up of a shell changes its environment. The lines never contain a mark, so
    that their echo cannot be taken for one. Marks go to the terminal even if a command has
    redirected the shell's own output. The redirected group around each function silences its
    tracing (`set -x`).
    """
    show = f'builtin printf \'\\033]133;%s;{word}%s\\007\' "$1" "${{2:+.$2}}"'
    environment = [
        "builtin set +o history",
        "builtin set +H",
        # A profile may have made any of these read-only; then a builtin fails and goes on.
        f"builtin unset -v HISTFILE MAILCHECK TMOUT {VARIABLE}",
        "builtin export TERM=xterm-256color PAGER=cat SYSTEMD_PAGER=cat LANG=C.UTF-8",
        "__runbook_ps1=${PS1-}",
    ]
    parts = [
        '{ __runbook_stty() { builtin command -p stty "$@"; }',
        f"__runbook_stty {_SANE}",
        *(environment if first else ()),
        "builtin unset -v PS0",
        "builtin declare PS1= PS2=",
        f"__runbook_mark() {{ {{ {show} >/dev/tty || {show}; }} 2>/dev/null || {show}; }}",
        # The mark of a dialogue carries the terminal's width, which only the host knows.
        "__runbook_begin() { { __runbook_b=$?; __runbook_n=$1 __runbook_k=0 __runbook_s="
        ' __runbook_w=1; __runbook_mark "C${2:+;${2#* }}" "$1"; builtin return "$__runbook_b"; }'
        " 2>/dev/null; }",
        # A program may have left the terminal in another mode. Whether one has run shows
        # without running another.
        f'__runbook_care() {{ {_HEAL}; {_COUNT}; [[ $__runbook_l == "${{__runbook_c-}}" ]] ||'
        f" [[ ${{__runbook_person-}} ]] || {{ __runbook_stty {_SANE}; {_COUNT};"
        " __runbook_c=$__runbook_l; }; }",
        # A command may have changed PROMPT_COMMAND, as many profiles do. Where it is read-only,
        # the end of a line is marked here, and the prompt itself after one that is broken off.
        "__runbook_end() { __runbook_b=${2-$?}; __runbook_n=$1; __runbook_care;"
        ' [[ ${PROMPT_COMMAND[*]-} == "$__runbook_prompt" ]] ||'
        ' { builtin unset -v PROMPT_COMMAND; builtin declare -g PROMPT_COMMAND="$__runbook_prompt";'
        " } || { builtin declare -g PS1='${__runbook_w:+"
        f"\\e]133;D;$?;{word}.$__runbook_n.$((__runbook_k += 1))\\a}}'; __runbook_w=;"
        ' __runbook_at_prompt "$__runbook_b" ""; }; builtin return "$__runbook_b"; }',
        # The prompt itself goes to another output, if nothing can be redirected.
        "__runbook_at_prompt() { [[ ! $2 ]] || builtin declare -g PS1='"
        f"\\e]133;D${{__runbook_s:+;$__runbook_s}};{word}.$__runbook_n.1!\\a';"
        " [[ $2 || $__runbook_n == *z* ]] || __runbook_care;"
        ' __runbook_mark "D${1:+;$1}" "$__runbook_n.$((__runbook_k += 1))$2"; }',
        '__runbook_status() { builtin return "$1"; }',
        # Input that the program did not read must not reach the shell.
        "__runbook_leave() { { __runbook_b=$? __runbook_l= __runbook_i=0;"
        f' __runbook_stty {_SANE} </dev/tty; __runbook_mark E "$__runbook_n";'
        ' until [[ $__runbook_l == "$1" ]] || (( (__runbook_i += 1) > 999 ));'
        " do builtin read -r __runbook_l </dev/tty; done;"
        ' builtin return "$__runbook_b"; } 2>/dev/null; }',
        "__runbook_ready() { { builtin read -r __runbook_l </proc/$$/stat;"
        " __runbook_l=${__runbook_l##*) }; __runbook_l=${__runbook_l#* * * };"
        ' __runbook_i=${__runbook_l#* }; __runbook_mark "T;${__runbook_i%% *}";'
        ' __runbook_mark "S;${__runbook_l%% *}"; __runbook_mark "P;$$"; } 2>/dev/null; }',
        # What a new shell would have to be given, and what no shell can undo of itself.
        "__runbook_state() { { __runbook_b=$?; builtin declare -p;"
        f" builtin declare -p BASH_ALIASES; builtin echo {word};"
        f" builtin declare -F; builtin echo {word}; builtin declare -f; builtin echo {word};"
        f" builtin umask; builtin pwd; builtin echo {word}; builtin return $__runbook_b; }}"
        " >/dev/tty 2>/dev/null; }",
        "__runbook_process() { { __runbook_b=$?; while builtin read -r __runbook_l; do"
        ' builtin echo "$__runbook_l"; done </proc/$$/limits;'
        " while builtin read -r __runbook_l; do"
        ' case $__runbook_l in SigIgn*) builtin echo "$__runbook_l";; esac; done </proc/$$/status;'
        " for __runbook_l in 0 1 2; do"
        ' [[ /proc/$$/fd/$__runbook_l -ef $1 ]] && builtin echo "$__runbook_l"; done;'
        ' builtin echo /proc/$$/fd/*; builtin return "$__runbook_b"; } >/dev/tty 2>/dev/null; }',
        "__runbook_ready || builtin :",
        '__runbook_prompt=\'{ __runbook_at_prompt "$?" ""; } 2>/dev/null ||'
        ' __runbook_at_prompt "$__runbook_s" "!"\'',
        "__runbook_k=0; __runbook_end setup; [[ $__runbook_a == 1 ]] ||"
        " builtin shopt -s expand_aliases; } 2>/dev/null",
    ]
    # Aliases take effect when a line is read, so they are off before the functions are read.
    aliases = (
        f"{_HEAL}; __runbook_a=0; \\builtin shopt -q expand_aliases || __runbook_a=1;"
        " \\builtin shopt -u expand_aliases"
    )
    return aliases, "; ".join(parts)


class Input(enum.Enum):
    """What a command that reads its input gets."""

    NONE = "none"
    """The end of the input."""
    SILENT = "silent"
    """A terminal at which nothing is ever typed."""
    TYPED = "typed"
    """A terminal at which answers are typed, and shown."""


def command_line(command: str, line: Line, given: Input = Input.NONE, output: str = "") -> str:
    """Return the line that runs the quoted `command` between marks.

    The command sees the exit status of the previous one in `$?`, and leaves its own there. With
    `output` it prints to that terminal instead of the shell's own.
    """
    if given is Input.TYPED:
        size = ' "$(__runbook_stty size 2>/dev/null)"'
        return (
            f"__runbook_r=$?; __runbook_stty echo onlcr; {_begin(line, size)};"
            f' __runbook_status "$__runbook_r" && \\builtin :; \\builtin eval {command};'
            f" __runbook_leave {line.begin} && \\builtin :; {_end(line)}"
        )
    read = " </dev/null" if given is Input.NONE else ""
    where = f" >{output} 2>&1" if output else ""
    return f"{_begin(line)}; \\builtin eval {command}{read}{where}; {_end(line)}"


def query_line(command: str, line: Line) -> str:
    """Return the line that runs `command`, a part of a line, between marks; it preserves `$?`."""
    return f"{_begin(line)}; {command}; {_end(line)}"


def piece_line(piece: str, line: Line, *, first: bool) -> str:
    """Return the line that keeps the quoted `piece` of a long text, the `first` or a further one.

    It prints no mark at its beginning.
    """
    assign = "__runbook_r=$?; __runbook_t=" if first else "__runbook_t+="
    return f"{assign}{piece}; __runbook_k=0; {_end(line)}"


def whole_line(form: str) -> str:
    """Return the line `form` for a text that was kept in pieces; `$?` is as before them."""
    return f'__runbook_status "$__runbook_r" && \\builtin :; {form}'


# In such a list no status ends a shell whose commands must not fail (`set -e`).
def _begin(line: Line, size: str = "") -> str:
    return f"__runbook_begin {line.begin}{size} && \\builtin :"


def _end(line: Line) -> str:
    # The status is kept for a prompt that can redirect nothing any more.
    return (
        f'__runbook_s=$?; {{ __runbook_end {line.end} "$__runbook_s" && \\builtin :; }} 2>/dev/null'
    )


def renewal_line(umask: str, rows: int, columns: int) -> str:
    """Return the line by which a bash makes way for a login shell in the environment it got itself.

    The process stays the same, and with it the connection and the terminal, which is reset.
    """
    return (
        "__runbook_e=() __runbook_h=/; while builtin read -r -d ''; do"
        ' __runbook_e+=("$REPLY"); case $REPLY in HOME=*)'
        " __runbook_h=${REPLY#HOME=};; esac; done </proc/$$/environ;"
        ' builtin cd "$__runbook_h" 2>/dev/null || builtin cd /;'
        f" builtin umask {umask}; __runbook_stty {_SANE} rows {rows} cols {columns};"
        f' builtin exec /usr/bin/env -i "${{__runbook_e[@]}}" "$BASH" {" ".join(SHELL[1:])}'
    )


def kill_session(leader: int) -> str:
    """Return shell text that kills every process of the terminal session with id `leader`."""
    return (
        "for f in /proc/[0-9]*/stat; do { IFS= read -r l <$f; } 2>/dev/null || continue;"
        f' set -- ${{l##*) }}; [ "$4" != {leader} ] || kill -KILL ${{f//[!0-9]/}}; done'
    )
