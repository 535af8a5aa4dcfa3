"""Programs that print the marks by which the end of a command is known, or cause them."""

from __future__ import annotations

import getpass
import random
from pathlib import Path

from runbook.execution.sessions.session import Session
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import Failure, HostLost
from tests.attack.attack import Attack

_TIMEOUT = 8.0
_PUSH = (
    'python3 -c \'import fcntl, os, termios; f = os.open("/dev/tty", os.O_RDWR);'
    ' [fcntl.ioctl(f, termios.TIOCSTI, bytes([c])) for c in b"{keys}"]\''
)


def _forgery(random: random.Random) -> str:
    status = random.randrange(256)
    delay = random.choice(("", "sleep 0.05; ", "sleep 0.2; ", "sleep 0.5; "))
    what = random.choice(
        (
            f"__runbook_at_prompt {status} ''",
            f"__runbook_mark 'D;{status}' \"$__runbook_n.1\"",
            f"__runbook_mark 'D;{status}' '{random.randrange(9)}z{random.randbytes(6).hex()}.1'",
            '__runbook_mark C "$__runbook_n"',
            f"__runbook_k=0; __runbook_n=1z; __runbook_at_prompt {status} ''",
            "__runbook_end $__runbook_n",
            f"printf '\\033]133;D;{status}\\007' >/dev/tty",
            f"printf '\\033]133;Q;{status};runbook\\007' >/dev/tty",
            "kill -INT $$",
            _PUSH.format(keys="\\n"),
            _PUSH.format(keys="(exit 3)\\n"),
            "cat /proc/$$/environ >/dev/tty",
            "declare -f >/dev/tty",
        )
    )
    text = f"{delay}{what}"
    return f"{{ {text}; }} &" if random.random() < 0.7 else text


def _attempt(random: random.Random, directory: Path) -> str:
    """Run commands whose status is known, while others forge it."""
    del directory
    done: list[str] = []
    with Session.open(LocalConnection("box").shell(getpass.getuser()), host="box") as session:
        for _ in range(4):
            done.append(_forgery(random))
            status = random.randrange(1, 125)
            command = f"sleep {random.choice((0, 0.1, 0.4))}; (exit {status})"
            whole = random.random() < 0.5
            try:
                if whole:
                    said = session.run(f"{done[-1]}\n{command}", timeout=_TIMEOUT).status
                else:
                    session.run(done[-1], timeout=_TIMEOUT)
                    said = session.run(command, timeout=_TIMEOUT).status
            except (HostLost, Failure):
                return ""
            # An interrupt ends the command, which is then not told to be well.
            if said not in (status, 130):
                return f"{done}, then {command}: told to be {said}"
    return ""


ATTACK = Attack(
    "forged marks",
    "jobs and programs that print the marks of a shell, interrupt it, or type into its terminal",
    "no command is told to have another exit status than its own",
    _attempt,
)
