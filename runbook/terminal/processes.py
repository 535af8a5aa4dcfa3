"""Which processes print on a terminal of a host, as another shell there sees them in /proc."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

_TICKS: Final = 100
"""Units of a second in which Linux tells when a process started, to every program alike."""
_LINE: Final = re.compile(r"(\d+) (\d+) (.*)")


@frozen
class Process:
    """A process: its id, the name of its program, and its age in seconds when all were seen."""

    pid: int
    name: str
    age: float


def script(device: str, but: int) -> str:
    """Return shell text that prints the processes whose output is the terminal `device`.

    Left out are the process with the id `but`, and those that started it. Whoever runs the text
    must be allowed to see their files.
    """
    # Field 22 of stat is when the process started, the 20th after its name. The present time comes
    # last, just before the output arrives: to look at all processes may take a second.
    return f"""
o=' ' a={but}
while [ "$a" -gt 1 ] && {{ IFS= read -r s </proc/$a/stat; }} 2>/dev/null; do
    o="$o$a "
    set -- ${{s##*) }}
    a=$2
done
for p in /proc/[0-9]*; do
    [ $p/fd/1 -ef {device} ] || [ $p/fd/2 -ef {device} ] || continue
    case $o in *" ${{p#/proc/}} "*) continue;; esac
    {{ IFS= read -r s <$p/stat; }} 2>/dev/null || continue
    n=${{s#*(}}
    set -- ${{s##*) }}
    echo "${{p#/proc/}} ${{20}} ${{n%)*}}"
done
read -r u _ </proc/uptime
echo $u"""


def parse(output: str) -> tuple[Process, ...]:
    """Return the processes in the output of `script`."""
    *lines, now = output.splitlines() or ["0"]
    matches = filter(None, map(_LINE.fullmatch, lines))
    return tuple(Process(int(one[1]), one[3], float(now) - int(one[2]) / _TICKS) for one in matches)
