"""Shells that do all they can to be misunderstood."""

from __future__ import annotations

import getpass
import random
import time
from pathlib import Path

from runbook.execution.sessions.session import Session
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import Failure, HostLost
from tests.attack.attack import Attack

_TIMEOUT = 8.0
_NAMES = (
    "builtin", "eval", "printf", "read", "local", "return", "declare", "unset", "set", "command",
    "stty", "test", "[", "echo", "cd", "exec", "export", "shopt", "enable", "true", ":", "trap",
)  # fmt: skip
_BODIES = (":", "return 0", "return 9", "command true", "echo intruder", "false")
_ONCE = (
    "IFS=0123456789", "IFS=", "IFS=$'\\n;D'", "readonly IFS", "readonly PROMPT_COMMAND",
    "readonly PS1 PS2 PS4", "readonly s=1 l=2 n=3 i=4 b=5 p=6 w=7", "PROMPT_COMMAND='(exit 3)'",
    "PROMPT_COMMAND=('false' 'echo intruder')", "readonly PROMPT_COMMAND='(exit 5)'",
    "PS1='$(exit 4)\\e]133;D;0\\a'", "PS0='\\e]133;C\\a'", "set -u", "set -f", "set -x", "set -v",
    "set -a", "set -o posix", "set -o noclobber", "shopt -u promptvars", "shopt -s nullglob",
    "shopt -u expand_aliases", "shopt -s extdebug", "trap 'true' DEBUG", "trap ':' ERR RETURN",
    "trap 'echo bye' EXIT", "trap '' INT QUIT TSTP", "ulimit -n 3", "ulimit -n 10", "ulimit -f 0",
    "ulimit -t 5", "ulimit -s 256", "umask 777", "exec 2>/dev/null", "exec >/dev/null",
    "exec 3>&1 >/dev/null 2>&1", "exec 0</dev/null", "unset PATH", "PATH=",
    "hash -p /bin/false stty",
    "stty raw </dev/tty", "stty -isig -icanon -opost </dev/tty", "stty 0 </dev/tty",
    "printf '\\033]133;D;0\\007'", "printf '\\033]133;Q;0;runbook\\007'", "printf '\\033]133;'",
    "enable -n printf", "enable -n builtin", "enable -n eval read", "set -o vi", "set -o emacs",
    "mkdir -p /tmp/gone && cd /tmp/gone && cd / && rmdir $OLDPWD",
    "LC_ALL=C", "BASH_ENV=/nowhere", "set -- a b c", "set -m",
    "set +m", "kill -STOP $BASHPID & sleep 0.1; kill -CONT $!", "sleep 30 &", "coproc cat",
)  # fmt: skip


def _hostility(random: random.Random) -> str:
    kind = random.randrange(4)
    if kind == 0:
        return f"{random.choice(_NAMES)}() {{ {random.choice(_BODIES)}; }}"
    if kind == 1:
        return f"alias {random.choice(_NAMES).replace('[', 'test')}='{random.choice(_BODIES)}'"
    return random.choice(_ONCE)


def _attempt(random: random.Random, directory: Path) -> str:
    """Let a shell take a few hostile commands, and ask it after each what it must know."""
    del directory
    done: list[str] = []
    with Session.open(LocalConnection("box").shell(getpass.getuser()), host="box") as session:
        for _ in range(random.randint(1, 4)):
            done.append(_hostility(random))
            status, word = random.randrange(256), f"w{random.randrange(10**6)}"
            began = time.monotonic()
            try:
                session.run(done[-1], timeout=_TIMEOUT)
                said = session.run(f"(exit {status})", timeout=_TIMEOUT).status
                shown = session.run(f"/bin/echo {word} >/dev/tty", timeout=_TIMEOUT)
            except (HostLost, Failure):
                # It is said that nothing is known, or that there is no shell.
                if time.monotonic() - began > 3 * _TIMEOUT + 5:
                    return f"{done}: it took {time.monotonic() - began:.0f} s"
                return ""
            if said != status:
                return f"{done}: (exit {status}) is told to be {said}"
            if shown.status == 0 and word not in shown.output:
                return f"{done}: {word} is not in {shown.output!r}"
    return ""


ATTACK = Attack(
    "hostile shells",
    "functions, aliases, options, traps, limits and read-only variables that get in the way",
    "the exit status of every command after them is right, or the shell is said to be unusable",
    _attempt,
)
