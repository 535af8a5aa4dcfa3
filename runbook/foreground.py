"""What the program in the foreground of a terminal is doing, as its own host sees it.

Only the far end of a connection knows whether a program waits for what is typed, and whether
its terminal shows that. A shell without a terminal on the same host reads it from /proc (see
proc(5)) and from `stty`; what the kernel does not tell is `None`.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

_READ: Final = frozenset({0, 63})
"""Numbers of the system call read(2) on x86-64 and on AArch64."""
_OTHERWISE_BUSY: Final = re.compile(r"nanosleep|do_wait|pipe_|n_tty_write|tty_write|unix_stream")
_TERMINAL: Final = re.compile(r"/dev/(?:pts/\d+|tty\w*|console)\Z")
_ECHO: Final = re.compile(r"(?<=\s)(-?)echo(?=[\s;])")
_COLUMNS: Final = re.compile(r"\bcolumns (\d+)")


@frozen
class Look:
    """What was seen: `waits` for typed input, `echo` of what is typed, `columns` of text.

    `waits` is true if a program reads its terminal, and false if none can be doing so.
    """

    waits: bool | None = None
    echo: bool | None = None
    columns: int | None = None


NOTHING: Final = Look()
"""Nothing could be seen."""


def script(pid: int) -> str:
    """Return the shell text that looks at the terminal of the shell with that process id."""
    # Fields of stat behind the name: state, parent, group, session, terminal, its foreground.
    # A pseudo-terminal's number is the minor one of its device, in two parts. The descendants
    # of the shell are looked at; all processes only where the kernel does not list children,
    # or none of them is in the foreground: a machine has hundreds.
    return f"""
read -r s </proc/{pid}/stat || exit 0
set -- ${{s##*) }}
n=$5 g=$6 found=
stty -F /dev/pts/$((n & 255 | n >> 12 & 1048320)) -a
__runbook_one() {{
    s=; read -r s </proc/$1/stat || return
    set -- $1 ${{s##*) }}
    [ "$4" = "$g" ] && [ "$6" = "$n" ] || return
    c= w=
    read -r c </proc/$1/syscall
    read -r w </proc/$1/wchan
    found=1 f=${{c#* }}
    echo "process;$2;$c;$w;$(readlink /proc/$1/fd/$((${{f%% *}} + 0)))"
}}
{{
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
    [ "$found" ] || for f in /proc/[0-9]*; do __runbook_one ${{f#/proc/}}; done
}} 2>/dev/null
"""


def parse(said: str) -> Look:
    """Return what the output of `script` tells."""
    echo = _ECHO.search(said)
    columns = _COLUMNS.search(said)
    found = [
        _reads(*parts)
        for line in said.splitlines()
        if line.startswith("process;") and len(parts := line.split(";")[1:]) == 4
    ]
    waits: bool | None = None
    if any(found):
        waits = True
    elif found and None not in found:
        waits = False
    return Look(waits, not echo[1] if echo else None, int(columns[1]) if columns else None)


def _reads(state: str, call: str, place: str, file: str) -> bool | None:
    """Tell whether a process reads its terminal: by its system call, or where the kernel is."""
    if state in "RDZTX" or call == "running":
        return False
    number = call.split(maxsplit=1)[0] if call else ""
    if number.isdecimal() and int(number) in _READ:
        return bool(_TERMINAL.match(file))
    if _OTHERWISE_BUSY.search(place):
        return False
    # It may wait for several things at once, or the kernel keeps to itself what it waits for.
    return None
