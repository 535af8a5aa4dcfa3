"""What a run has started on a host, and how it is ended when the run itself was killed.

Every shell of a run is started with a mark in its environment, which it takes out of it at once:
what the guide's commands see of their environment is without it, but the system still shows it for
the shell. What belongs to a shell is then its terminal's session and everything that was started
from there. A program that has made itself a daemon is none of it: it was meant to go on.

A watcher on the host, on a connection of its own, reads its input. If that ends without a word,
the run was killed or the connection lost, and the watcher ends what the run has started there. The
next run looks for itself, and types nothing before it is gone.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Sequence
from typing import Final

from runbook.terminal.environment import of_client

VARIABLE: Final = "RUNBOOK_RUN"
"""The variable in whose value a shell's own start names its lab and run, as `lab.run`."""

_LEAVE: Final = b"leave\n"
_EXIT_TIMEOUT: Final = 5.0
"""Seconds in which a watcher that is told to leave does so."""

_DIRECTORY: Final = "/run/sphinx-runbook-shells"
"""Has a file for each run on the host, with the sessions of its shells and when these began."""

# A program that is interrupted in the middle of its work may tidy up first: a package manager
# that is killed leaves its database locked. A shell ends at a hangup, and its children with it,
# unless they take care not to; these are known by their session even if the shell is gone.
_END: Final = r"""
runbook_began() {{
    {{ IFS= read -r s <"/proc/$1/stat"; }} 2>/dev/null || return
    set -- ${{s##*) }}
    began=${{20}}
}}
runbook_found() {{
    local f p s one more=1 list=()
    for f in $(grep -lsF -- '{mark}' /proc/[0-9]*/environ); do
        p=${{f#/proc/}}; p=${{p%/environ}}
        case " $$ $PPID $BASHPID $found" in *" $p "*) continue;; esac
        {spare}
        found="$found$p "
    done
    for f in /proc/[0-9]*/stat; do
        {{ IFS= read -r s <"$f"; }} 2>/dev/null || continue
        p=${{f#/proc/}}; p=${{p%/stat}}
        set -- ${{s##*) }}
        case $1 in [ZX]) continue;; esac
        list+=("$p $2 $4")
    done
    while [ "$more" ]; do
        more=
        for one in "${{list[@]}}"; do
            set -- $one
            case $found in *" $1 "*) continue;; esac
            case $found$sessions in *" $2 "* | *" $3 "*) found="$found$1 " more=1;; esac
        done
    done
    alive=
    for one in "${{list[@]}}"; do
        set -- $one
        case $found in *" $1 "*) alive="$alive $1";; esac
    done
    [ "$alive" ]
}}
runbook_end() {{
    local began f round sid since found=" " sessions=" " alive= files=()
    for f in {directory}/{lab}.{run}*; do
        [ -f "$f" ] || continue
        [ "$f" != {directory}/{lab}.{keep} ] || continue
        files+=("$f")
        while read -r sid since; do
            # The number may be that of another process by now.
            began=$since
            runbook_began "$sid"
            [ "$began" != "$since" ] || sessions="$sessions$sid "
        done <"$f"
    done
    if runbook_found; then
        set -- $alive; echo $#
        kill -HUP $alive; kill -TERM $alive; kill -CONT $alive
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            runbook_found || break
            [ "$round" -lt 10 ] || kill -KILL $alive
            sleep 0.1
        done
    fi
    [ "${{#files[@]}}" = 0 ] || rm -f -- "${{files[@]}}"
}} 2>/dev/null
"""

_WATCH: Final = r"""{{ {end}
mkdir -p -m 700 {directory}
while read -r word sid; do case $word in
    shell) runbook_began "$sid" && echo "$sid $began" >>{directory}/{lab}.{run};;
    leave) rm -f {directory}/{lab}.{run}; exit;;
esac; done 2>/dev/null
runbook_end; exit; }}
"""


def end(lab: str, *, run: str = "", keep: str = "") -> str:
    """Return shell text that ends what runs on `lab` have started, or only the one `run`.

    It spares what the run `keep` has started, and prints how many processes there were, if any.
    Whoever runs it must be allowed to end them.
    """
    return f"{_functions(lab, run, keep)}runbook_end\n"


def _functions(lab: str, run: str, keep: str) -> str:
    spare = f"grep -qsF -- '{VARIABLE}={lab}.{keep}' \"$f\" && continue" if keep else ""
    mark = f"{VARIABLE}={lab}.{run}"
    return _END.format(
        mark=mark, spare=spare, directory=_DIRECTORY, lab=lab, run=run, keep=keep or "-"
    )


def marked(argv: Sequence[str], scope: str) -> list[str]:
    """Return the argv that runs `argv` as a part of the run `scope`, as `lab.run`."""
    return ["env", f"{VARIABLE}={scope}", *argv] if scope else list(argv)


class Watcher:
    """Watches on a host that this process lives, and ends what it has started there if not.

    `argv` starts a shell that reads commands, as one who may end the processes of all users of the
    run `scope`. Any thread may `close` it. A host that cannot be watched is none the worse: the
    next run ends what was left.
    """

    def __init__(self, argv: Sequence[str], scope: str) -> None:
        lab, _, run = scope.partition(".")
        text = _WATCH.format(end=_functions(lab, run, ""), directory=_DIRECTORY, lab=lab, run=run)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                bufsize=0,
                env=of_client(),
            )
            self._tell(text.encode())

    def add(self, session: int) -> None:
        """Watch the terminal session with that id on the host as well."""
        with self._lock, contextlib.suppress(OSError):
            self._tell(f"shell {session}\n".encode())

    def close(self, *, end: bool = False) -> None:
        """Watch no more, and let what was started go on, unless that is to `end` now.

        Closing again does nothing.
        """
        with self._lock:
            process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        if not end:
            with contextlib.suppress(OSError):
                process.stdin.write(_LEAVE)
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _tell(self, text: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(text)
