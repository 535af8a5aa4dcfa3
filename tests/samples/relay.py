"""Run a program on a terminal of its own and pass everything on, one byte at a time.

It stands between a session and its shell as ssh does: the near terminal is raw, and its
state says nothing of the far one. If the file named first is removed, no further shell can
be reached.
"""

import os
import pty
import select
import signal
import sys
import tty
from pathlib import Path


def main() -> int:
    """Relay until the program ends, and pass on its exit status."""
    if not Path(sys.argv[1]).exists():
        sys.stderr.write("relay: no route to host\n")
        return 255
    child, far = pty.fork()
    if child == 0:
        # Python ignores this signal; ssh does not.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvp(sys.argv[2], sys.argv[2:])
    tty.setraw(0)
    other = {0: far, far: 1}
    while True:
        for source in select.select(list(other), [], [])[0]:
            try:
                data = os.read(source, 1)
            except OSError:
                data = b""
            if not data:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256
            os.write(other[source], data)


if __name__ == "__main__":
    sys.exit(main())
