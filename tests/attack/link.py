"""Run a program on a terminal of its own, behind a link that is slow in its own way.

    python link.py SEED PROGRAM...

It passes everything on in pieces of any length, some of them late. Otherwise it is as a relay such
as ssh: the near terminal is raw.
"""

from __future__ import annotations

import os
import pty
import random
import select
import signal
import sys
import time
import tty


def main() -> int:
    """Pass on until the program ends, and return its exit status."""
    chance = random.Random(sys.argv[1])
    lateness, size = chance.choice((0.0, 0.0005, 0.002)), chance.choice((1, 7, 100, 4000))
    child, far = pty.fork()
    if child == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvp(sys.argv[2], sys.argv[2:])
    tty.setraw(0)
    other = {0: far, far: 1}
    while True:
        for source in select.select(list(other), [], [])[0]:
            try:
                data = os.read(source, chance.randint(1, size))
            except OSError:
                data = b""
            if not data:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256
            if chance.random() < 0.2:
                # This is the link's own slowness, and nothing is waited for.
                time.sleep(chance.random() * lateness)
            os.write(other[source], data)


if __name__ == "__main__":
    sys.exit(main())
