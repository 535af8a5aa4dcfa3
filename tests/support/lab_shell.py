"""Shell commands on the hosts of a lab, as a test types them."""

from __future__ import annotations

from runbook.labs import Lab
from runbook.terminal.pipe import Pipe


def on(lab: Lab, host: str, command: str) -> str:
    """Return the output of a shell command on a host; it must succeed."""
    with Pipe.open(lab.connections()[host].pipe("root"), host=host) as pipe:
        done = pipe.run(command, timeout=60)
    assert done.status == 0, done
    return done.stdout.decode().strip()
