"""Links that are slow, and cut what is sent into pieces."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from runbook.execution.sessions.session import Session
from runbook.terminal import bash
from tests.attack.attack import Attack

_LINK = Path(__file__).with_name("link.py")
_TIMEOUT = 60.0


def _attempt(random: random.Random, directory: Path) -> str:
    """Run commands whose output and status are known."""
    del directory
    argv = [sys.executable, str(_LINK), str(random.random()), *bash.SHELL]
    with Session.open(argv, host="box", timeout=_TIMEOUT) as session:
        for _ in range(3):
            status = random.randrange(256)
            text = "".join(
                random.choice("ab\u00e4\u20ac'\"\\$ \n") for _ in range(random.choice((0, 5, 9000)))
            )
            text = f"{text.strip()}."
            command = f"printf %s {bash.quote(text)}; (exit {status})"
            done = session.run(command, timeout=_TIMEOUT)
            if (done.output, done.status) != (text, status):
                return f"{command!r} is told to be {done!r}"
    return ""


ATTACK = Attack(
    "slow link",
    "connections that are late and pass on single bytes",
    "every output and exit status is right",
    _attempt,
)
