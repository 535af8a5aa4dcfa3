"""The state of the program in the foreground of a terminal, as seen on its host.

Only the host knows whether a program waits for input, and whether its terminal echoes it. A
shell without a terminal on the same host reads this from /proc (see proc(5)) and `stty`.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from runbook.dialogue.system_calls import MACHINES, X86_64, Thread, summary

_ECHO: Final = re.compile(r"(?<=\s)(-?)echo(?=[\s;])")
_CANONICAL: Final = re.compile(r"(?<=\s)(-?)icanon(?=[\s;])")
_COLUMNS: Final = re.compile(r"\bcolumns (\d+)")
_SETTINGS: Final = re.compile(r"^speed ", re.MULTILINE)


@frozen
class ForegroundState:
    """Whether a program `waits` for input, the terminal's `echo` and its width in `columns`.

    `waits` is true if a program reads its terminal and nothing else, and false if none can be
    doing so. `canonical` is true if the terminal collects a whole line for the program.
    """

    waits: bool | None = None
    echo: bool | None = None
    columns: int | None = None
    canonical: bool | None = None

    @property
    def hides(self) -> bool:
        """Whether what is typed is not shown; a program that edits lines shows it by itself."""
        return self.echo is False and self.canonical is not False

    @property
    def is_known(self) -> bool:
        """Whether anything of it could be seen."""
        return self != UNKNOWN


UNKNOWN: Final = ForegroundState()
"""The state if the host cannot be asked."""


# Containers have terminals of the same names in file systems of their own.
_OTHERS: Final = """
    found=" " t=/dev/pts/$((n & 255 | n >> 12 & 1048320))
    for f in $(find -L /proc/[0-9]*/fd -maxdepth 1 -samefile $t); do
        f=${f#/proc/} f=${f%%/*}
        case $found in *" $f "*) continue ;; esac
        found="$found$f "
        s=; read -r s </proc/$f/stat && set -- ${s##*) }
        [ "$5" = "$n" ] || __runbook_other $f $5
    done"""
"""Calls a function with each process that has the terminal open, and another of its own or none."""


def script(pid: int, *, others: bool = False) -> str:
    """Return shell text that prints the state of the terminal of the shell with that process id.

    With `others`, processes that have opened the terminal and were not started in it count as well.
    """
    # Fields of stat after the name: state, parent, group, session, terminal, foreground group.
    # The number of a pseudo-terminal is the minor number of its device, in two parts. Only the
    # descendants of the shell are examined, as a machine has hundreds of processes; all of them
    # if the kernel does not list children, or no descendant is in the foreground. A program such
    # as sudo may give what it starts a terminal of its own, in whose foreground that is.
    #
    # What poll(2) and select(2) wait for is in the memory of the process.
    return f"""
read -r s </proc/{pid}/stat || exit 0
set -- ${{s##*) }}
n=$5 g=$6 found= shown=" $n "
__runbook_stty() {{ stty -F /dev/pts/$(($1 & 255 | $1 >> 12 & 1048320)) -a; }}
__runbook_memory() {{
    dd if=/proc/$1/mem iflag=skip_bytes skip=$(($2)) bs=$3 count=1 | od -An -v -w8 -t $4
}}
__runbook_watched() {{
    local a b i m
    case $HOSTTYPE.$2 in
    x86_64.7|x86_64.271|aarch64.73)
        [ $(($4)) -lt 64 ] || return
        __runbook_memory $1 $3 $((8 * $4)) d4 |
            while read -r a b; do [ $((b & 1)) = 0 ] || readlink /proc/$1/fd/$a; done ;;
    x86_64.23|x86_64.270|aarch64.72)
        [ $(($3)) -le 63 ] || return
        m=$(__runbook_memory $1 $4 8 u8)
        for ((i = 0; i < $3; i++)); do
            [ $((m >> i & 1)) = 0 ] || readlink /proc/$1/fd/$i
        done ;;
    x86_64.232|x86_64.281|x86_64.441|aarch64.22|aarch64.441)
        while read -r a b m; do
            [ "$a" != tfd: ] || readlink /proc/$1/fd/${{b%% *}}
        done </proc/$1/fdinfo/$(($3)) ;;
    *) return ;;
    esac
    echo .
}}
__runbook_one() {{
    local s p=$1
    s=; read -r s </proc/$p/stat || return
    set -- ${{s##*) }}
    [ "$3" = "$6" ] && [ "$5" != 0 ] || return
    case $shown in *" $5 "*) ;; *) shown="$shown$5 "; __runbook_stty $5 ;; esac
    __runbook_threads $p
}}
__runbook_threads() {{
    local s c w f t m p=$1
    for t in /proc/$p/task/*; do
        s=; read -r s <$t/stat || continue
        s=${{s##*) }} c= w=
        read -r c <$t/syscall
        read -r w <$t/wchan
        f=${{c#* }}
        f=$(readlink /proc/$p/fd/$((${{f%% *}} + 0)))
        [ "${{t##*/}}" = "$p" ] && m=main || m=other
        echo "${{2-process}};${{s%% *}};$c;$w;$f;$m;$(__runbook_watched $p $c | tr '\\n' ' ')"
    done
    found=1
}}
{{
    echo "machine;$HOSTTYPE"
    __runbook_stty $n
    q={pid}
    while [ "$q" ]; do
        set -- $q
        __runbook_one $1
        for t in /proc/$1/task/*/children; do
            c=; read -r c <$t
            set -- "$@" $c
        done
        shift
        q=$*
    done
    [ "$found" ] || for f in /proc/[0-9]*; do
        s=; read -r s <$f/stat && set -- ${{s##*) }}
        [ "$5" != "$n" ] || __runbook_one ${{f#/proc/}}
    done
    __runbook_other() {{ __runbook_threads $1 other; }}
    {_OTHERS if others else ""}
}} 2>/dev/null
"""


def end_others_script(pid: int) -> str:
    """Return shell text that ends the processes that have the terminal open, and none of their own.

    The terminal is that of the shell with that process id.
    """
    return (
        f"read -r s </proc/{pid}/stat || exit 0; set -- ${{s##*) }}; n=$5\n"
        f'__runbook_other() {{ [ "$2" != 0 ] || kill "$1"; }}\n{{ {_OTHERS}\n}} 2>/dev/null\n'
    )


def kill_script(pid: int) -> str:
    """Return shell text that kills what is in the foreground of the shell with that process id."""
    return (
        f"read -r s </proc/{pid}/stat || exit 0; set -- ${{s##*) }};"
        ' [ "$3" = "$6" ] || kill -KILL -- "-$6"'
    )


def parse(output: str) -> ForegroundState:
    """Return the state in the output of `script`."""
    # The last settings are those of the innermost terminal.
    settings = _SETTINGS.split(output)[-1]
    echo, canonical = _ECHO.search(settings), _CANONICAL.search(settings)
    columns = _COLUMNS.search(settings)
    machine = next((x[8:] for x in output.splitlines() if x.startswith("machine;")), "")
    numbers = MACHINES.get(machine, X86_64)
    found = [
        _thread(line.split(";")[1:]).reads_terminal(numbers)
        for line in output.splitlines()
        if line.startswith("process;")
    ]
    others = [
        _thread(line.split(";")[1:]).asks(numbers)
        for line in output.splitlines()
        if line.startswith("other;")
    ]
    found += [one for one in others if one is not False]
    return ForegroundState(
        summary(found),
        not echo[1] if echo else None,
        int(columns[1]) if columns else None,
        not canonical[1] if canonical else None,
    )


def _thread(parts: list[str]) -> Thread:
    state, call, function, file, which, watched = (*parts, "", "", "", "", "", "")[:6]
    # A full stop shows that the list of files is whole.
    files = tuple(watched.split()[:-1]) if watched.strip().endswith(".") else None
    return Thread(state, call, function, file, files, is_main=which != "other")
